import Kernels

/// The weights of one recurrent layer, as PyTorch names and packs them.
///
/// Shapes, with g = 4 gates (i, f, g, o) for the LSTM and 3 (r, z, n) for the GRU: `inputWeight [g·hidden, in]`,
/// `hiddenWeight [g·hidden, hidden]`, both biases `[g·hidden]`.
public struct RecurrentWeights {
  /// W_ih
  public let inputWeight: Tensor
  /// W_hh
  public let hiddenWeight: Tensor
  /// b_ih
  public let inputBias: Tensor
  /// b_hh
  public let hiddenBias: Tensor

  /// Creates the weights of a layer.
  public init(inputWeight: Tensor, hiddenWeight: Tensor, inputBias: Tensor, hiddenBias: Tensor) {
    self.inputWeight = inputWeight
    self.hiddenWeight = hiddenWeight
    self.inputBias = inputBias
    self.hiddenBias = hiddenBias
  }

  fileprivate var tensors: [Tensor] { [inputWeight, hiddenWeight, inputBias, hiddenBias] }

  fileprivate func check(gates: Int, input: Tensor, _ name: StaticString) -> (hidden: Int, gateWidth: Int) {
    let hidden = hiddenWeight.shape.last ?? 0
    let wide = gates * hidden
    precondition(
      input.rank == 3 && inputWeight.shape == [wide, input.shape[2]] && hiddenWeight.shape == [wide, hidden]
        && inputBias.shape == [wide] && hiddenBias.shape == [wide],
      "\(name): input \(input.shape), weights \(inputWeight.shape) and \(hiddenWeight.shape), biases \(inputBias.shape) and \(hiddenBias.shape)"
    )
    return (hidden, wide)
  }
}

extension Tensor {
  /// A long short-term memory layer from a zero state (Hochreiter & Schmidhuber, 1997; gates as PyTorch has them).
  ///
  ///     i, f, o = σ(…), g = tanh(…) of W_ih x + b_ih + W_hh h + b_hh;   c = f c + i g;   h = o tanh c
  ///
  /// Shapes: `[batch, time, in]` → all hidden states, `[batch, time, hidden]`.
  public func lstm(_ weights: RecurrentWeights) -> Tensor {
    let (hidden, wide) = weights.check(gates: 4, input: self, "lstm")
    let (batch, time, width) = (shape[0], shape[1], shape[2])
    let sequence = TimeMajor(input: self)
    let gates = sequence.projected(weights.inputWeight, weights.inputBias, weights.hiddenBias)
    let states = Storage(count: time * batch * hidden)
    let cells = Storage(count: (time + 1) * batch * hidden)
    Elementwise.fill(cells.pointer, with: 0, count: batch * hidden)
    let step = batch * hidden
    for t in 0..<time {
      let gate = gates.pointer + t * batch * wide
      if t > 0 {
        BLAS.multiply(
          m: batch, n: wide, k: hidden, states.pointer + (t - 1) * step, leading: hidden, transposed: false,
          weights.hiddenWeight.pointer, leading: hidden, transposed: true, beta: 1, into: gate, leading: wide)
      }
      RecurrentStep.lstm(
        gates: gate, cellBefore: cells.pointer + t * step, cell: cells.pointer + (t + 1) * step,
        hidden: states.pointer + t * step, batch: batch, width: hidden, hiddenPitch: hidden)
    }
    let output = sequence.batchMajor(states, width: hidden)
    return output.recorded(from: [self] + weights.tensors) { gradient in
      let dOutput = TimeMajor(input: gradient).storage
      let dGates = Storage(count: time * batch * wide)
      let dCell = Storage(count: step)
      Elementwise.fill(dCell.pointer, with: 0, count: step)
      for t in stride(from: time - 1, through: 0, by: -1) {
        let d = dOutput.pointer + t * step
        if t + 1 < time {
          BLAS.multiply(
            m: batch, n: hidden, k: wide, dGates.pointer + (t + 1) * batch * wide, leading: wide,
            weights.hiddenWeight.pointer, leading: hidden, beta: 1, into: d, leading: hidden)
        }
        RecurrentStep.lstmGradient(
          gates: gates.pointer + t * batch * wide, cellBefore: cells.pointer + t * step,
          cell: cells.pointer + (t + 1) * step, hiddenGradient: d, cellGradient: dCell.pointer,
          gateGradient: dGates.pointer + t * batch * wide, batch: batch, width: hidden)
      }
      sequence.accumulateInput(dGates, wide, weights.inputWeight, into: self, width: width)
      sequence.accumulateWeights(dGates, wide, states, hidden, weights, recurrent: dGates)
    }
  }

