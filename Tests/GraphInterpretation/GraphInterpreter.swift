import Foundation
import Graphs

/// Numbers of any type in double precision with a shape; truth values are 1 and 0.
public struct GraphArray: Equatable {
  /// The size along each axis.
  public var shape: [Int]
  /// The numbers, along the last axis first.
  public var values: [Double]

  /// Numbers with a shape of as many places.
  public init(_ values: [Double], _ shape: [Int]) { (self.values, self.shape) = (values, shape) }

  init(_ constant: GraphConstant) {
    shape = constant.shape
    switch constant.values {
    case .float(let list): values = list.map { Double($0) }
    case .int64(let list): values = list.map { Double($0) }
    case .int8(let list): values = list.map { Double($0) }
    case .bool(let list): values = list.map { $0 ? 1 : 0 }
    }
  }

  var integers: [Int] { values.map { Int($0) } }

  var strides: [Int] {
    var strides = [Int](repeating: 1, count: shape.count)
    for axis in shape.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * shape[axis + 1] }
    return strides
  }

  /// An array of another shape whose number at each place is read from a place of this one, or made.
  static func made(_ shape: [Int], _ value: ([Int]) -> Double) -> GraphArray {
    var values: [Double] = []
    var place = [Int](repeating: 0, count: shape.count)
    for _ in 0..<shape.reduce(1, *) {
      values.append(value(place))
      for axis in shape.indices.reversed() {
        place[axis] += 1
        if place[axis] < shape[axis] { break }
        place[axis] = 0
      }
    }
    return GraphArray(values, shape)
  }

  subscript(place: [Int]) -> Double { values[zip(place, strides).reduce(0) { $0 + $1.0 * $1.1 }] }

  /// The number at a place of a shape that this one is broadcast to.
  func broadcast(_ place: [Int]) -> Double {
    let own = place.suffix(shape.count)
    return self[zip(own, shape).map { $1 == 1 ? 0 : $0 }]
  }

  func reduced(_ axes: [Int], keeping: Bool, _ first: Double, _ next: (Double, Double) -> Double) -> GraphArray {
    let axes = Set(axes.map { $0 < 0 ? $0 + shape.count : $0 })
    let kept = shape.indices.map { axes.contains($0) ? 1 : shape[$0] }
    var result = GraphArray([Double](repeating: first, count: kept.reduce(1, *)), kept)
    let strides = result.strides
    _ = Self.made(shape) { place in
      let target = place.indices.reduce(0) { axes.contains($1) ? $0 : $0 + place[$1] * strides[$1] }
      result.values[target] = next(result.values[target], self[place])
      return 0
    }
    if !keeping { result.shape = shape.indices.filter { !axes.contains($0) }.map { shape[$0] } }
    return result
  }
}

/// Computes graphs operator by operator as the specification of ONNX says, slowly, in double precision: a second opinion on
/// what layers write of themselves where there is no onnxruntime.
public struct GraphInterpreter {
  struct Unknown: Error { let operation: String }

  /// The first output of a graph for its first input.
  ///
  /// - Throws: where the graph has an operator that is not known here.
  public static func run(_ graph: OperatorGraph, _ input: GraphArray) throws -> GraphArray {
    var values: [String: GraphArray] = [graph.inputs[0].name: input]
    for (name, constant) in graph.constants { values[name] = GraphArray(constant) }
    for node in graph.nodes {
      let found = try outputs(node, node.inputs.map { $0.isEmpty ? nil : values[$0] })
      for (name, value) in zip(node.outputs, found) { values[name] = value }
    }
    return values[graph.outputs[0].name] ?? GraphArray([], [0])
  }

