import Kernels

extension Tensor {
  /// One step of a long short-term memory from a given state, as ``lstm(_:)`` has it for whole sequences from a zero state.
  ///
  /// Shapes: input `[batch, in]`, `hidden` and `cell` `[batch, hidden]` → both states after it.
  public func lstmStep(
    _ weights: RecurrentWeights, hidden: Tensor, cell: Tensor
  ) -> (hidden: Tensor, cell: Tensor) {
    let width = weights.hiddenWeight.shape.last ?? 0
    precondition(
      rank == 2 && weights.inputWeight.shape == [4 * width, shape[1]]
        && weights.hiddenWeight.shape == [4 * width, width]
        && hidden.shape == [shape[0], width] && cell.shape == hidden.shape,
      "lstmStep: input \(shape), states \(hidden.shape) and \(cell.shape), weights \(weights.inputWeight.shape) and \(weights.hiddenWeight.shape)"
    )
    let gates =
      linear(weight: weights.inputWeight, bias: weights.inputBias)
      + hidden.linear(weight: weights.hiddenWeight, bias: weights.hiddenBias)
    func gate(_ place: Int) -> Tensor { gates.slice(axis: 1, place * width..<(place + 1) * width) }
    let next = gate(1).sigmoid() * cell + gate(0).sigmoid() * gate(2).tanh()
    return (gate(3).sigmoid() * next.tanh(), next)
  }
}
