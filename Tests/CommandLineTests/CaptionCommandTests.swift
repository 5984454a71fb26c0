import BLIPPaper
import CaptionPaper
import Foundation
import Recipes
import Testing

/// `caption` on one small run on pictures of coloured shapes.
@Suite(.serialized) struct CaptionCommandTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try ShapeRun.train(
      "caption/folder", of: RecipeCatalogue([CaptionExperiment()]), in: folder,
      Self.settings + [
        "method.caption.decoder.embeddingDimensions=8", "method.caption.decoder.dimensions=8",
      ])
    _ = try folder.write("no picture", to: "words.png")
  }

  private static let settings = ["training.warmupSteps=0", "evaluation.captioning.decoding.maximumLength=6"]

  /// A run of BLIP writes as one of a recurrent network does.
  @Test func aRunOfBLIPWrites() throws {
    let other = try TemporaryFolder()
    try ShapeRun.train(
      "blip/emoji-captions", of: RecipeCatalogue([BLIPExperiment()]), in: other,
      Self.settings + [
        "data.set=folder", "data.modalities=[picture, caption]", "augmentation.isOn=false",
        "evaluation.labellings=null",
        "model.textDimensions=8", "model.textLayers=1", "model.textHeads=2", "model.dimensions=6",
        "method.blip.queueSize=16",
      ])
    let picture = "\(other.url.path)/own/images/red-0.jpg"
    for (option, description) in [
      ("--strategy greedy", "the likeliest token each time"), ("--beams 2", "2 beams, length penalty 0.7"),
      ("--samples 3 --json", "\"modality\""),
    ] {
      let outcome = try Program.run(
        ["caption", other.url.appending(path: "run").path, picture] + option.split(separator: " ").map(String.init),
        environment: ["CONCORD_CACHE": "\(other.url.path)/cache"])
      #expect(outcome.exitCode == 0 && outcome.output.contains(description), "\(outcome.errors)\(outcome.output)")
    }
  }

  private func concord(_ line: String) throws -> Program.Outcome {
    let words = line.split(separator: " ").map { String($0).replacing("HERE", with: folder.url.path) }
    return try Program.run(words, environment: ["CONCORD_CACHE": "\(folder.url.path)/cache"])
  }

  @Test func picturesGetCaptions() throws {
    let pictures = "HERE/own/images/red-0.jpg HERE/own/images/green-1.jpg"
    let outcome = try concord("caption HERE/run \(pictures)")
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    let lines = outcome.output.replacing(folder.url.path, with: "HERE").split(separator: "\n")
    #expect(lines.count == 3 && lines[0].hasPrefix("HERE/own/images/red-0.jpg: ") && lines[0].contains("  (-"))
    #expect(lines[2].hasPrefix("caption by caption/folder ") && lines[2].hasSuffix(", 3 beams, length penalty 0.7."))
    // What is drawn repeats by its seed, and the order of the pictures does not matter to what is not drawn.
    let drawn = "caption HERE/run \(pictures) --samples 3 --temperature 2 --json"
    let (first, again, other) = (try concord(drawn), try concord(drawn), try concord(drawn + " --draw-seed 1"))
    #expect(first.exitCode == 0 && first.output == again.output && first.output != other.output)
    let found = try #require(JSONSerialization.jsonObject(with: Data(first.output.utf8)) as? [String: Any])
    let all = try #require(found["pictures"] as? [[String: Any]])
    #expect(all.count == 2 && all.allSatisfy { ($0["captions"] as? [[String: Any]])?.count == 3 })
    #expect(found["modality"] as? String == "caption")
    let alone = try concord("caption HERE/run HERE/own/images/green-1.jpg --strategy greedy --maximum-length 3")
    #expect(alone.exitCode == 0 && alone.output.contains("the likeliest token each time"))
  }

  @Test(arguments: [
    ("caption HERE/run", "64 concord: Missing expected argument '<pictures> ...'; see `concord caption --help`"),
    ("caption HERE/run HERE/none.png", "74 concord: HERE/none.png: there is no such file; check its name and folder"),
    ("caption HERE/run x.png --beams 0", "64 concord: --beams must be 1 to 64; see `concord caption --help`"),
    (
      "caption HERE/run x.png --top-p 2",
      "64 concord: --top-p must be above 0 and at most 1; see `concord caption --help`"
    ),
    (
      "caption HERE/run x.png --strategy best",
      "64 concord: --strategy must be greedy, beam or nucleus, not 'best'; see `concord caption --help`"
    ),
    (
      "caption HERE/run x.png --strategy greedy --beams 2",
      "64 concord: --beams belongs to --strategy beam; see `concord caption --help`"
    ),
    (
      "caption HERE/run x.png --beams 2 --samples 2",
      "64 concord: give either --beams or --samples; see `concord caption --help`"
    ),
    (
      "caption HERE/run HERE/own/images/red-0.jpg --caption ko",
      "64 concord: HERE/run: the run writes no ko; it writes caption"
    ),
  ]) func badInputIsOneLine(line: String, message: String) throws {
    let outcome = try concord(line)
    let errors = outcome.errors.replacing(folder.url.path, with: "HERE")
    #expect("\(outcome.exitCode) \(errors)" == message + "\n", "\(line)")
    #expect(outcome.output.isEmpty)
  }

  @Test func filesAndRunsThatDoNotFitAreNamed() throws {
    let words = try concord("caption HERE/run HERE/words.png")
    #expect(
      words.exitCode == 65 && words.errors.contains("words.png") && words.errors.split(separator: "\n").count == 1)
    let missing = try concord("caption HERE/nowhere HERE/own/images/red-0.jpg")
    #expect(missing.exitCode == 74 || missing.exitCode == 64, "\(missing.errors)")
    #expect(missing.errors.split(separator: "\n").count == 1)
  }
}
