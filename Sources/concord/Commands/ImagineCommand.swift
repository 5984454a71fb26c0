import ArgumentParser
import Datasets
import Diagnostics
import Foundation
import Search
import StrictYAML

/// `concord imagine`
struct ImagineCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "imagine", abstract: "Writes pictures for texts or classes, by a trained run of a generative method.",
    discussion: """
      Example:  concord imagine runs/compare-mvae "red heart" --output heart.png

      Example:  concord imagine runs/compare-mvae "빨간 하트" --from ko --draws 8 --output hearts.png

      A picture is written from the mean of the code's distribution given the text, or with --draws from codes drawn of it; a \
      text's pictures stand in one row.
      """)

  /// The most pictures of a file.
  private static let mostPictures = 4_096
  /// The most bytes of a file's pixels, 1 GiB, and the most pixels of a side, which libpng sets.
  private static let (mostBytes, mostPixels) = (1 << 30, 1_000_000)

  @OptionGroup var trained: TrainedRunArguments

  @Argument(help: "The texts, or names of classes; in quotes where they have several words.")
  var texts: [String]

  @Option(help: "The modality that the texts are of, such as caption-ko or label; by the words where it is left out.")
  var from: String?

  @Option(help: "How many pictures of each text, from drawn codes; 0 for one from the mean.")
  var draws = 0

  @Option(name: .customLong("draw-seed"), help: "The seed of the draws.")
  var drawSeed = 0

  @Option(help: "How many pixels of the file a pixel takes along each side.")
  var scale = 4

  @Option(help: "The .png file to write.")
  var output: String

  @Flag(help: "Replace the file where it is there already.")
  var force = false

  func validate() throws {
    guard URL(fileURLWithPath: output).pathExtension.lowercased() == "png" else {
      throw ValidationError("--output must end with .png, not '\(output)'")
    }
    try trained.requireFloat32(for: "pictures")
    if from != nil, trained.language != nil { throw ValidationError("give either --from or --language") }
    guard !texts.contains(where: { $0.allSatisfy(\.isWhitespace) }) else { throw ValidationError("a text is empty") }
    guard (0...1_000).contains(draws) else { throw ValidationError("--draws must be 0 to 1000, not \(draws)") }
    guard (1...64).contains(scale) else { throw ValidationError("--scale must be 1 to 64, not \(scale)") }
    guard texts.count * max(draws, 1) <= Self.mostPictures else {
      throw ValidationError("\(texts.count * max(draws, 1)) pictures, of which at most \(Self.mostPictures) fit")
    }
  }

  func run() throws {
    try TrainedRunArguments.check(output, mayReplace: force)
    let (run, search) = try trained.open()
    let data = search.embedder.data
    guard from != nil || !data.captions.isEmpty else {
      throw UserError(
        .usage, "the run has no captions that the texts could be", at: trained.run,
        mend: "name its modality of classes by --from, such as --from label")
    }
    // What is no caption may be a modality of classes.
    let name =
      try from.map { name in (try? data.caption(named: name).name) ?? name }
      ?? TextQuery.resolve(texts, language: trained.language, in: data)[0].caption.name
    guard
      let found = try search.embedder.imagine(
        texts: texts, caption: name, draws: draws, seed: UInt64(bitPattern: Int64(drawSeed)))
    else {
      throw UserError(
        .usage, "the run writes no pictures from \(name) \(texts.joined(separator: ", "))", at: trained.run,
        mend: "name a run of a generative method (method.name vae), and of its modalities "
          + (data.captions.map(\.name) + ["or one of classes with a class"]).joined(separator: ", "))
    }
    try Self.check(rows: texts.count, found, scale: scale)
    let sheet = Self.sheet(found, rows: texts.count, scale: scale)
    try sheet.write(to: URL(fileURLWithPath: output))
    if trained.json {
      return say(
        JSONValue.object([
          "run": .text(run.name), "modality": .text(name), "texts": .list(texts.map(JSONValue.text)),
          "pictures": .integer(found.count), "output": .text(output),
        ]).json)
    }
    say("\(found.count) \(found.count == 1 ? "picture" : "pictures") of \(name), \(run.name): \(output)")
  }

  /// Refuses what no file can hold.
  private static func check(rows: Int, _ pictures: ImaginedPictures, scale: Int) throws(UserError) {
    let (height, width) = (
      rows * (pictures.shape[0] * scale + 2), pictures.count / rows * (pictures.shape[1] * scale + 2)
    )
    guard max(height, width) <= mostPixels, height * width * 3 <= mostBytes else {
      throw UserError(
        .usage,
        "the file would have \(height) × \(width) pixels, of which at most \(mostPixels) on a side and "
          + "\(mostBytes / 3) in all fit", mend: "lower --scale or --draws, or give fewer texts")
    }
  }

  /// The pictures in rows with a light line between them.
  private static func sheet(_ pictures: ImaginedPictures, rows: Int, scale: Int) -> PNGFile {
    let (height, width, channels) = (pictures.shape[0], pictures.shape[1], pictures.shape[2])
    let columns = pictures.count / rows
    let (cellHeight, cellWidth) = (height * scale + 2, width * scale + 2)
    let (full, wide) = (rows * cellHeight, columns * cellWidth)
    var pixels = [UInt8](repeating: 224, count: full * wide * 3)
    for picture in 0..<pictures.count {
      let (top, left) = (picture / columns * cellHeight + 1, picture % columns * cellWidth + 1)
      for y in 0..<height * scale {
        for x in 0..<width * scale {
          let source = ((picture * height + y / scale) * width + x / scale) * channels
          let target = ((top + y) * wide + left + x) * 3
          for c in 0..<3 {
            let value = pictures.pixels[source + (channels == 3 ? c : 0)]
            pixels[target + c] = UInt8((min(max(value, 0), 1) * 255).rounded())
          }
        }
      }
    }
    return PNGFile(width: wide, height: full, channels: 3, pixels: pixels)
  }
}