  /// A gated recurrent layer from a zero state (Cho et al., 2014; equations as PyTorch has them).
  ///
  ///     r, z = σ(W_ih x + b_ih + W_hh h + b_hh),   n = tanh(W_in x + b_in + r (W_hn h + b_hn)),   h = (1 − z) n + z h
  ///
  /// Shapes: `[batch, time, in]` → all hidden states, `[batch, time, hidden]`.
  public func gru(_ weights: RecurrentWeights) -> Tensor {
    let (hidden, wide) = weights.check(gates: 3, input: self, "gru")
    let (batch, time, width) = (shape[0], shape[1], shape[2])
    let sequence = TimeMajor(input: self)
    let gates = sequence.projected(weights.inputWeight, weights.inputBias, nil)
    let recurrent = Storage(count: time * batch * wide)
    let step = batch * hidden
    // states[0] is the zero state, so that every step reads its predecessor at the same place.
    let states = Storage(count: (time + 1) * step)
    Elementwise.fill(states.pointer, with: 0, count: step)
    for t in 0..<time {
      let u = recurrent.pointer + t * batch * wide
      AxisReduction.spread(
        weights.hiddenBias.pointer, into: u, outer: 1, count: batch, inner: wide, scale: 1, adding: false)
      BLAS.multiply(
        m: batch, n: wide, k: hidden, states.pointer + t * step, leading: hidden, transposed: false,
        weights.hiddenWeight.pointer,
        leading: hidden, transposed: true, beta: 1, into: u, leading: wide)
      RecurrentStep.gru(
        input: gates.pointer + t * batch * wide, recurrent: u, hiddenBefore: states.pointer + t * step,
        hidden: states.pointer + (t + 1) * step, batch: batch, width: hidden)
    }
    let output = sequence.batchMajor(states, width: hidden, from: step)
    return output.recorded(from: [self] + weights.tensors) { gradient in
      let dOutput = TimeMajor(input: gradient).storage
      let dGates = Storage(count: time * batch * wide)
      let dRecurrent = Storage(count: time * batch * wide)
      let dBefore = Storage(count: step)
      for t in stride(from: time - 1, through: 0, by: -1) {
        let d = dOutput.pointer + t * step
        if t + 1 < time { Elementwise.add(dBefore.pointer, scale: 1, to: d, count: step) }
        RecurrentStep.gruGradient(
          gates: gates.pointer + t * batch * wide, recurrent: recurrent.pointer + t * batch * wide,
          hiddenBefore: states.pointer + t * step, hiddenGradient: d, inputGradient: dGates.pointer + t * batch * wide,
          recurrentGradient: dRecurrent.pointer + t * batch * wide, hiddenBeforeGradient: dBefore.pointer, batch: batch,
          width: hidden)
        BLAS.multiply(
          m: batch, n: hidden, k: wide, dRecurrent.pointer + t * batch * wide, leading: wide,
          weights.hiddenWeight.pointer, leading: hidden, beta: 1, into: dBefore.pointer, leading: hidden)
      }
      sequence.accumulateInput(dGates, wide, weights.inputWeight, into: self, width: width)
      let later = Storage(count: Swift.max(time - 1, 0) * step)
      Elementwise.copy(states.pointer + step, to: later.pointer, count: later.count)
      sequence.accumulateWeights(dGates, wide, later, hidden, weights, recurrent: dRecurrent)
    }
  }
}