  private static func outputs(_ node: OperatorGraph.Node, _ inputs: [GraphArray?]) throws -> [GraphArray] {
    let all = inputs.compactMap { $0 }
    let x = all[0]
    func int(_ name: String, _ standard: Int = 0) -> Int {
      if case .int(let value) = node.attributes[name] { value } else { standard }
    }
    func ints(_ name: String) -> [Int] { if case .ints(let value) = node.attributes[name] { value } else { [] } }
    func float(_ name: String) -> Double {
      if case .float(let value) = node.attributes[name] { Double(value) } else { 0 }
    }
    func axis(_ name: String = "axis") -> Int {
      let axis = int(name)
      return axis < 0 ? axis + x.shape.count : axis
    }
    func each(_ function: (Double) -> Double) -> [GraphArray] { [GraphArray(x.values.map(function), x.shape)] }
    func pairs(_ function: (Double, Double) -> Double) -> [GraphArray] {
      let y = all[1]
      let count = max(x.shape.count, y.shape.count)
      func padded(_ shape: [Int]) -> [Int] { [Int](repeating: 1, count: count - shape.count) + shape }
      let shape = zip(padded(x.shape), padded(y.shape)).map { $0 == 1 ? $1 : $0 }
      return [.made(shape) { function(x.broadcast($0), y.broadcast($0)) }]
    }
    switch node.operation {
    case "Identity": return [x]
    case "Add": return pairs(+)
    case "Sub": return pairs(-)
    case "Mul": return pairs(*)
    case "Div": return pairs(/)
    case "Max": return pairs { max($0, $1) }
    case "Greater": return pairs { $0 > $1 ? 1 : 0 }
    case "Equal": return pairs { $0 == $1 ? 1 : 0 }
    case "And": return pairs { $0 != 0 && $1 != 0 ? 1 : 0 }
    case "Or": return pairs { $0 != 0 || $1 != 0 ? 1 : 0 }
    case "Not": return each { $0 == 0 ? 1 : 0 }
    case "Cast": return each { int("to") == 1 ? $0 : $0.rounded(.towardZero) }
    case "Relu": return each { max(0, $0) }
    case "Round": return each { $0.rounded(.toNearestOrEven) }
    case "Sigmoid": return each { 1 / (1 + exp(-$0)) }
    case "Tanh": return each { tanh($0) }
    case "Erf": return each { erf($0) }
    case "Where": return [GraphArray(x.values.map { $0 != 0 ? all[1].values[0] : all[2].values[0] }, x.shape)]
    case "Shape": return [GraphArray([Double(x.shape[0])], [1])]
    case "Transpose":
      let order = ints("perm")
      return [
        .made(order.map { x.shape[$0] }) { place in
          var source = place
          for (new, old) in order.enumerated() { source[old] = place[new] }
          return x[source]
        }
      ]
    case "Flatten": return [GraphArray(x.values, [x.shape[0], x.shape.dropFirst().reduce(1, *)])]
    case "Reshape":
      var shape = all[1].integers.enumerated().map { $1 == 0 ? x.shape[$0] : $1 }
      if let open = shape.firstIndex(of: -1) { shape[open] = x.values.count / shape.filter { $0 != -1 }.reduce(1, *) }
      return [GraphArray(x.values, shape)]
    case "Unsqueeze":
      var shape = x.shape
      shape.insert(1, at: all[1].integers[0])
      return [GraphArray(x.values, shape)]
    case "Squeeze":
      var shape = x.shape
      shape.remove(at: all[1].integers[0])
      return [GraphArray(x.values, shape)]
    case "Expand": return [.made(all[1].integers.count == 3 ? all[1].integers : []) { x.broadcast($0) }]
    case "Concat":
      let axis = axis()
      var shape = x.shape
      shape[axis] = all.reduce(0) { $0 + $1.shape[axis] }
      return [
        .made(shape) { place in
          var place = place
          for part in all {
            if place[axis] < part.shape[axis] { return part[place] }
            place[axis] -= part.shape[axis]
          }
          return .nan
        }
      ]
    case "Gather":
      let (axis, indices) = (axis(), all[1])
      let shape: [Int] = Array(x.shape[..<axis]) + indices.shape + Array(x.shape[(axis + 1)...])
      return [
        .made(shape) { place in
          let index = indices[Array(place[axis..<axis + indices.shape.count])]
          let source: [Int] = Array(place[..<axis]) + [Int(index)] + Array(place[(axis + indices.shape.count)...])
          return x[source]
        }
      ]
    case "GatherND": return [.made([x.shape[0], x.shape[2]]) { x[[$0[0], all[1].integers[$0[0]], $0[1]]] }]
    case "GatherElements": return [.made(all[1].shape) { x[[$0[0], Int(all[1][$0])]] }]
    case "Slice":
      let (start, end, axis) = (all[1].integers[0], all[2].integers[0], all[3].integers[0])
      var shape = x.shape
      shape[axis] = min(end, shape[axis]) - start
      return [
        .made(shape) { place in
          var place = place
          place[axis] += start
          return x[place]
        }
      ]
    case "Split":
      var (start, parts) = (0, [GraphArray]())
      for size in all[1].integers {
        let from = start
        var shape = x.shape
        shape[axis()] = size
        parts.append(
          .made(shape) { place in
            var place = place
            place[axis()] += from
            return x[place]
          })
        start += size
      }
      return parts
    case "ReduceSum": return [x.reduced(all[1].integers, keeping: int("keepdims", 1) == 1, 0, +)]
    case "ReduceMax": return [x.reduced(ints("axes"), keeping: int("keepdims", 1) == 1, -.infinity) { max($0, $1) }]
    case "ReduceMean":
      let sum = x.reduced(ints("axes"), keeping: int("keepdims", 1) == 1, 0, +)
      let count = Double(x.values.count / sum.values.count)
      return [GraphArray(sum.values.map { $0 / count }, sum.shape)]
    case "ReduceL2":
      let sum = x.reduced(ints("axes"), keeping: true, 0) { $0 + $1 * $1 }
      return [GraphArray(sum.values.map { $0.squareRoot() }, sum.shape)]
    case "ArgMax":
      return rows(x) { row in [Double(row.indices.first { row[$0] == row.max() } ?? 0)] }.map {
        GraphArray($0.values, Array(x.shape.dropLast()))
      }
    case "Softmax":
      return rows(x) { row in
        let largest = row.max() ?? 0
        let powers = row.map { exp($0 - largest) }
        return powers.map { $0 / powers.reduce(0, +) }
      }
    case "TopK": return rows(x) { $0.sorted(by: >) }
    case "CumSum":
      return rows(x) { row in
        var sum = 0.0
        return row.map {
          sum += $0
          return sum
        }
      }
    case "LayerNormalization":
      return rows(x) { row in
        let mean = row.reduce(0, +) / Double(row.count)
        let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(row.count)
        return row.indices.map {
          (row[$0] - mean) / (variance + float("epsilon")).squareRoot() * all[1].values[$0] + all[2].values[$0]
        }
      }
    case "BatchNormalization":
      return [
        .made(x.shape) { place in
          let c = place[1]
          return (x[place] - all[3].values[c]) / (all[4].values[c] + float("epsilon")).squareRoot() * all[1].values[c]
            + all[2].values[c]
        }
      ]
    case "MatMul": return [product(x, all[1])]
    case "Conv":
      return [convolution(x, all[1], all.count > 2 ? all[2] : nil, ints("strides"), ints("dilations"), ints("pads"))]
    case "MaxPool":
      let (size, stride, padding) = (ints("kernel_shape")[0], ints("strides")[0], ints("pads")[0])
      return [
        .made([x.shape[0], x.shape[1]] + x.shape[2...].map { ($0 + 2 * padding - size) / stride + 1 }) { place in
          var largest = -Double.infinity
          for row in place[2] * stride - padding..<place[2] * stride - padding + size {
            for column in place[3] * stride - padding..<place[3] * stride - padding + size
            where (0..<x.shape[2]).contains(row) && (0..<x.shape[3]).contains(column) {
              largest = max(largest, x[[place[0], place[1], row, column]])
            }
          }
          return largest
        }
      ]
    case "GlobalAveragePool":
      let sum = x.reduced([2, 3], keeping: true, 0, +)
      return [GraphArray(sum.values.map { $0 / Double(x.shape[2] * x.shape[3]) }, sum.shape)]
    case "LSTM", "GRU": return [recurrence(node.operation == "LSTM", x, all[1], all[2], all[3])]
    case "DynamicQuantizeLinear":
      let (low, high) = (min(0, x.values.min() ?? 0), max(0, x.values.max() ?? 0))
      let scale = high == low ? 1 : (high - low) / 255
      let zero = max(0, min(255, (-low / scale).rounded(.toNearestOrEven)))
      let codes = x.values.map { max(0, min(255, ($0 / scale).rounded(.toNearestOrEven) + zero)) }
      return [GraphArray(codes, x.shape), GraphArray([scale], []), GraphArray([zero], [])]
    case "MatMulInteger": return [product(GraphArray(x.values.map { $0 - all[2].values[0] }, x.shape), all[1])]
    default: throw Unknown(operation: node.operation)
    }
  }

