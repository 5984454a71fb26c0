import Autograd
import Graphs
import Kernels
import Layers

/// An encoder of series: a network over the steps, and what is read off it.
struct SeriesNetworkEncoder: ModalityEncoder {
  let network: any SeriesNetwork
  let readout: EncoderOptions.SeriesReadout
  let length: Int

  var parts: [ModulePart] { network.parts }
  var width: Int { readout == .all ? length * network.width : network.width }

  func encoding(_ input: ModalityInput, in pass: ForwardPass) -> Encoding {
    let (values, isReal) = input.series
    let states = network.states(values, isReal: isReal, in: pass)
    switch readout {
    case .all: return .whole(states.flattened())
    case .last, .mean:
      let vector = TextTransformer.read(states, readout == .last ? .last : .mean, isReal: isReal)
      return Encoding(vector: vector, parts: states, isReal: isReal)
    }
  }

  func described(_ input: GraphValue) -> DescribedEncoding {
    // The first step is taken for real where none is, as `series` does.
    let marked = input.slice(axis: 2, from: 0, to: 1).squeezed(2).equals(0).negated
    let isEmpty = marked.cast(to: .float).sum(axes: [1], keepingAxes: true).equals(0)
    let first = input.builder.constant(GraphConstant(.bool((0..<length).map { $0 == 0 }), shape: [1, length]))
    let isReal = marked.or(isEmpty.and(first))
    let states = network.described(input.slice(axis: 2, from: 1), isReal: isReal, length: length)
    switch readout {
    case .all: return .whole(states.flattened())
    case .last, .mean:
      let vector = TextTransformer.describedRead(
        states, readout == .last ? .last : .mean, isReal: isReal, length: length)
      return DescribedEncoding(vector: vector, parts: states, isReal: isReal)
    }
  }
}

/// A network over the steps of series that keeps their number.
protocol SeriesNetwork: Module {
  /// The width of a state.
  var width: Int { get }

  /// The states of all steps, `[batch, steps, channels]` → `[batch, steps, width]`.
  func states(_ values: Tensor, isReal: [Bool], in pass: ForwardPass) -> Tensor

  /// The states of all steps as operators.
  ///
  /// - Parameters:
  ///   - isReal: for each step whether it is real, `[batch, steps]`.
  ///   - length: the number of steps.
  func described(_ values: GraphValue, isReal: GraphValue, length: Int) -> GraphValue
}

extension SeriesNetwork {
  /// Refuses: a network that does not say what it does is not written.
  func described(_ values: GraphValue, isReal: GraphValue, length: Int) -> GraphValue {
    values.refused(by: "\(Self.self)")
  }
}

/// Gated recurrent layers, one behind the other (Cho et al., 2014).
struct RecurrentSeries: SeriesNetwork {
  let layers: [GRU]
  let width: Int

  var parts: [ModulePart] { layers.enumerated().map { .module("\($0.offset)", $0.element) } }

  func states(_ values: Tensor, isReal: [Bool], in pass: ForwardPass) -> Tensor {
    layers.reduce(values) { $1($0, in: pass) }
  }

  func described(_ values: GraphValue, isReal: GraphValue, length: Int) -> GraphValue {
    layers.reduce(values) { $1.described($0) }
  }
}

/// Residual blocks of two causal convolutions, the dilation doubling from block to block (Bai et al., 2018, without their
/// weight normalisation and dropout).
///
///     y = max(0, r(x) + max(0, W₂ ∗ max(0, W₁ ∗ x))),   r a 1 × 1 convolution where the width changes, else x
struct ConvolutionalSeries: SeriesNetwork {
  struct Block: Module {
    let first, second: TemporalConvolution
    let residual: TemporalConvolution?

    var parts: [ModulePart] {
      [.module("first", first), .module("second", second)] + (residual.map { [.module("residual", $0)] } ?? [])
    }

    func callAsFunction(_ input: Tensor) -> Tensor {
      (second(first(input).relu()).relu() + (residual.map { $0(input) } ?? input)).relu()
    }

    func described(_ input: GraphValue) -> GraphValue {
      let main = second.described(first.described(input).relu()).relu()
      return (main + (residual.map { $0.described(input) } ?? input)).relu()
    }
  }

