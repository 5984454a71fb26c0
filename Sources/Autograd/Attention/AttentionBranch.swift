import Kernels

/// The parameters of self-attention: one dense layer for queries, keys and values and one behind the heads.
///
/// Shapes: `project [3 d, d]`, `projectBias [3 d]`, `output [d, d]`, `outputBias [d]`.
public struct SelfAttentionWeights {
  /// The weight for queries, keys and values.
  public let project: Tensor
  /// The bias of queries, keys and values.
  public let projectBias: Tensor
  /// The weight behind the heads.
  public let output: Tensor
  /// The bias behind the heads.
  public let outputBias: Tensor

  /// Creates the parameters of self-attention.
  public init(project: Tensor, projectBias: Tensor, output: Tensor, outputBias: Tensor) {
    self.project = project
    self.projectBias = projectBias
    self.output = output
    self.outputBias = outputBias
  }

  fileprivate var tensors: [Tensor] { [project, projectBias, output, outputBias] }
}

extension Tensor {
  /// A pre-norm residual branch of multi-head self-attention.
  ///
  ///     y = x + dropout(heads(softmax(Q Kᵀ / √(d / heads) + mask) V) Wₒᵀ + bₒ),   [Q K V] = layerNorm(x) Wᵀ + b
  ///
  /// Observations are taken a few at a time, each thread its own, so that what passes between the steps stays in cache;
  /// for the gradient queries, keys, values, the softmax and the heads' results are kept. The stream moves on by one
  /// number for each element where there is dropout.
  ///
  /// Shapes: `[batch, tokens, d]` → `[batch, tokens, d]`.
  public func addingSelfAttention(
    _ weights: SelfAttentionWeights, heads: Int, mask: AttentionMask = AttentionMask(), behind norm: NormWeights,
    dropoutRate: Float, using stream: inout RandomStream
  ) -> Tensor {
    precondition(rank == 3, "self-attention: an input of shape \(shape) is not [batch, tokens, d]")
    let frame = ResidualFrame(self, norm: norm, dropoutRate: dropoutRate, using: &stream)
    return AttentionBranch(self, weights: weights, heads: heads, mask: mask, frame: frame).run()
  }
}

/// A branch of self-attention: its sizes and passes.
struct AttentionBranch {
  let x: Tensor
  let weights: SelfAttentionWeights
  let frame: ResidualFrame
  let core: AttentionCore
  let tokens, width: Int
  let blocks: RowBlocks

  init(_ x: Tensor, weights: SelfAttentionWeights, heads: Int, mask: AttentionMask, frame: ResidualFrame) {
    self.x = x
    self.weights = weights
    self.frame = frame
    (tokens, width) = (x.shape[1], x.shape[2])
    precondition(
      weights.project.shape == [3 * width, width] && weights.projectBias.shape == [3 * width]
        && weights.output.shape == [width, width] && weights.outputBias.shape == [width],
      "self-attention: input \(x.shape), weights \(weights.project.shape) and \(weights.output.shape), biases \(weights.projectBias.shape) and \(weights.outputBias.shape)"
    )
    core = AttentionCore(batch: x.shape[0], queries: tokens, keys: tokens, width: width, heads: heads, mask: mask)
    blocks = RowBlocks(units: x.shape[0], rowsEach: tokens, weights: weights.project.count)
  }

  /// What the gradient needs, of all observations.
  private struct Kept {
    let packed, weights, attended: Storage
  }

  var parameters: [Tensor] { weights.tensors + [frame.norm.gain, frame.norm.bias] }
  /// The observations of a block.
  var block: Int { blocks.size }
  var weightsEach: Int { core.heads * tokens * tokens }
  /// Where a head's softmax begins among those of observations that begin with a block's `first`.
  func weightsStart(of head: Head, from first: Int) -> Int {
    (first + head.observation) * weightsEach + head.number * tokens * tokens
  }

  func run() -> Tensor {
    let result = Tensor(uninitialized: x.shape)
    let inputs = [x] + parameters
    let rows = core.batch * tokens
    let isRecorded = Tape.isRecording && inputs.contains { $0.isRecorded }
    if let reduced = ReducedInference.current {
      if let project = reduced.integers(weights.project), let output = reduced.integers(weights.output) {
        forward(nil, quantised: (project, output), into: result.pointer)
        return result
      }
      if let project = reduced.rounded(weights.project), let output = reduced.rounded(weights.output) {
        roundedForward(project, output, nil, into: result.pointer)
        return result
      }
    }
    if ArithmeticPrecision.current == .bfloat16, Bfloat16.isWorthwhile(m: tokens, n: 3 * width, k: width) {
      let (project, output) = roundedWeights
      let kept = isRecorded ? RoundedKept(self, observations: core.batch) : nil
      roundedForward(project, output, kept, into: result.pointer)
      return result.recorded(from: inputs) { gradient in
        if let kept { roundedBackward(project, output, kept, gradient: gradient) }
      }
    }
    let kept =
      isRecorded
      ? Kept(
        packed: Storage(count: rows * 3 * width), weights: Storage(count: core.weightCount),
        attended: Storage(count: rows * width)) : nil
    forward(kept, into: result.pointer)
    return result.recorded(from: inputs) { gradient in
      if let kept { backward(kept, gradient: gradient) }
    }
  }

