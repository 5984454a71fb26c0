/// Which keys a query may look at, in a graph; made once for all layers.
public struct GraphMask {
  /// What is added to scores; nil for nothing.
  let bias: GraphValue?
  /// 0 for queries that may see no key, else 1; nil where each sees one.
  let gate: GraphValue?

  /// What hides a key: the sum with any score is this number itself.
  private static let hidden: Float = -1e30

  /// Every query sees every key.
  public static var none: GraphMask { GraphMask(bias: nil, gate: nil) }

  private init(bias: GraphValue?, gate: GraphValue?) { (self.bias, self.gate) = (bias, gate) }

  /// A mask of self-attention over `length` tokens.
  ///
  /// - Parameters:
  ///   - isCausal: whether a token sees only itself and those before it.
  ///   - allowedKeys: truth values, `[batch, length]`; nil allows all.
  public init(_ builder: GraphBuilder, length: Int, isCausal: Bool, allowedKeys: GraphValue?) {
    let causal =
      isCausal
      ? GraphConstant(
        .bool((0..<length).flatMap { query in (0..<length).map { $0 <= query } }), shape: [1, 1, length, length]) : nil
    guard let allowedKeys else {
      bias = causal.map { builder.constant($0, named: "mask").choosing(0, Self.hidden) }
      gate = nil
      return
    }
    let keys = allowedKeys.unsqueezed(1).unsqueezed(1)
    let allowed = causal.map { keys.and(builder.constant($0, named: "mask")) } ?? keys
    bias = allowed.choosing(0, Self.hidden)
    gate = allowed.cast(to: .float).maximum(axes: [3], keepingAxes: true)
  }
}

extension GraphValue {
  /// Multi-head attention of tokens to each other, from queries, keys and values side by side.
  ///
  /// Shapes: `[batch, tokens, 3 d]` → `[batch, tokens, d]`.
  ///
  /// - Parameter width: d.
  public func selfAttention(heads: Int, width: Int, mask: GraphMask) -> GraphValue {
    let third = builder.constant(GraphConstant([width, width, width]))
    let parts = builder.apply("Split", [self, third], ["axis": .int(2)], results: 3)
    let each = width / heads
    func divided(_ part: Int, _ order: [Int]) -> GraphValue {
      parts[part].reshaped(to: [0, 0, heads, each]).transposed(order)
    }
    let queries = divided(0, [0, 2, 1, 3])
    let scores = builder.apply("MatMul", [queries, divided(1, [0, 2, 3, 1])]) * (1 / Float(each).squareRoot())
    let weights = (mask.bias.map { scores + $0 } ?? scores).softmax()
    let attended = builder.apply("MatMul", [weights, divided(2, [0, 2, 1, 3])])
    let seen = mask.gate.map { attended * $0 } ?? attended
    return seen.transposed([0, 2, 1, 3]).reshaped(to: [0, 0, width])
  }

  /// A convolution of images.
  ///
  /// - Parameters:
  ///   - weight: `[out, kernelHeight, kernelWidth, in]`.
  ///   - bias: `[out]`; nil for none.
  ///   - padding: the zeros above, left, below and right.
  public func convolved(
    weight: GraphConstant, bias: GraphConstant?, stride: (height: Int, width: Int), padding: [Int]
  ) -> GraphValue {
    let inputs = [
      channelsFirst, builder.constant(weight.permuted([0, 3, 1, 2]), named: "kernel"),
      bias.map { builder.constant($0, named: "bias") },
    ]
    return builder.apply(
      "Conv", bias == nil ? Array(inputs.dropLast()) : inputs,
      [
        "kernel_shape": .ints([weight.shape[1], weight.shape[2]]), "strides": .ints([stride.height, stride.width]),
        "pads": .ints(padding),
      ], isChannelsFirst: true)
  }

  /// A convolution along time, `[batch, time, in]` → `[batch, time′, out]`.
  ///
  /// - Parameters:
  ///   - weight: `[out, kernel, in]`.
  ///   - padding: the zeros before and behind.
  public func convolvedInTime(
    weight: GraphConstant, bias: GraphConstant?, stride: Int, dilation: Int, padding: (before: Int, after: Int)
  ) -> GraphValue {
    let inputs = [
      transposed([0, 2, 1]), builder.constant(weight.permuted([0, 2, 1]), named: "kernel"),
      bias.map { builder.constant($0, named: "bias") },
    ]
    return builder.apply(
      "Conv", bias == nil ? Array(inputs.dropLast()) : inputs,
      [
        "kernel_shape": .ints([weight.shape[1]]), "strides": .ints([stride]), "dilations": .ints([dilation]),
        "pads": .ints([padding.before, padding.after]),
      ]
    ).transposed([0, 2, 1])
  }

