import Kernels

/// The parameters of two dense layers with a non-linearity between them.
///
/// Shapes: `up [hidden, in]`, `upBias [hidden]`, `down [out, hidden]`, `downBias [out]`.
public struct PerceptronWeights {
  /// The first layer's weight.
  public let up: Tensor
  /// The first layer's bias.
  public let upBias: Tensor
  /// The second layer's weight.
  public let down: Tensor
  /// The second layer's bias.
  public let downBias: Tensor

  /// Creates the parameters of two layers.
  public init(up: Tensor, upBias: Tensor, down: Tensor, downBias: Tensor) {
    self.up = up
    self.upBias = upBias
    self.down = down
    self.downBias = downBias
  }

  fileprivate var tensors: [Tensor] { [up, upBias, down, downBias] }
}

extension Tensor {
  /// Two dense layers with a non-linearity between them, `f(x W₁ᵀ + b₁) W₂ᵀ + b₂`.
  ///
  /// Rows are taken in blocks whose hidden values stay in cache, each thread its own; of the hidden layer only the sums
  /// before the non-linearity are kept for the gradient.
  ///
  /// Shapes: `[…, in]` → `[…, out]`.
  public func perceptron(_ weights: PerceptronWeights, function: FusedFunction) -> Tensor {
    PerceptronCore(self, weights: weights, function: function, frame: nil).run()
  }

  /// A pre-norm residual branch of two dense layers, `x + dropout(f(n W₁ᵀ + b₁) W₂ᵀ + b₂)` with `n = layerNorm(x)`.
  ///
  /// As ``perceptron(_:function:)``; norm, dropout and sum belong to the same blocks, and the norm is taken anew for the
  /// gradient. The stream moves on by one number for each element where there is dropout.
  ///
  /// Shapes: `[…, d]` → `[…, d]`.
  public func addingPerceptron(
    _ weights: PerceptronWeights, function: FusedFunction, behind norm: NormWeights, dropoutRate: Float,
    using stream: inout RandomStream
  ) -> Tensor {
    let frame = ResidualFrame(self, norm: norm, dropoutRate: dropoutRate, using: &stream)
    return PerceptronCore(self, weights: weights, function: function, frame: frame).run()
  }
}

/// A perceptron on rows: its sizes and passes.
struct PerceptronCore {
  let x: Tensor
  let weights: PerceptronWeights
  let frame: ResidualFrame?
  let rows, input, hidden, output: Int
  let operation: UnaryOperation
  let blocks: RowBlocks

  init(_ x: Tensor, weights: PerceptronWeights, function: FusedFunction, frame: ResidualFrame?) {
    self.x = x
    self.weights = weights
    self.frame = frame
    (rows, input) = x.rowSizes
    hidden = weights.up.shape[0]
    output = weights.down.shape[0]
    operation = function.operation
    blocks = RowBlocks(units: rows, weights: weights.up.count)
    precondition(
      weights.up.shape == [hidden, input] && weights.upBias.shape == [hidden]
        && weights.down.shape == [output, hidden] && weights.downBias.shape == [output]
        && (frame == nil || input == output),
      "perceptron: input \(x.shape), weights \(weights.up.shape) and \(weights.down.shape), biases \(weights.upBias.shape) and \(weights.downBias.shape)"
    )
  }

  var parameters: [Tensor] {
    weights.tensors + (frame.map { [$0.norm.gain, $0.norm.bias] } ?? [])
  }
  /// The rows of a block.
  var block: Int { blocks.size }

  func run() -> Tensor {
    let result = Tensor(uninitialized: Array(x.shape.dropLast()) + [output])
    let inputs = [x] + parameters
    let isRecorded = Tape.isRecording && inputs.contains { $0.isRecorded }
    if let reduced = ReducedInference.current {
      if let up = reduced.integers(weights.up), let down = reduced.integers(weights.down) {
        forward(sums: nil, quantised: (up, down), into: result.pointer)
        return result
      }
      if let up = reduced.rounded(weights.up), let down = reduced.rounded(weights.down) {
        roundedForward(up, down, sums: nil, into: result.pointer)
        return result
      }
    }
    if ArithmeticPrecision.current == .bfloat16, Bfloat16.isWorthwhile(m: min(rows, block), n: hidden, k: input) {
      let kept = RoundedKept(self, isRecorded: isRecorded)
      roundedForward(kept.up, kept.down, sums: kept.sums, into: result.pointer)
      return result.recorded(from: inputs) { roundedBackward(kept, gradient: $0) }
    }
    let sums = isRecorded ? Storage(count: rows * hidden) : nil
    forward(sums: sums, into: result.pointer)
    return result.recorded(from: inputs) { gradient in
      if let sums { backward(sums: sums, gradient: gradient) }
    }
  }