  private func forward(
    _ kept: Kept?, quantised: (project: Int8Weights, output: Int8Weights)? = nil, into y: UnsafeMutablePointer<Float>
  ) {
    blocks.run { range in
      let room = block * tokens
      let normalised = Storage(count: room * width)
      let own =
        kept == nil
        ? Kept(
          packed: Storage(count: room * 3 * width), weights: Storage(count: block * weightsEach),
          attended: Storage(count: room * width)) : nil
      let branch = frame.hasDropout ? Storage(count: room * width) : nil
      let codes = quantised.map { _ in Int8Rows(rows: room, inputs: width, outputs: 3 * width) }
      for index in range {
        let (first, observations) = blocks.extent(index)
        let (start, count) = (first * tokens, observations * tokens)
        let offset = kept == nil ? 0 : first
        guard let place = kept ?? own else { continue }
        let packed = place.packed.pointer + offset * tokens * 3 * width
        let attended = place.attended.pointer + offset * tokens * width
        frame.normalise(start, count, into: normalised.pointer)
        if let quantised, let codes {
          codes.multiply(
            normalised.pointer, leading: width, count: count, by: quantised.project, into: packed, leading: 3 * width)
        } else {
          BLAS.multiply(
            m: count, n: 3 * width, k: width, normalised.pointer, leading: width, transposed: false,
            weights.project.pointer, leading: width, transposed: true, into: packed, leading: 3 * width)
        }
        Elementwise.addBias(weights.projectBias.pointer, to: packed, rows: count, columns: 3 * width)
        let rows = Rows.packed(packed, width: width)
        each(observations, room: {}) { head, _ in
          core.forward(
            observation: first + head.observation, rows.q.from(head), rows.k.from(head), rows.v.from(head),
            weights: place.weights.pointer + weightsStart(of: head, from: offset),
            output: Rows(attended, width).from(head))
        }
        let target = y + start * width
        let result = branch?.pointer ?? target
        if let quantised, let codes {
          codes.multiply(attended, leading: width, count: count, by: quantised.output, into: result, leading: width)
        } else {
          BLAS.multiply(
            m: count, n: width, k: width, attended, leading: width, transposed: false, weights.output.pointer,
            leading: width, transposed: true, into: result, leading: width)
        }
        Elementwise.addBias(weights.outputBias.pointer, to: result, rows: count, columns: width)
        frame.close(result, start, count, into: target)
      }
    }
  }

  /// A head of an observation of a block.
  struct Head {
    let observation, number: Int
    /// Its first row and column.
    let row, column: Int
  }

  /// Runs `body` for each head of some observations of a block, with what `room` makes for each thread.
  func each<Room>(_ observations: Int, room: () -> Room, _ body: (_ head: Head, _ room: Room) -> Void) {
    blocks.run(parts: observations * core.heads, room: room) { part, room in
      let (observation, number) = part.quotientAndRemainder(dividingBy: core.heads)
      body(
        Head(observation: observation, number: number, row: observation * tokens, column: number * core.headWidth), room
      )
    }
  }

  private func backward(_ kept: Kept, gradient: Tensor) {
    let slope = Tensor(uninitialized: x.shape)
    let (dy, dx) = (gradient.pointer, slope.pointer)
    BlockwiseGradients.addUp(for: parameters, blocks: blocks) { range, own in
      let room = block * tokens
      let normalised = Storage(count: room * width)
      let inner = Storage(count: room * width)
      let change = Storage(count: room * 3 * width)
      let dropped = frame.hasDropout ? Storage(count: room * width) : nil
      for index in range {
        let (first, observations) = blocks.extent(index)
        let (start, count) = (first * tokens, observations * tokens)
        let packed = Rows.packed(kept.packed.pointer + start * 3 * width, width: width)
        let attended = kept.attended.pointer + start * width
        let whole = dy + start * width
        let d = frame.slopes(whole, start, count, room: dropped?.pointer)
        // dWₒ = dYᵀ h;  dh = dY Wₒ;  then the heads;  dW = d[Q K V]ᵀ n;  dn = d[Q K V] W
        BLAS.multiply(
          m: width, n: width, k: count, d, leading: width, transposed: true, attended, leading: width,
          transposed: false, beta: own.adds(2, at: index) ? 1 : 0, into: own[2], leading: width)
        AxisReduction.sum(d, into: own[3], outer: 1, count: count, inner: width, scale: 1, adding: true)
        BLAS.multiply(
          m: count, n: width, k: width, d, leading: width, transposed: false, weights.output.pointer, leading: width,
          transposed: false, into: inner.pointer, leading: width)
        let slopes = Rows.packed(change.pointer, width: width)
        each(observations) {
          Storage(count: tokens * tokens)
        } _: { head, scores in
          core.backward(
            packed.q.from(head), packed.k.from(head), packed.v.from(head),
            weights: kept.weights.pointer + weightsStart(of: head, from: first),
            gradient: Rows(inner.pointer, width).from(head), slope: scores.pointer, slopes.q.from(head),
            slopes.k.from(head), slopes.v.from(head))
        }
        frame.normalise(start, count, into: normalised.pointer)
        BLAS.multiply(
          m: 3 * width, n: width, k: count, change.pointer, leading: 3 * width, transposed: true, normalised.pointer,
          leading: width, transposed: false, beta: own.adds(0, at: index) ? 1 : 0, into: own[0], leading: width)
        AxisReduction.sum(
          change.pointer, into: own[1], outer: 1, count: count, inner: 3 * width, scale: 1, adding: true)
        BLAS.multiply(
          m: count, n: width, k: 3 * width, change.pointer, leading: 3 * width, transposed: false,
          weights.project.pointer, leading: width, transposed: false, into: inner.pointer, leading: width)
        frame.open(inner.pointer, gradient: whole, start, count, into: dx + start * width, gain: own[4], bias: own[5])
      }
    }
    x.node?.accumulate(slope)
  }
}

extension PitchedRows {
  /// The rows of a head.
  func from(_ head: AttentionBranch.Head) -> Self { from(row: head.row, column: head.column) }
}
