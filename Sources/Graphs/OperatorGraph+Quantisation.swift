extension OperatorGraph {
  /// The graph with its linear layers in whole numbers of 8 bits: each product with a matrix that does not change.
  ///
  ///     W ≈ s W_q,   s[o] = max_i |W[i, o]| / 127,   W_q = round(W / s);   x ≈ s_x (x_q − z_x), for the whole batch
  ///     y = s_x s[o] Σ_i (x_q − z_x) W_q[i, o]
  ///
  /// Scales are of each output; activations are quantised when they come, over the whole batch, so that a row's result
  /// depends on its batch. Convolutions, recurrent layers, tables, norms and the products within attention stay as they
  /// are. These are the operators and numbers of onnxruntime's `quantize_dynamic` with `per_channel=True` and
  /// `op_types_to_quantize=["MatMul"]`.
  public func dynamicallyQuantised() -> OperatorGraph {
    let matrices = Dictionary(
      uniqueKeysWithValues: constants.compactMap { name, value -> (String, GraphConstant)? in
        if case .float = value.values, value.shape.count == 2 { (name, value) } else { nil }
      })
    var result = self
    result.nodes = []
    var quantised: Set<String> = []
    var (weights, replaced): ([(name: String, value: GraphConstant)], Set<String>) = ([], [])
    for node in nodes {
      guard node.operation == "MatMul", let matrix = matrices[node.inputs[1]], matrices[node.inputs[0]] == nil else {
        result.nodes.append(node)
        continue
      }
      let (input, weight, output) = (node.inputs[0], node.inputs[1], node.outputs[0])
      if quantised.insert(input).inserted {
        result.nodes.append(
          Node(
            "DynamicQuantizeLinear", name: "\(input)_QuantizeLinear", inputs: [input],
            outputs: ["\(input)_quantized", "\(input)_scale", "\(input)_zero_point"]))
      }
      if replaced.insert(weight).inserted { weights += Self.quantised(weight, matrix) }
      let (scale, sums) = ("\(node.name)_quant_scales_mul:0", "\(output)_output_quantized")
      result.nodes += [
        Node(
          "Mul", name: "\(node.name)_quant_scales_mul", inputs: ["\(input)_scale", "\(weight)_scale"],
          outputs: [scale]),
        Node(
          "MatMulInteger", name: "\(node.name)_quant",
          inputs: ["\(input)_quantized", "\(weight)_quantized", "\(input)_zero_point", "\(weight)_zero_point"],
          outputs: [sums]),
        Node(
          "Cast", name: "\(sums)_cast", inputs: [sums], outputs: ["\(sums)_cast_output"], attributes: ["to": .int(1)]),
        Node(
          "Mul", name: "\(node.name)_quant_output_scale_mul", inputs: ["\(sums)_cast_output", scale],
          outputs: [output]),
      ]
    }
    let needed = Set(result.nodes.flatMap(\.inputs))
    result.constants = constants.filter { needed.contains($0.name) } + weights
    return result
  }

  /// A matrix `[in, out]` as whole numbers, scales and zero points.
  static func quantised(_ name: String, _ matrix: GraphConstant) -> [(name: String, value: GraphConstant)] {
    let (rows, columns) = (matrix.shape[0], matrix.shape[1])
    let values = matrix.floats
    var greatest = [Float](repeating: 0, count: columns)
    for row in 0..<rows {
      for column in 0..<columns { greatest[column] = max(greatest[column], abs(values[row * columns + column])) }
    }
    let scales = greatest.map { $0 == 0 ? 1 : Float(Double($0) / 127) }
    var codes = [Int8](repeating: 0, count: values.count)
    for row in 0..<rows {
      for column in 0..<columns {
        let place = row * columns + column
        codes[place] = Int8(max(-127, min(127, (values[place] / scales[column]).rounded(.toNearestOrEven))))
      }
    }
    return [
      ("\(name)_quantized", GraphConstant(.int8(codes), shape: [rows, columns])),
      ("\(name)_scale", GraphConstant(scales, shape: [columns])),
      ("\(name)_zero_point", GraphConstant(.int8([Int8](repeating: 0, count: columns)), shape: [columns])),
    ]
  }
}