/// A sequence with time as its first axis, `[time, batch, width]`, so that one step's rows lie together.
private struct TimeMajor {
  let batch, time, width: Int
  let storage: Storage
  /// Whether products over all steps at once round their factors to bfloat16; those of a single step do not.
  /// Where nothing is trained whether products are large enough would depend on how many rows there are.
  private let rounded = ArithmeticPrecision.rounds && ReducedInference.current == nil

  init(input: Tensor) {
    (batch, time, width) = (input.shape[0], input.shape[1], input.shape[2])
    storage = Storage(count: input.count)
    if input.count > 0 {
      ArrayMoves.permute(
        input.pointer, strides: [width, time * width, 1], into: storage.pointer, sizes: [time, batch, width], rank: 3,
        adding: false)
    }
  }

  /// `x Wᵀ` plus biases for all steps at once, `[time, batch, wide]`.
  func projected(_ weight: Tensor, _ bias: Tensor, _ second: Tensor?) -> Storage {
    let wide = weight.shape[0]
    let result = Storage(count: time * batch * wide)
    AxisReduction.spread(
      bias.pointer, into: result.pointer, outer: 1, count: time * batch, inner: wide, scale: 1, adding: false)
    if let second {
      AxisReduction.spread(
        second.pointer, into: result.pointer, outer: 1, count: time * batch, inner: wide, scale: 1, adding: true)
    }
    BLAS.multiply(
      m: time * batch, n: wide, k: width, storage.pointer, leading: width, transposed: false, weight.pointer,
      leading: width,
      transposed: true, beta: 1, into: result.pointer, leading: wide, rounded: rounded)
    return result
  }

  func batchMajor(_ states: Storage, width: Int, from start: Int = 0) -> Tensor {
    let result = Tensor(uninitialized: [batch, time, width])
    if result.count > 0 {
      ArrayMoves.permute(
        states.pointer + start, strides: [width, batch * width, 1], into: result.pointer, sizes: [batch, time, width],
        rank: 3, adding: false)
    }
    return result
  }

  func accumulateInput(_ dGates: Storage, _ wide: Int, _ weight: Tensor, into input: Tensor, width: Int) {
    guard let node = input.node else { return }
    let slope = Storage(count: time * batch * width)
    BLAS.multiply(
      m: time * batch, n: width, k: wide, dGates.pointer, leading: wide, weight.pointer, leading: width,
      into: slope.pointer, leading: width, rounded: rounded)
    node.accumulate { target, adding in
      ArrayMoves.permute(
        slope.pointer, strides: [width, batch * width, 1], into: target, sizes: [batch, time, width], rank: 3,
        adding: adding)
    }
  }

  /// Gradients of both weights and biases; `states` holds the hidden states before steps 1, 2, ….
  func accumulateWeights(
    _ dGates: Storage, _ wide: Int, _ states: Storage, _ hidden: Int, _ weights: RecurrentWeights,
    recurrent: Storage
  ) {
    let rows = time * batch
    weights.inputWeight.node?.accumulate { target, adding in
      BLAS.multiply(
        m: wide, n: width, k: rows, dGates.pointer, leading: wide, transposed: true, storage.pointer,
        leading: width, beta: adding ? 1 : 0, into: target, leading: width, rounded: rounded)
    }
    weights.hiddenWeight.node?.accumulate { target, adding in
      guard time > 1 else {
        if !adding { Elementwise.fill(target, with: 0, count: wide * hidden) }
        return
      }
      BLAS.multiply(
        m: wide, n: hidden, k: rows - batch, recurrent.pointer + batch * wide, leading: wide, transposed: true,
        states.pointer, leading: hidden, beta: adding ? 1 : 0, into: target, leading: hidden, rounded: rounded)
    }
    weights.inputBias.node?.accumulate {
      AxisReduction.sum(dGates.pointer, into: $0, outer: 1, count: rows, inner: wide, scale: 1, adding: $1)
    }
    weights.hiddenBias.node?.accumulate {
      AxisReduction.sum(recurrent.pointer, into: $0, outer: 1, count: rows, inner: wide, scale: 1, adding: $1)
    }
  }
}
