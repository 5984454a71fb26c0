import Autograd
import Graphs
import Layers

/// A network that sees an image as a whole and in parts.
public protocol PartwiseImageEncoder: Module {
  /// The width of the image's vector and of each part's.
  var outputDimensions: Int { get }

  /// An image's vector and its parts, row by row.
  ///
  /// - Parameter normalised: whether the parts pass the last norm where the network has one.
  func tokens(_ input: Tensor, normalised: Bool, in pass: ForwardPass) -> VisionTransformer.Tokens

  /// An image's vector and its parts, as operators.
  func describedTokens(_ input: GraphValue, normalised: Bool) -> (classToken: GraphValue, patches: GraphValue)
}

extension PartwiseImageEncoder {
  /// Refuses: an encoder that does not say what it does is not written.
  public func describedTokens(_ input: GraphValue, normalised: Bool) -> (classToken: GraphValue, patches: GraphValue) {
    let refused = input.refused(by: "\(Self.self)")
    return (refused, refused)
  }
}

extension VisionTransformer: PartwiseImageEncoder {
  /// The width of a token.
  public var outputDimensions: Int { options.dimensions }
}

extension ResNet: PartwiseImageEncoder {
  /// The mean over the last feature map, and its places; there is no last norm.
  public func tokens(_ input: Tensor, normalised: Bool, in pass: ForwardPass) -> VisionTransformer.Tokens {
    VisionTransformer.Tokens(map: featureMap(input, in: pass))
  }

  /// The mean over the last feature map, and its places, as operators.
  public func describedTokens(_ input: GraphValue, normalised: Bool) -> (classToken: GraphValue, patches: GraphValue) {
    let map = describedMap(input)
    return (map.globallyAveraged(), map.places(channels: outputDimensions))
  }
}

extension BottleneckResNet: PartwiseImageEncoder {
  /// The mean over the last feature map, and its places; there is no last norm.
  public func tokens(_ input: Tensor, normalised: Bool, in pass: ForwardPass) -> VisionTransformer.Tokens {
    VisionTransformer.Tokens(map: featureMap(input, in: pass))
  }

  /// The mean over the last feature map, and its places, as operators.
  public func describedTokens(_ input: GraphValue, normalised: Bool) -> (classToken: GraphValue, patches: GraphValue) {
    let map = describedMap(input)
    return (map.globallyAveraged(), map.places(channels: outputDimensions))
  }
}

extension VisionTransformer.Tokens {
  /// The mean over a feature map, `[batch, height, width, d]`, and its places.
  fileprivate init(map: Tensor) {
    self.init(
      classToken: map.globallyAveraged(),
      patches: map.reshaped(to: [map.shape[0], map.shape[1] * map.shape[2], map.shape[3]]))
  }
}
