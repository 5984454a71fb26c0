extension Tensor {
  /// What a function makes of this tensor and of others, of which nothing within is kept: the gradient computes it anew.
  ///
  /// The function must give the same each time, so it must not draw random numbers.
  ///
  /// - Returns: a scalar.
  public func checkpointed(
    with others: [Tensor], _ function: @escaping (_ input: Tensor, _ others: [Tensor]) -> Tensor
  ) -> Tensor {
    let constants = others.map(\.detached)
    let input = detached
    let result = Tape.withoutRecording { function(input, constants) }
    precondition(result.count == 1, "checkpointed: the result must be a scalar, not of shape \(result.shape)")
    return result.recorded(from: [self] + others) { gradient in
      let scale = gradient.scalar
      let slopes = Tape.gradients(at: [input] + constants) { function($0[0], Array($0.dropFirst())) }.gradients
      for (tensor, slope) in zip([self] + others, slopes) { tensor.node?.accumulate(slope * scale) }
    }
  }
}
