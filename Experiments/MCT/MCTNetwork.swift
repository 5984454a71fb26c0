import Autograd
import Kernels
import Layers
import Objectives

/// One side's networks, that of queries or of keys: an encoder of images, one of captions, and a head for each space.
///
///     projection_h(x) = n(h(f(x))),   n(v) = v / max(‖v‖, 10⁻¹²)
///
/// Encoders and heads that no term of the method needs are left out, but for the image encoder.
struct MCTNetwork: Module {
  let image: ResNet
  let text: TextTransformer?
  let readout: TextTransformer.Readout
  let heads: [(head: MCT.Head, layers: MLP)]

  /// Creates the networks.
  init(_ settings: MCTSettings, data: MCTData, stream: inout RandomStream) {
    let model = settings.model
    image = ResNet(
      channels: data.imageSize.channels, widths: model.imageWidths, blocksPerStage: model.imageBlocks,
      groups: model.normalisationGroups, stream: &stream)
    readout = model.textReadout
    let needed = settings.method.heads
    if needed.contains(.captionIntra) || needed.contains(.captionCommon) {
      var options = TextTransformer.Options()
      options.vocabulary = data.vocabulary
      options.length = data.captionLength
      options.dimensions = model.textDimensions
      options.layers = model.textLayers
      options.heads = model.textHeads
      options.isCausal = false
      options.dropout = Float(model.textDropout)
      text = TextTransformer(options, embeddingDeviation: 0.02, stream: &stream)
    } else {
      text = nil
    }
    let hidden = model.head == .perceptron ? [model.headDimensions] : []
    var heads: [(MCT.Head, MLP)] = []
    for head in MCT.Head.allCases where needed.contains(head) {
      let features = head.isOfImages ? image.outputDimensions : model.textDimensions
      let widths = [features] + hidden + [settings.method.dimensions]
      heads.append((head, MLP(widths: widths, activation: .relu, stream: &stream)))
    }
    self.heads = heads
  }

  var parts: [ModulePart] {
    [.module("image", image)] + (text.map { [.module("text", $0)] } ?? [])
      + heads.map { .module("head.\($0.head.rawValue)", $0.layers) }
  }

  /// The features of images before the heads, `[batch, height, width, channels]` → `[batch, last width]`.
  func features(images: Tensor, in pass: ForwardPass) -> Tensor { image(images, in: pass) }

  /// The features of captions before the heads, `batch · length` tokens → `[batch, width]`.
  func features(captions: [Int32], batch: Int, in pass: ForwardPass) -> Tensor {
    guard let text else { preconditionFailure("MCTNetwork: captions without an encoder") }
    let isReal = captions.map { $0 != 0 }
    return TextTransformer.read(text(captions, batch: batch, isReal: isReal, in: pass), readout, isReal: isReal)
  }

  /// The projections of features by some of the heads, rows of length 1.
  func projections(_ features: Tensor, ofImages: Bool, heads wanted: Set<MCT.Head>) -> [MCT.Head: Tensor] {
    var result: [MCT.Head: Tensor] = [:]
    for (head, layers) in heads where head.isOfImages == ofImages && wanted.contains(head) {
      result[head] = layers(features).l2Normalised()
    }
    return result
  }
}

extension MCT.Head {
  /// Whether it takes features of images, not of captions.
  var isOfImages: Bool { self == .imageIntra || self == .imageCommon }
}
