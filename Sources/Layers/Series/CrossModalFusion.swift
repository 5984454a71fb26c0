import Autograd
import Kernels

/// Several series joined by transformers between every two of them, as in MulT (Tsai et al., ACL 2019) and in the joint
/// encoder of GMC's supervised experiment.
///
///     x_m = dropout(s_m) · C_mᵀ,   c_m = [T_{m←n}(x_m, x_n)]_{n ≠ m},   h = [last step of T_m(c_m)]_m
///     y   = W (h + W₂ max(0, W₁ h + b₁) + b₂) + b
///
/// Shapes: one `[batch, steps, channels]` for each modality → `[batch, output]`.
public struct CrossModalFusion: Module {
  /// Sizes and rates of dropout.
  public struct Options: Codable, Equatable, Sendable {
    /// The width of a series within.
    public var dimensions = 30
    /// The heads of each attention.
    public var heads = 5
    /// The layers of each transformer.
    public var layers = 5
    /// The dropout of attention's weights, by the modality that is attended to; 0 for those that are not named.
    public var attentionDropout: [Double] = [0.1]
    /// The dropout of a series' numbers, by modality; 0 for those that are not named.
    public var inputDropout: [Double] = [0.25]

    /// Those of the official experiment, whose first modality is text.
    public init() {}
  }

  private let options: Options
  private let convolutions: [TemporalConvolution]
  /// For each modality those towards it, in the order of the others.
  private let crossings: [[CrossModalTransformer]]
  private let memories: [CrossModalTransformer]
  private let first, second, output: Linear

  /// Creates the networks for series of some numbers of channels, two at least.
  public init(_ options: Options, channels: [Int], output width: Int, stream: inout RandomStream) {
    precondition(channels.count > 1, "CrossModalFusion: \(channels.count) series")
    self.options = options
    func rate(_ rates: [Double], _ place: Int) -> Float { rates.indices.contains(place) ? Float(rates[place]) : 0 }
    var convolutions: [TemporalConvolution] = []
    for count in channels {
      convolutions.append(
        TemporalConvolution(count, options.dimensions, kernel: 1, bias: false, stream: &stream))
    }
    func transformer(_ width: Int, _ dropout: Float) -> CrossModalTransformer {
      CrossModalTransformer(
        .init(dimensions: width, heads: options.heads, layers: options.layers, attentionDropout: dropout),
        stream: &stream)
    }
    var crossings: [[CrossModalTransformer]] = []
    var memories: [CrossModalTransformer] = []
    for place in channels.indices {
      var own: [CrossModalTransformer] = []
      for source in channels.indices where source != place {
        own.append(transformer(options.dimensions, rate(options.attentionDropout, source)))
      }
      crossings.append(own)
    }
    let joined = (channels.count - 1) * options.dimensions
    for _ in channels { memories.append(transformer(joined, 0.1)) }
    (self.convolutions, self.crossings, self.memories) = (convolutions, crossings, memories)
    first = Linear(channels.count * joined, channels.count * joined, stream: &stream)
    second = Linear(channels.count * joined, channels.count * joined, stream: &stream)
    output = Linear(channels.count * joined, width, stream: &stream)
  }

  /// Convolutions, transformers and dense layers.
  public var parts: [ModulePart] {
    var parts = convolutions.enumerated().map { ModulePart.module("convolution.\($0.offset)", $0.element) }
    for (place, own) in crossings.enumerated() {
      parts += own.enumerated().map { .module("crossing.\(place).\($0.offset)", $0.element) }
    }
    parts += memories.enumerated().map { .module("memory.\($0.offset)", $0.element) }
    return parts + [.module("first", first), .module("second", second), .module("output", output)]
  }

  /// Joins the series.
  public func callAsFunction(_ series: [Tensor], in pass: ForwardPass) -> Tensor {
    precondition(
      series.count == convolutions.count, "CrossModalFusion: \(series.count) series for \(convolutions.count)")
    let narrow = series.enumerated().map { place, values in
      let rate = options.inputDropout.indices.contains(place) ? Float(options.inputDropout[place]) : 0
      return convolutions[place](Dropout(rate: rate)(values, in: pass))
    }
    let last = narrow.indices.map { place in
      let others = narrow.indices.filter { $0 != place }
      let crossed = zip(crossings[place], others).map { $0(narrow[place], source: narrow[$1], in: pass) }
      let seen = memories[place](Tensor.concatenated(crossed, axis: 2), in: pass)
      return seen.selecting(seen.shape[1] - 1, axis: 1)
    }
    let joined = Tensor.concatenated(last, axis: 1)
    return output(joined + second(first(joined, followedBy: .relu)))
  }
}
