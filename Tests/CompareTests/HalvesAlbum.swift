import Datasets
import Kernels

/// Small pictures of two colours with captions such as `red over blue`: what BLIP learns to match and to write within seconds.
enum HalvesAlbum {
  /// The side of a picture.
  static let side = 8
  private static let colours: [(name: String, rgb: [Float])] = [
    ("red", [0.85, 0.15, 0.15]), ("green", [0.15, 0.7, 0.2]), ("blue", [0.2, 0.25, 0.85]),
    ("yellow", [0.9, 0.8, 0.1]),
  ]

  /// The number of kinds of pictures.
  static var kinds: Int { colours.count * colours.count }

  /// Networks that are small and steps that are large enough to learn it.
  static let overrides = [
    "data.modalities=[picture, caption]", "training.batchSize=32", "training.learningRate=0.003",
    "training.warmupSteps=0", "model.imageDimensions=32", "model.imageLayers=2", "model.imageHeads=2",
    "model.imageDropout=0", "model.patchSize=4", "model.textDimensions=32", "model.textLayers=2", "model.textHeads=2",
    "model.textDropout=0", "model.dimensions=16", "method.blip.momentumShare=0.02", "method.blip.queueSize=64",
  ]

  private static func caption(of kind: Int) -> String {
    "\(colours[kind % colours.count].name) over \(colours[kind / colours.count].name)"
  }

  private static func pixels(of kind: Int, using stream: inout RandomStream) -> [Float] {
    (0..<side * side).flatMap { index -> [Float] in
      let colour = index < side * side / 2 ? kind % colours.count : kind / colours.count
      return colours[colour].rgb.map { max(0, min(1, $0 + 0.3 * (stream.uniform() - 0.5))) }
    }
  }

  /// Pictures with noise of their own; every kind is on each side.
  static let dataset: MultimodalDataset = {
    let tokeniser = SubwordTokeniser(texts: (0..<kinds).map(caption), minimumCount: 1)
    func split(_ name: String, copies: Int) -> MultimodalSplit {
      var stream = RandomStream(seed: 4, name: name)
      let all = (0..<kinds * copies).map { $0 % kinds }
      let texts = all.map(caption)
      let columns = [ModalityColumn].album(
        pixels: all.flatMap { pixels(of: $0, using: &stream) }, side: side, captions: texts, tokeniser: tokeniser)
      return MultimodalSplit(
        name: name, columns: columns, labels: ["kind": all.map { Int32($0) }], texts: ["caption": texts])
    }
    return MultimodalDataset(
      name: "halves", train: split("train", copies: 24), validation: split("validation", copies: 1),
      test: split("test", copies: 3), classNames: ["kind": (0..<kinds).map(caption)], checksum: "halves",
      tokenisers: ["caption": tokeniser])
  }()
}
