import Kernels

/// The passes of a branch of self-attention with factors rounded to bfloat16.
extension AttentionBranch {
  /// What the gradient needs besides the weights: of all observations queries, keys and values, the softmax and the heads'
  /// results, rounded.
  struct RoundedKept {
    let packed, weights, attended: Bfloat16Storage

    init(_ branch: AttentionBranch, observations: Int) {
      let (tokens, width) = (branch.tokens, branch.width)
      packed = Bfloat16Storage(count: observations * tokens * 3 * width)
      weights = Bfloat16Storage(count: observations * branch.weightsEach)
      attended = Bfloat16Storage(count: observations * tokens * width)
    }
  }

  /// Both weights, rounded, in rows.
  var roundedWeights: (project: Bfloat16Weights, output: Bfloat16Weights) {
    (
      Bfloat16Weights(weights.project.pointer, outputs: 3 * width, inputs: width, plainly: true),
      Bfloat16Weights(weights.output.pointer, outputs: width, inputs: width, plainly: true)
    )
  }

  func roundedForward(
    _ project: Bfloat16Weights, _ output: Bfloat16Weights, _ kept: RoundedKept?, into y: UnsafeMutablePointer<Float>
  ) {
    blocks.run { range in
      let place = kept ?? RoundedKept(self, observations: block)
      let normalised = Storage(count: block * tokens * width)
      let source = Bfloat16Storage(count: block * tokens * width)
      let product = Storage(count: block * tokens * 3 * width)
      let branch = frame.hasDropout ? Storage(count: block * tokens * width) : nil
      for index in range {
        let (first, observations) = blocks.extent(index)
        let (start, count) = (first * tokens, observations * tokens)
        let offset = kept == nil ? 0 : first
        let packed = place.packed.pointer + offset * tokens * 3 * width
        let attended = place.attended.pointer + offset * tokens * width
        frame.normalise(start, count, into: normalised.pointer)
        Bfloat16.round(normalised.pointer, leading: width, into: source.pointer, rows: count, columns: width)
        project.multiply(source.pointer, count: count, into: product.pointer)
        Bfloat16.addBias(
          weights.projectBias.pointer, to: product.pointer, into: packed, rows: count, columns: 3 * width)
        let rows = RoundedRows.packed(packed, width: width)
        each(observations) {
          Storage(count: tokens * tokens)
        } _: { head, scores in
          let own = place.weights.pointer + weightsStart(of: head, from: offset)
          let values = rows.v.from(head)
          core.softmax(
            observation: first + head.observation, rows.q.from(head), rows.k.from(head), scores: scores.pointer,
            weights: own)
          Bfloat16.multiply(
            m: tokens, n: core.headWidth, k: tokens, own, leading: tokens, values.base, leading: values.pitch,
            rounding: attended + head.row * width + head.column, leading: width)
        }
        let target = y + start * width
        let result = branch?.pointer ?? target
        output.multiply(attended, count: count, into: result)
        Elementwise.addBias(weights.outputBias.pointer, to: result, rows: count, columns: width)
        frame.close(result, start, count, into: target)
      }
      withExtendedLifetime((place, normalised, source, product, branch)) {}
    }
  }

  func roundedBackward(
    _ project: Bfloat16Weights, _ output: Bfloat16Weights, _ kept: RoundedKept, gradient: Tensor
  ) {
    let slope = Tensor(uninitialized: x.shape)
    let (dy, dx) = (gradient.pointer, slope.pointer)
    BlockwiseGradients.addUp(for: parameters, blocks: blocks) { range, own in
      let room = block * tokens
      let normalised = Storage(count: room * width)
      let source = Bfloat16Storage(count: room * width)
      let rounded = Bfloat16Storage(count: room * width)
      let inner = Bfloat16Storage(count: room * width)
      let change = Storage(count: room * 3 * width)
      let roundedChange = Bfloat16Storage(count: room * 3 * width)
      let dropped = frame.hasDropout ? Storage(count: room * width) : nil
      for index in range {
        let (first, observations) = blocks.extent(index)
        let (start, count) = (first * tokens, observations * tokens)
        let packed = kept.packed.pointer + start * 3 * width
        let whole = dy + start * width
        let d = frame.slopes(whole, start, count, room: dropped?.pointer)
        Bfloat16.round(d, leading: width, into: rounded.pointer, rows: count, columns: width)
        // dWₒ = dYᵀ h;  dh = dY Wₒ;  then the heads;  dW = d[Q K V]ᵀ n;  dn = d[Q K V] W
        Bfloat16.multiply(
          m: width, n: width, k: count, rounded.pointer, leading: width, transposed: true,
          kept.attended.pointer + start * width, leading: width, adding: own.adds(2, at: index), into: own[2],
          leading: width)
        AxisReduction.sum(d, into: own[3], outer: 1, count: count, inner: width, scale: 1, adding: true)
        Bfloat16.multiply(
          m: count, n: width, k: width, rounded.pointer, leading: width, output.rows, leading: width,
          rounding: inner.pointer, leading: width)
        let rows = RoundedRows.packed(packed, width: width)
        let slopes = Rows.packed(change.pointer, width: width)
        each(observations) {
          (scores: Storage(count: tokens * tokens), slope: Bfloat16Storage(count: tokens * tokens))
        } _: { head, room in
          core.backward(
            rows.q.from(head), rows.k.from(head), rows.v.from(head),
            weights: kept.weights.pointer + weightsStart(of: head, from: first),
            gradient: RoundedRows(inner.pointer, width).from(head), scores: room.scores.pointer,
            slope: room.slope.pointer, slopes.q.from(head), slopes.k.from(head), slopes.v.from(head))
        }
        Bfloat16.round(
          change.pointer, leading: 3 * width, into: roundedChange.pointer, rows: count, columns: 3 * width)
        frame.normalise(start, count, into: normalised.pointer)
        Bfloat16.round(normalised.pointer, leading: width, into: source.pointer, rows: count, columns: width)
        Bfloat16.multiply(
          m: 3 * width, n: width, k: count, roundedChange.pointer, leading: 3 * width, transposed: true,
          source.pointer, leading: width, adding: own.adds(0, at: index), into: own[0], leading: width)
        AxisReduction.sum(
          change.pointer, into: own[1], outer: 1, count: count, inner: 3 * width, scale: 1, adding: true)
        Bfloat16.multiply(
          m: count, n: width, k: 3 * width, roundedChange.pointer, leading: 3 * width, project.rows,
          leading: width, into: normalised.pointer, leading: width)
        frame.open(
          normalised.pointer, gradient: whole, start, count, into: dx + start * width, gain: own[4], bias: own[5])
      }
      withExtendedLifetime((normalised, source, rounded, inner, change, roundedChange, dropped)) {}
    }
    x.node?.accumulate(slope)
  }
}
