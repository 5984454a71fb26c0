import Datasets
import Kernels
import Runs
import SampleFolders
import Testing
import Training

/// Clips of a disc that moves left or right, with captions.
@Suite struct VideoLearningTests {
  private static func dataset(frames: Int) -> MultimodalDataset {
    let (side, ways) = (8, ["left", "right"])
    let tokeniser = SubwordTokeniser(texts: ways.map { "moves \($0)" }, minimumCount: 1)
    func split(_ name: String, copies: Int) -> MultimodalSplit {
      var stream = RandomStream(seed: 5, name: name)
      let all = (0..<copies * 2 * side).map { ($0 % 2, $0 / 2 % 4) }
      let rows = all.indices.map { Int32($0) }
      let clips = all.flatMap { way, x -> [Float] in
        let (first, step) = way == 0 ? (x + 4, -1) : (x, 1)
        let found = SampleClips.disc(side: side, frames: 5, x: first, y: stream.below(side), step: step)
        var clip: [Float] = []
        for value in (frames == 1 ? [found[2]] : Array(found.prefix(frames))).joined() {
          let noise = 0.05 * (stream.uniform() - 0.5)
          clip.append(Float(value) / 255 + noise)
        }
        return clip
      }
      return MultimodalSplit(
        name: name,
        columns: [
          ModalityColumn(
            modality: Modality(name: "clip", kind: .video(frames: frames, height: side, width: side, channels: 1)),
            items: .numbers(clips), rows: rows),
          ModalityColumn(
            modality: Modality(name: "caption", kind: .tokens(length: 4, vocabulary: tokeniser.vocabularyCount)),
            items: .tokens(all.flatMap { tokeniser.encode(["moves \(ways[$0.0])"], length: 4) }), rows: rows),
        ], labels: ["way": all.map { Int32($0.0) }], texts: ["caption": all.map { "moves \(ways[$0.0])" }])
    }
    return MultimodalDataset(
      name: "discs", train: split("train", copies: 20), validation: split("validation", copies: 4),
      test: split("test", copies: 8), classNames: ["way": ways], checksum: "discs \(frames)",
      tokenisers: ["caption": tokeniser])
  }

  /// Every method that takes modalities of any kind trains on clips.
  @Test(arguments: ["siglip", "triplet", "vicreg", "fdt", "gmc", "early-fusion", "late-fusion", "intermediate-fusion"])
  func clipsAreInputOfEveryMethod(recipe: String) throws {
    let run = try Album().run(
      recipe, on: Self.dataset(frames: 2),
      overrides: [
        "training.batchSize=40", "training.epochs=1", "model.videoDimensions=6", "model.videoHeads=2",
        "method.fusion.labelling=way", "evaluation.evaluators=[accuracy]", "evaluation.labellings=[way]",
      ])
    let score = run.result.scores.first { $0.evaluator == "accuracy" && $0.subject == "clip" }
    #expect(score?.value.isFinite == true)
  }
}