  private func forward(
    sums: Storage?, quantised: (up: Int8Weights, down: Int8Weights)? = nil, into y: UnsafeMutablePointer<Float>
  ) {
    blocks.run { range in
      let active = Storage(count: block * hidden)
      let own = sums == nil ? Storage(count: block * hidden) : nil
      let normalised = frame == nil ? nil : Storage(count: block * input)
      let branch = frame?.hasDropout == true ? Storage(count: block * output) : nil
      let room = quantised.map { _ in
        Int8Rows(rows: block, inputs: max(input, hidden), outputs: max(hidden, output))
      }
      for index in range {
        let (start, count) = blocks.extent(index)
        guard let sum = sums.map({ $0.pointer + start * hidden }) ?? own?.pointer else { continue }
        let source = normalised?.pointer ?? x.pointer + start * input
        frame?.normalise(start, count, into: source)
        if let quantised, let room {
          room.multiply(source, leading: input, count: count, by: quantised.up, into: sum, leading: hidden)
        } else {
          BLAS.multiply(
            m: count, n: hidden, k: input, source, leading: input, transposed: false, weights.up.pointer,
            leading: input, transposed: true, into: sum, leading: hidden)
        }
        Elementwise.applyBehindBias(
          operation, sum, bias: weights.upBias.pointer, sum: sum, into: active.pointer, rows: count, columns: hidden)
        let target = y + start * output
        let result = branch?.pointer ?? target
        if let quantised, let room {
          room.multiply(
            active.pointer, leading: hidden, count: count, by: quantised.down, into: result, leading: output)
        } else {
          BLAS.multiply(
            m: count, n: output, k: hidden, active.pointer, leading: hidden, transposed: false, weights.down.pointer,
            leading: hidden, transposed: true, into: result, leading: output)
        }
        Elementwise.addBias(weights.downBias.pointer, to: result, rows: count, columns: output)
        frame?.close(result, start, count, into: target)
      }
    }
  }

  private func backward(sums: Storage, gradient: Tensor) {
    let slope = x.node == nil && frame == nil ? nil : Tensor(uninitialized: x.shape)
    let (dy, dx) = (gradient.pointer, slope?.pointer)
    BlockwiseGradients.addUp(for: parameters, blocks: blocks) { range, own in
      let active = Storage(count: block * hidden)
      let change = Storage(count: block * hidden)
      let normalised = frame == nil ? nil : Storage(count: block * input)
      let room = frame?.hasDropout == true ? Storage(count: block * output) : nil
      for index in range {
        let (start, count) = blocks.extent(index)
        let (sum, whole) = (sums.pointer + start * hidden, dy + start * output)
        let d = frame?.slopes(whole, start, count, room: room?.pointer) ?? whole
        let source = normalised?.pointer ?? x.pointer + start * input
        frame?.normalise(start, count, into: source)
        Elementwise.apply(operation, to: sum, into: active.pointer, count: count * hidden)
        // dW₂ = dYᵀ a;  da = dY W₂;  ds = da f′(s);  dW₁ = dsᵀ n;  dn = ds W₁
        BLAS.multiply(
          m: output, n: hidden, k: count, d, leading: output, transposed: true, active.pointer, leading: hidden,
          transposed: false, beta: own.adds(2, at: index) ? 1 : 0, into: own[2], leading: hidden)
        AxisReduction.sum(d, into: own[3], outer: 1, count: count, inner: output, scale: 1, adding: true)
        BLAS.multiply(
          m: count, n: hidden, k: output, d, leading: output, transposed: false, weights.down.pointer,
          leading: hidden, transposed: false, into: change.pointer, leading: hidden)
        Elementwise.applyGradient(
          operation, input: sum, output: active.pointer, gradient: change.pointer, into: change.pointer,
          count: count * hidden, adding: false)
        BLAS.multiply(
          m: hidden, n: input, k: count, change.pointer, leading: hidden, transposed: true, source, leading: input,
          transposed: false, beta: own.adds(0, at: index) ? 1 : 0, into: own[0], leading: input)
        AxisReduction.sum(change.pointer, into: own[1], outer: 1, count: count, inner: hidden, scale: 1, adding: true)
        guard let dx else { continue }
        let target = dx + start * input
        // The normalised rows have served; their slopes take their place.
        let inner = normalised?.pointer ?? target
        BLAS.multiply(
          m: count, n: input, k: hidden, change.pointer, leading: hidden, transposed: false, weights.up.pointer,
          leading: input, transposed: false, into: inner, leading: input)
        frame?.open(inner, gradient: whole, start, count, into: target, gain: own[4], bias: own[5])
      }
    }
    if let slope { x.node?.accumulate(slope) }
  }
}