  /// Each row along the last axis by itself.
  private static func rows(_ x: GraphArray, _ function: ([Double]) -> [Double]) -> [GraphArray] {
    let width = x.shape[x.shape.count - 1]
    var (values, count) = ([Double](), width)
    for start in stride(from: 0, to: x.values.count, by: width) {
      let row = function(Array(x.values[start..<start + width]))
      values += row
      count = row.count
    }
    return [GraphArray(values, Array(x.shape.dropLast()) + [count])]
  }

  /// Matrix products; the right side is one matrix, or as many as the left one has.
  private static func product(_ x: GraphArray, _ y: GraphArray) -> GraphArray {
    let (depth, columns) = (x.shape[x.shape.count - 1], y.shape[y.shape.count - 1])
    let rows = x.shape.count > 1 ? x.shape[x.shape.count - 2] : 1
    let shape: [Int] = Array(x.shape.dropLast()) + [columns]
    var result = [Double](repeating: 0, count: shape.reduce(1, *))
    x.values.withUnsafeBufferPointer { left in
      y.values.withUnsafeBufferPointer { right in
        for row in 0..<result.count / columns {
          let matrix = y.shape.count > 2 ? row / rows * depth * columns : 0
          for k in 0..<depth {
            let factor = left[row * depth + k]
            for column in 0..<columns {
              result[row * columns + column] += factor * right[matrix + k * columns + column]
            }
          }
        }
      }
    }
    return GraphArray(result, shape)
  }

