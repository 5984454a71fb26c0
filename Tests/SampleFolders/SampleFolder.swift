import Foundation
import Interchange
import Kernels

/// Small data sets that can be learnt, as folders without a `dataset.yaml`.
public enum SampleFolder {
  /// Colours and shapes of ``writePictures(to:count:seed:)``.
  private static let colours: [(name: String, rgb: [Float])] = [
    ("red", [210, 40, 40]), ("green", [40, 170, 60]), ("blue", [50, 70, 210]), ("yellow", [220, 200, 40]),
  ]
  private static let shapes = ["disc", "square", "stripe"]

  /// Writes a folder of such pictures with captions and the labelling `shape`, described by a `dataset.yaml`.
  ///
  /// - Parameters:
  ///   - size: the side of a picture.
  ///   - length: the tokens of a caption.
  ///   - others: further modalities as lines of the description.
  public static func writeShapes(
    to folder: URL, count: Int, size: Int = 16, length: Int = 8, others: String...
  ) throws {
    try writePictures(to: folder, count: count)
    let modalities =
      [
        "picture: { kind: image, column: file, size: \(size) }",
        "caption: { kind: text, column: caption, length: \(length) }",
      ] + others
    let lines = ["name: shapes", "table: captions.csv", "modalities:"] + modalities.map { "  \($0)" }
    try Data((lines + ["labels: [shape]"]).joined(separator: "\n").utf8)
      .write(to: folder.appending(path: "dataset.yaml"))
  }

  /// Writes JPEGs of coloured shapes of various sizes into `images`, and `captions.csv` with the columns `file`,
  /// `caption` (a quoted cell with a comma), `tags` and `shape`.
  public static func writePictures(to folder: URL, count: Int, seed: UInt64 = 0) throws {
    let images = folder.appendingPathComponent("images")
    try FileManager.default.createDirectory(at: images, withIntermediateDirectories: true)
    var stream = RandomStream(seed: seed, name: "sample/pictures")
    var lines = ["file,caption,tags,shape"]
    for index in 0..<count {
      let colour = colours[index % colours.count]
      let shape = shapes[index / colours.count % shapes.count]
      let (width, height) = (32 + stream.below(24), 32 + stream.below(24))
      let (x, y) = (Float(width) * (0.4 + 0.2 * stream.uniform()), Float(height) * (0.4 + 0.2 * stream.uniform()))
      let radius = 8 + 6 * stream.uniform()
      var pixels: [UInt8] = []
      for row in 0..<height {
        for column in 0..<width {
          let (dx, dy) = (abs(Float(column) - x), abs(Float(row) - y))
          let isInside =
            switch shape {
            case "disc": dx * dx + dy * dy < radius * radius
            case "square": max(dx, dy) < radius
            default: dy < radius / 3
            }
          for channel in 0..<3 {
            let value = (isInside ? colour.rgb[channel] : 235) + 20 * (stream.uniform() - 0.5)
            pixels.append(UInt8(max(0, min(255, value))))
          }
        }
      }
      let name = "\(colour.name)-\(index).jpg"
      try SampleFiles.jpeg(width: width, height: height, pixels: pixels, isProgressive: index % 2 == 1)
        .write(to: images.appendingPathComponent(name))
      lines.append("images/\(name),\"a \(colour.name) \(shape), number \(index)\",\(colour.name);\(shape),\(shape)")
    }
    try Data((lines.joined(separator: "\r\n") + "\r\n").utf8).write(to: folder.appendingPathComponent("captions.csv"))
  }

  /// Writes `gaze.npy` (float32, 12 numbers a row), `motion.npy` (float64, 6 × 4 numbers) and `keys.npy` (int64, 8),
  /// each with a row for every row of `table.tsv`, which has the columns `id`, `activity` and `split`.
  public static func writeArrays(to folder: URL, count: Int, seed: UInt64 = 0) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    var stream = RandomStream(seed: seed, name: "sample/arrays")
    let activities = ["reading", "typing", "walking", "resting"]
    let widths = [12, 24, 8]
    let centres = widths.map { width in activities.map { _ in (0..<width).map { _ in 6 * stream.uniform() - 3 } } }
    var values = widths.map { _ in [Float]() }
    var lines = ["id\tactivity\tsplit"]
    for index in 0..<count {
      let activity = index % activities.count
      for (modality, width) in widths.enumerated() {
        for i in 0..<width { values[modality].append(centres[modality][activity][i] + 2 * stream.uniform() - 1) }
      }
      let split = ["train", "train", "train", "val", "test"][index / activities.count % 5]
      lines.append("s\(index)\t\(activities[activity])\t\(split)")
    }
    let arrays: [(String, NumericArray)] = [
      ("gaze", NumericArray(values[0], shape: [count, 12])),
      ("motion", NumericArray(values[1].map { Double($0) }, shape: [count, 6, 4])),
      ("keys", NumericArray(values[2].map { Int64(($0 * 10).rounded()) }, shape: [count, 8])),
    ]
    for (name, array) in arrays {
      try NumpyFile(array).write(to: folder.appendingPathComponent("\(name).npy"))
    }
    try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: folder.appendingPathComponent("table.tsv"))
  }
}
