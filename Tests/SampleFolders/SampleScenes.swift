import Foundation
import Kernels

/// Scenes and sentences in the form of NLVR's files: what is drawn at random is said of it, truly or not.
public enum SampleScenes {
  /// The colours as the files name them.
  public static let colours = ["Black", "#0099ff", "Yellow"]
  static let words = ["black", "blue", "yellow"]
  static let shapes = ["circle", "square", "triangle"]

  /// One line of a file.
  ///
  /// - Parameter boxes: for each box its objects: colour, shape, size and the corner.
  public static func line(
    _ identifier: String, _ sentence: String, _ label: String,
    boxes: [[(colour: String, shape: String, size: Int, x: Int, y: Int)]]
  ) -> String {
    let found = boxes.map { box in
      let objects = box.map {
        "{\"y_loc\": \($0.y), \"type\": \"\($0.shape)\", \"color\": \"\($0.colour)\", \"x_loc\": \($0.x), \"size\": \($0.size)}"
      }
      return "[\(objects.joined(separator: ", "))]"
    }
    return
      "{\"sentence\": \"\(sentence)\", \"evals\": {\"r0\": \"\(label)\"}, \"label\": \"\(label)\", \"directory\": \"1\", "
      + "\"identifier\": \"\(identifier)\", \"structured_rep\": [\(found.joined(separator: ", "))]}"
  }

  /// Scenes of boxes with four large objects of one colour each, with a sentence that names a colour; every second is false.
  public static func lines(_ count: Int, seed: UInt64) -> [String] {
    var stream = RandomStream(seed: seed, name: "scenes")
    return (0..<count).map { number in
      // A scene lacks one colour, so that a sentence about it is false.
      let lacking = stream.below(3)
      let kept = (0..<3).filter { $0 != lacking }
      let own = (0..<3).map { box in box < 2 ? kept[box] : kept[stream.below(2)] }
      let isTrue = number % 2 == 0
      let said = isTrue ? kept[stream.below(2)] : lacking
      let order = stream.permutation(of: 3)
      return line(
        "\(number)-0", "There is a \(words[said]) object", isTrue ? "true" : "false",
        boxes: order.map { box in
          [(0, 0), (50, 0), (0, 50), (50, 50)].map { x, y in
            (colours[own[box]], shapes[stream.below(3)], 30, x + stream.below(21), y + stream.below(21))
          }
        })
    }
  }

  /// Writes the three files under `nlvr` of a data root.
  public static func write(to root: URL, train: Int, dev: Int, test: Int) throws {
    for (seed, (side, count)) in [("train", train), ("dev", dev), ("test", test)].enumerated() {
      try write(lines(count, seed: UInt64(seed)), side: side, to: root)
    }
  }

  /// Writes one file under `nlvr` of a data root.
  public static func write(_ lines: [String], side: String, to root: URL) throws {
    let folder = root.appending(path: "nlvr/\(side)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: folder.appending(path: "\(side).json"))
  }
}
