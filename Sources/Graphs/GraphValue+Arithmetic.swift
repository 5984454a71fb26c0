extension GraphValue {
  /// The sum.
  public static func + (one: GraphValue, other: GraphValue) -> GraphValue { one.binary("Add", other) }
  /// The product, number by number.
  public static func * (one: GraphValue, other: GraphValue) -> GraphValue { one.binary("Mul", other) }
  /// The quotient, number by number.
  public static func / (one: GraphValue, other: GraphValue) -> GraphValue { one.binary("Div", other) }
  /// The difference.
  public static func - (one: GraphValue, other: GraphValue) -> GraphValue { one.binary("Sub", other) }
  /// A multiple.
  public static func * (one: GraphValue, factor: Float) -> GraphValue { one.binary("Mul", factor) }

  /// The sum with numbers that do not change, as ``+(_:_:)-(GraphValue,GraphValue)`` of a tensor channels last.
  public func adding(_ constant: GraphConstant, named stem: String = "offset") -> GraphValue {
    channelsLast + builder.constant(constant, named: stem)
  }

  /// max(x, 0)
  public func relu() -> GraphValue { unary("Relu") }
  /// The nearest whole number, of two equally near ones the even one.
  public func rounded() -> GraphValue { unary("Round") }
  /// σ(x)
  public func sigmoid() -> GraphValue { unary("Sigmoid") }
  /// tanh x
  public func tanh() -> GraphValue { unary("Tanh") }
  /// x σ(x)
  public func silu() -> GraphValue { self * sigmoid() }
  /// x σ(1.702 x)
  public func quickGELU() -> GraphValue { self * (self * 1.702).sigmoid() }
  /// x Φ(x), by the error function.
  public func gelu() -> GraphValue {
    let gate = binary("Div", Float(2).squareRoot()).unary("Erf").binary("Add", 1)
    return (self * gate) * 0.5
  }

  /// Rows of length 1: x / max(‖x‖, 10⁻¹²).
  public func l2Normalised() -> GraphValue {
    let length = builder.apply("ReduceL2", [self], ["axes": .ints([-1]), "keepdims": .int(1)])
    return self / length.binary("Max", 1e-12)
  }

  /// exp, divided by the sum over the last axis.
  public func softmax() -> GraphValue { unary("Softmax", ["axis": .int(-1)]) }

  /// The sum over some axes.
  public func sum(axes: [Int], keepingAxes: Bool = false) -> GraphValue {
    builder.apply(
      "ReduceSum", [self, builder.constant(GraphConstant(axes))], ["keepdims": .int(keepingAxes ? 1 : 0)])
  }

  /// The mean over some axes.
  public func mean(axes: [Int]) -> GraphValue {
    builder.apply("ReduceMean", [self], ["axes": .ints(axes), "keepdims": .int(0)])
  }

  /// The greatest over some axes.
  public func maximum(axes: [Int], keepingAxes: Bool = false) -> GraphValue {
    builder.apply("ReduceMax", [self], ["axes": .ints(axes), "keepdims": .int(keepingAxes ? 1 : 0)])
  }

  /// max(x, number)
  public func maximum(_ number: Float) -> GraphValue { binary("Max", number) }

  /// The matrix product with numbers that do not change, `[…, n] · [n, m]`.
  public func multiplied(by matrix: GraphConstant, named stem: String = "weight") -> GraphValue {
    let input = channelsLast
    return builder.apply("MatMul", [input, builder.constant(matrix, named: stem)])
  }

  /// A dense layer, x Wᵀ + b.
  ///
  /// - Parameters:
  ///   - weight: `[out, in]`.
  ///   - bias: `[out]`; nil for none.
  public func linear(weight: GraphConstant, bias: GraphConstant?) -> GraphValue {
    let product = multiplied(by: weight.transposed)
    return bias.map { product.adding($0, named: "bias") } ?? product
  }

  /// Layer norm over the last axis.
  public func layerNormalised(gain: GraphConstant, bias: GraphConstant, epsilon: Float) -> GraphValue {
    let input = channelsLast
    return builder.apply(
      "LayerNormalization",
      [input, builder.constant(gain, named: "gain"), builder.constant(bias, named: "bias")],
      ["axis": .int(-1), "epsilon": .float(epsilon), "stash_type": .int(1)])
  }

  /// The Euclidean projection of rows onto the simplex, `[batch, n]`, where rows have `count` numbers.
  public func sparsemax(count: Int) -> GraphValue {
    let all = builder.constant(GraphConstant([count]))
    let sorted = builder.apply(
      "TopK", [self, all], ["axis": .int(-1), "largest": .int(1), "sorted": .int(1)], results: 2)[0]
    let sums = builder.apply("CumSum", [sorted, builder.constant(GraphConstant(.int64([1]), shape: []))])
    let places = builder.constant(GraphConstant((1...count).map(Float.init), shape: [count]), named: "places")
    let isInside = builder.apply("Greater", [(sorted * places).binary("Add", 1), sums])
    let size = isInside.cast(to: .int64).sum(axes: [1], keepingAxes: true)
    let last = builder.apply("Sub", [size, builder.constant(GraphConstant([1]))])
    let total = builder.apply("GatherElements", [sums, last], ["axis": .int(1)])
    let threshold = total.binary("Sub", 1) / size.cast(to: .float)
    return (self - threshold).relu()
  }

  /// The numbers as another type: 1 and 0 for truth values.
  public func cast(to type: OperatorGraph.ElementType) -> GraphValue {
    unary("Cast", ["to": .int(type == .float ? 1 : 7)])
  }

  /// Where truth values hold, one number, else another.
  public func choosing(_ one: Float, _ other: Float) -> GraphValue {
    builder.apply("Where", [self, builder.constant(GraphConstant(one)), builder.constant(GraphConstant(other))])
  }

  /// Whether both hold.
  public func and(_ other: GraphValue) -> GraphValue { builder.apply("And", [self, other]) }
  /// Whether one of both holds.
  public func or(_ other: GraphValue) -> GraphValue { builder.apply("Or", [self, other]) }
  /// Whether it does not hold.
  public var negated: GraphValue { unary("Not") }

  /// For each number whether it is greater than another.
  public func exceeds(_ other: GraphValue) -> GraphValue { binary("Greater", other) }

  /// For each number whether it is a given one.
  public func equals(_ number: Float) -> GraphValue { binary("Equal", number) }

  /// For each whole number whether it is a given one.
  public func equals(integer: Int) -> GraphValue {
    builder.apply("Equal", [self, builder.constant(GraphConstant(.int64([Int64(integer)]), shape: []))])
  }
}