  let blocks: [Block]
  let width: Int

  var parts: [ModulePart] { blocks.enumerated().map { .module("\($0.offset)", $0.element) } }

  func states(_ values: Tensor, isReal: [Bool], in pass: ForwardPass) -> Tensor {
    // Padding before a series stays zero, so that a series means the same wherever it stands.
    let mask = Tensor(isReal.map { $0 ? 1 : 0 }, shape: [values.shape[0], values.shape[1], 1])
    return blocks.reduce(values) { $1($0) * mask }
  }

  func described(_ values: GraphValue, isReal: GraphValue, length: Int) -> GraphValue {
    let mask = isReal.cast(to: .float).unsqueezed(2)
    return blocks.reduce(values) { $1.described($0) * mask }
  }
}

/// A transformer over the steps, which see each other and no padding.
struct TransformerSeries: SeriesNetwork {
  let embedding: Linear
  let transformer: Transformer
  let width: Int

  var parts: [ModulePart] { [.module("embedding", embedding), .module("transformer", transformer)] }

  func states(_ values: Tensor, isReal: [Bool], in pass: ForwardPass) -> Tensor {
    let steps = values.shape[1]
    return transformer(
      embedding(values) + Tensor(positions(steps), shape: [1, steps, width]), mask: AttentionMask(allowedKeys: isReal),
      in: pass)
  }

  private func positions(_ steps: Int) -> [Float] {
    (1...steps).flatMap { SinusoidalPositions.row($0, dimensions: width) }
  }

  func described(_ values: GraphValue, isReal: GraphValue, length: Int) -> GraphValue {
    let placed = embedding.described(values)
      .adding(GraphConstant(positions(length), shape: [1, length, width]), named: "positions")
    let mask = GraphMask(values.builder, length: length, isCausal: false, allowedKeys: isReal)
    return transformer.described(placed, mask: mask)
  }
}

extension ModalityInput {
  /// The numbers of a modality of series, `[batch, steps, channels]`, and for each step whether it is real; the first is
  /// taken for real where none is, as in observations that lack the modality.
  public var series: (values: Tensor, isReal: [Bool]) {
    let all = tensor
    let (batch, steps, width) = (all.shape[0], all.shape[1], all.shape[2])
    var isReal = all.slice(axis: 2, 0..<1).values.map { $0 != 0 }
    for item in 0..<batch where !isReal[item * steps..<(item + 1) * steps].contains(true) {
      isReal[item * steps] = true
    }
    return (all.slice(axis: 2, 1..<width), isReal)
  }
}

extension EncoderOptions {
  /// The encoder of series of a length and number of channels.
  func seriesEncoder(length: Int, channels: Int, stream: inout RandomStream) -> any ModalityEncoder {
    let width = seriesDimensions
    let network: any SeriesNetwork
    switch seriesEncoder {
    case .gru:
      var layers: [GRU] = []
      for layer in 0..<seriesLayers { layers.append(GRU(layer == 0 ? channels : width, width, stream: &stream)) }
      network = RecurrentSeries(layers: layers, width: width)
    case .convolution:
      var blocks: [ConvolutionalSeries.Block] = []
      for block in 0..<seriesLayers {
        let input = block == 0 ? channels : width
        func convolution(_ input: Int) -> TemporalConvolution {
          TemporalConvolution(
            input, width, kernel: seriesKernel, dilation: 1 << block, padding: .causal, stream: &stream)
        }
        let (first, second) = (convolution(input), convolution(width))
        let residual = input == width ? nil : TemporalConvolution(input, width, kernel: 1, stream: &stream)
        blocks.append(ConvolutionalSeries.Block(first: first, second: second, residual: residual))
      }
      network = ConvolutionalSeries(blocks: blocks, width: width)
    case .transformer:
      let embedding = Linear(channels, width, stream: &stream)
      network = TransformerSeries(
        embedding: embedding,
        transformer: Transformer(
          layers: seriesLayers, dimensions: width, heads: seriesHeads, dropout: Float(seriesDropout), stream: &stream),
        width: width)
    }
    return SeriesNetworkEncoder(network: network, readout: seriesReadout, length: length)
  }
}
