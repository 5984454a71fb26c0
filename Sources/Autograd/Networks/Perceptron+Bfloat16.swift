import Kernels

/// The passes of a perceptron with factors rounded to bfloat16.
extension PerceptronCore {
  /// What the gradient needs: both weights and the hidden sums, rounded.
  struct RoundedKept {
    let up, down: Bfloat16Weights
    let sums: Bfloat16Storage?

    init(_ core: PerceptronCore, isRecorded: Bool) {
      up = Bfloat16Weights(core.weights.up.pointer, outputs: core.hidden, inputs: core.input, plainly: true)
      down = Bfloat16Weights(core.weights.down.pointer, outputs: core.output, inputs: core.hidden, plainly: true)
      sums = isRecorded ? Bfloat16Storage(count: core.rows * core.hidden) : nil
    }
  }

  private struct RoundedRoom {
    let normalised: Storage?
    let source, active: Bfloat16Storage
    let product: Storage

    init(_ core: PerceptronCore) {
      normalised = core.frame == nil ? nil : Storage(count: core.block * core.input)
      source = Bfloat16Storage(count: core.block * core.input)
      active = Bfloat16Storage(count: core.block * core.hidden)
      product = Storage(count: core.block * core.hidden)
    }
  }

  /// The rounded, and normalised, rows of a block.
  private func take(_ start: Int, _ count: Int, _ room: RoundedRoom) {
    var rows = x.pointer + start * input
    if let frame, let normalised = room.normalised {
      frame.normalise(start, count, into: normalised.pointer)
      rows = normalised.pointer
    }
    Bfloat16.round(rows, leading: input, into: room.source.pointer, rows: count, columns: input)
  }

  func roundedForward(
    _ up: Bfloat16Weights, _ down: Bfloat16Weights, sums: Bfloat16Storage?, into y: UnsafeMutablePointer<Float>
  ) {
    blocks.run { range in
      let room = RoundedRoom(self)
      let branch = frame?.hasDropout == true ? Storage(count: block * output) : nil
      for index in range {
        let (start, count) = blocks.extent(index)
        take(start, count, room)
        up.multiply(room.source.pointer, count: count, into: room.product.pointer)
        Bfloat16.applyBehindBias(
          operation, room.product.pointer, bias: weights.upBias.pointer,
          sum: sums.map { $0.pointer + start * hidden }, into: room.active.pointer, rows: count, columns: hidden)
        let target = y + start * output
        let result = branch?.pointer ?? target
        down.multiply(room.active.pointer, count: count, into: result)
        Elementwise.addBias(weights.downBias.pointer, to: result, rows: count, columns: output)
        frame?.close(result, start, count, into: target)
      }
      withExtendedLifetime((room, branch, sums)) {}
    }
  }

  func roundedBackward(_ kept: RoundedKept, gradient: Tensor) {
    guard let sums = kept.sums else { return }
    let slope = x.node == nil && frame == nil ? nil : Tensor(uninitialized: x.shape)
    let (dy, dx) = (gradient.pointer, slope?.pointer)
    BlockwiseGradients.addUp(for: parameters, blocks: blocks) { range, own in
      let room = RoundedRoom(self)
      let change = Bfloat16Storage(count: block * hidden)
      let rounded = Bfloat16Storage(count: block * output)
      let dropped = frame?.hasDropout == true ? Storage(count: block * output) : nil
      for index in range {
        let (start, count) = blocks.extent(index)
        let whole = dy + start * output
        let d = frame?.slopes(whole, start, count, room: dropped?.pointer) ?? whole
        Bfloat16.round(d, leading: output, into: rounded.pointer, rows: count, columns: output)
        take(start, count, room)
        // da = dY W₂;  ds = da f′(s);  dW₂ = dYᵀ a;  dW₁ = dsᵀ n;  dn = ds W₁
        Bfloat16.multiply(
          m: count, n: hidden, k: output, rounded.pointer, leading: output, kept.down.rows, leading: hidden,
          into: room.product.pointer, leading: hidden)
        Bfloat16.applyGradient(
          operation, sum: sums.pointer + start * hidden, gradient: room.product.pointer, into: change.pointer,
          output: room.active.pointer, count: count * hidden)
        Bfloat16.multiply(
          m: output, n: hidden, k: count, rounded.pointer, leading: output, transposed: true, room.active.pointer,
          leading: hidden, adding: own.adds(2, at: index), into: own[2], leading: hidden)
        AxisReduction.sum(d, into: own[3], outer: 1, count: count, inner: output, scale: 1, adding: true)
        Bfloat16.multiply(
          m: hidden, n: input, k: count, change.pointer, leading: hidden, transposed: true, room.source.pointer,
          leading: input, adding: own.adds(0, at: index), into: own[0], leading: input)
        AxisReduction.sum(
          room.product.pointer, into: own[1], outer: 1, count: count, inner: hidden, scale: 1, adding: true)
        guard let dx else { continue }
        let target = dx + start * input
        // The normalised rows have served; their slopes take their place.
        let inner = room.normalised?.pointer ?? target
        Bfloat16.multiply(
          m: count, n: input, k: hidden, change.pointer, leading: hidden, kept.up.rows, leading: input,
          into: inner, leading: input)
        frame?.open(inner, gradient: whole, start, count, into: target, gain: own[4], bias: own[5])
      }
      withExtendedLifetime((room, change, rounded, dropped, kept)) {}
    }
    if let slope { x.node?.accumulate(slope) }
  }
}
