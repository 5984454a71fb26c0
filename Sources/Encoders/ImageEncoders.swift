import Autograd
import Graphs
import Kernels
import Layers
import Objectives

/// An encoder of pictures that sees them as a whole and in parts: a vision transformer or a residual network.
struct PartwiseEncoder: ModalityEncoder {
  let network: any PartwiseImageEncoder
  /// Whether parts pass the last norm where the network has one.
  let normalisesParts: Bool

  var parts: [ModulePart] { network.parts }
  var width: Int { network.outputDimensions }

  func encoding(_ input: ModalityInput, in pass: ForwardPass) -> Encoding {
    let found = network.tokens(input.tensor, normalised: normalisesParts, in: pass)
    return Encoding(vector: found.classToken, parts: found.patches)
  }

  func described(_ input: GraphValue) -> DescribedEncoding {
    let found = network.describedTokens(input, normalised: normalisesParts)
    return DescribedEncoding(vector: found.classToken, parts: found.patches)
  }
}

extension EncoderOptions {
  /// The encoder of pictures of a size.
  func imageEncoder(height: Int, width: Int, channels: Int, stream: inout RandomStream) -> any ModalityEncoder {
    switch imageEncoder {
    case .vit:
      var options = VisionTransformer.Options()
      (options.imageSize, options.imageWidth) = (height, width == height ? nil : width)
      (options.patchSize, options.channels) = (patchSize, channels)
      (options.dimensions, options.layers) = (imageDimensions, imageLayers)
      (options.heads, options.dropout) = (imageHeads, Float(imageDropout))
      let network = VisionTransformer(options, stream: &stream)
      if freezesPatches { for (_, parameter) in network.patch.parameters { parameter.isTrainable = false } }
      return PartwiseEncoder(network: network, normalisesParts: normalisesPatches)
    case .resnet:
      let network = ResNet(
        channels: channels, widths: imageWidths, blocksPerStage: imageBlocks, groups: normalisationGroups,
        stream: &stream)
      return PartwiseEncoder(network: network, normalisesParts: normalisesPatches)
    case .resnet50:
      let network = BottleneckResNet(
        channels: channels, widths: imageWidths,
        blocks: Array(BottleneckResNet.blocksOfResNet50.prefix(imageWidths.count)), groups: normalisationGroups,
        stream: &stream)
      return PartwiseEncoder(network: network, normalisesParts: normalisesPatches)
    case .pooled:
      var options = ConvolutionalImageEncoder.Options()
      (options.imageSize, options.imageWidth) = (height, width == height ? nil : width)
      (options.channels, options.dimensions) = (channels, imageDimensions)
      let network = ConvolutionalImageEncoder(options, stream: &stream)
      return LayeredEncoder(layers: Sequential(network), width: network.outputDimensions)
    case .strided:
      // Each convolution halves an image, rounding down where a side is odd.
      let (rows, columns) = (height / 2 / 2, width / 2 / 2)
      precondition(rows > 0 && columns > 0, "strided encoder: images of \(height) × \(width) are too small")
      precondition(stridedWidths.count == 2, "strided encoder: \(stridedWidths.count) widths, not 2")
      let (first, second) = (stridedWidths[0], stridedWidths[1])
      let layers = Sequential(
        Conv2d(channels, first, kernel: 4, stride: 2, padding: 1, bias: false, stream: &stream), Activation.silu,
        Conv2d(first, second, kernel: 4, stride: 2, padding: 1, bias: false, stream: &stream), Activation.silu,
        Flatten())
      return LayeredEncoder(layers: layers, width: second * rows * columns)
    }
  }
}