  /// A convolution along one axis or two.
  private static func convolution(
    _ x: GraphArray, _ kernel: GraphArray, _ bias: GraphArray?, _ strides: [Int], _ dilations: [Int], _ pads: [Int]
  ) -> GraphArray {
    let axes = x.shape.count - 2
    func both(_ sizes: [Int], _ standard: Int) -> (Int, Int) {
      axes == 2 ? (sizes.first ?? standard, sizes.last ?? standard) : (standard, sizes.first ?? standard)
    }
    let (height, width) = both(Array(x.shape[2...]), 1)
    let (kernelHeight, kernelWidth) = both(Array(kernel.shape[2...]), 1)
    let (down, right) = both(strides, 1)
    let (spread, dilation) = both(dilations, 1)
    let (top, left) = both(Array(pads.prefix(axes)), 0)
    let (bottom, behind) = both(Array(pads.suffix(axes)), 0)
    let rows = (height + top + bottom - (kernelHeight - 1) * spread - 1) / down + 1
    let columns = (width + left + behind - (kernelWidth - 1) * dilation - 1) / right + 1
    let (inputs, outputs) = (kernel.shape[1], kernel.shape[0])
    var result: [Double] = []
    x.values.withUnsafeBufferPointer { image in
      kernel.values.withUnsafeBufferPointer { weights in
        for item in 0..<x.shape[0] {
          for output in 0..<outputs {
            for row in 0..<rows {
              for column in 0..<columns {
                var sum = bias?.values[output] ?? 0
                for i in 0..<kernelHeight {
                  let y = row * down - top + i * spread
                  guard y >= 0, y < height else { continue }
                  for j in 0..<kernelWidth {
                    let z = column * right - left + j * dilation
                    guard z >= 0, z < width else { continue }
                    for input in 0..<inputs {
                      sum +=
                        image[((item * inputs + input) * height + y) * width + z]
                        * weights[((output * inputs + input) * kernelHeight + i) * kernelWidth + j]
                    }
                  }
                }
                result.append(sum)
              }
            }
          }
        }
      }
    }
    return GraphArray(result, [x.shape[0], outputs] + (axes == 2 ? [rows, columns] : [columns]))
  }

  /// All states `[time, 1, batch, hidden]` of a recurrent layer with the gates i, o, f, c or z, r, h.
  private static func recurrence(
    _ isLSTM: Bool, _ x: GraphArray, _ weights: GraphArray, _ recurrent: GraphArray, _ bias: GraphArray
  ) -> GraphArray {
    let (steps, batch, hidden) = (x.shape[0], x.shape[1], recurrent.shape[2])
    let half = bias.shape[1] / 2
    func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
    var result = GraphArray([Double](repeating: 0, count: steps * batch * hidden), [steps, 1, batch, hidden])
    for item in 0..<batch {
      var (state, cell) = ([Double](repeating: 0, count: hidden), [Double](repeating: 0, count: hidden))
      for step in 0..<steps {
        func own(_ gate: Int, _ unit: Int) -> Double {
          let row = gate * hidden + unit
          return (0..<x.shape[2]).reduce(bias.values[row]) { $0 + weights[[0, row, $1]] * x[[step, item, $1]] }
        }
        let before = state
        func past(_ gate: Int, _ unit: Int) -> Double {
          let row = gate * hidden + unit
          return (0..<hidden).reduce(bias.values[half + row]) { $0 + recurrent[[0, row, $1]] * before[$1] }
        }
        for unit in 0..<hidden {
          func gate(_ gate: Int) -> Double { sigmoid(own(gate, unit) + past(gate, unit)) }
          if isLSTM {
            cell[unit] = gate(2) * cell[unit] + gate(0) * tanh(own(3, unit) + past(3, unit))
            state[unit] = gate(1) * tanh(cell[unit])
          } else {
            let update = gate(0)
            let new = tanh(own(2, unit) + gate(1) * past(2, unit))
            state[unit] = (1 - update) * new + update * before[unit]
          }
          result.values[(step * batch + item) * hidden + unit] = state[unit]
        }
      }
    }
    return result
  }
}