  /// Batch norm by running statistics: of images over channels, else over the last of two axes.
  public func batchNormalised(
    gain: GraphConstant, bias: GraphConstant, mean: GraphConstant, variance: GraphConstant, epsilon: Float
  ) -> GraphValue {
    builder.apply(
      "BatchNormalization",
      [
        self, builder.constant(gain, named: "gain"), builder.constant(bias, named: "bias"),
        builder.constant(mean, named: "mean"), builder.constant(variance, named: "variance"),
      ], ["epsilon": .float(epsilon)], isChannelsFirst: isChannelsFirst)
  }

  /// The greatest of each window of an image.
  public func maxPooled(window: Int, stride: Int, padding: Int = 0) -> GraphValue {
    builder.apply(
      "MaxPool", [channelsFirst],
      [
        "kernel_shape": .ints([window, window]), "strides": .ints([stride, stride]),
        "pads": .ints([padding, padding, padding, padding]),
      ], isChannelsFirst: true)
  }

  /// The mean over a whole image, `[batch, channels]`.
  public func globallyAveraged() -> GraphValue {
    let mean = builder.apply("GlobalAveragePool", [channelsFirst])
    return builder.apply("Flatten", [mean], ["axis": .int(1)])
  }

  /// The places of an image as parts, `[batch, height · width, channels]`.
  public func places(channels: Int) -> GraphValue {
    builder.apply("Reshape", [channelsFirst, builder.constant(GraphConstant([0, channels, -1]))]).transposed([0, 2, 1])
  }

  /// Square patches of an image through a dense layer: a convolution whose stride is its kernel.
  ///
  /// Shapes: an image → `[batch, patches, d]`, row by row.
  ///
  /// - Parameter weight: `[d, size · size · channels]`, channels last.
  public func patches(size: Int, channels: Int, weight: GraphConstant, bias: GraphConstant?) -> GraphValue {
    convolved(
      weight: weight.reshaped(to: [weight.shape[0], size, size, channels]), bias: bias, stride: (size, size),
      padding: [0, 0, 0, 0]
    ).places(channels: weight.shape[0])
  }

  /// The gates of a recurrent layer.
  public enum Recurrence: Sendable {
    /// Input, forget, cell and output, as PyTorch orders them.
    case lstm
    /// Reset, update and new, as PyTorch orders them.
    case gru
  }

  /// All states of a recurrent layer, `[batch, time, in]` → `[batch, time, hidden]`.
  ///
  /// - Parameters:
  ///   - inputWeight: `[gates · hidden, in]`.
  ///   - hiddenWeight: `[gates · hidden, hidden]`.
  ///   - inputBias: `[gates · hidden]`.
  ///   - hiddenBias: `[gates · hidden]`.
  public func recurrent(
    _ kind: Recurrence, inputWeight: GraphConstant, hiddenWeight: GraphConstant, inputBias: GraphConstant,
    hiddenBias: GraphConstant
  ) -> GraphValue {
    // ONNX has input, output, forget and cell, and update, reset and new.
    let order = kind == .lstm ? [0, 3, 1, 2] : [1, 0, 2]
    let hidden = hiddenWeight.shape[1]
    func ordered(_ constant: GraphConstant) -> [Float] {
      order.flatMap { constant.rows($0 * hidden..<($0 + 1) * hidden).floats }
    }
    func weight(_ constant: GraphConstant) -> GraphValue {
      builder.constant(GraphConstant(ordered(constant), shape: [1] + constant.shape), named: "weight")
    }
    let bias = GraphConstant(ordered(inputBias) + ordered(hiddenBias), shape: [1, 2 * order.count * hidden])
    var attributes: [String: OperatorGraph.Attribute] = ["hidden_size": .int(hidden)]
    if kind == .gru { attributes["linear_before_reset"] = .int(1) }
    let states = builder.apply(
      kind == .lstm ? "LSTM" : "GRU",
      [transposed([1, 0, 2]), weight(inputWeight), weight(hiddenWeight), builder.constant(bias, named: "bias")],
      attributes)
    return states.squeezed(1).transposed([1, 0, 2])
  }
}
