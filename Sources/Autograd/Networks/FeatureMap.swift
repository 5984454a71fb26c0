import Kernels

/// What networks of convolutions hand on: a tensor, or images rounded to bfloat16.
public protocol FeatureMap {
  /// The size of each axis.
  var shape: [Int] { get }

  /// A 2-D convolution; see ``Tensor/convolved(weight:bias:stride:padding:)``.
  func convolved(weight: Tensor, bias: Tensor?, stride: (height: Int, width: Int), padding: ImagePadding) -> Self

  /// Batch normalisation by the batch's own statistics, then what is added, then max(0, ·) where rectified.
  ///
  /// - Parameter groups: the parts of neighbours along the first axis that are normalised each by itself.
  /// - Returns: the result, and the mean and biased variance that normalised it, as constants; the means of all groups'.
  func batchNormalised(
    gain: Tensor, bias: Tensor, epsilon: Float, adding branch: Self?, rectified: Bool, groups: Int
  ) -> (output: Self, mean: Tensor, variance: Tensor)
}

extension Tensor: FeatureMap {
  /// Batch normalisation by the batch's own statistics, then what is added, then max(0, ·) where rectified.
  public func batchNormalised(
    gain: Tensor, bias: Tensor, epsilon: Float, adding branch: Tensor?, rectified: Bool, groups: Int
  ) -> (output: Tensor, mean: Tensor, variance: Tensor) {
    let (output, mean, variance) = batchNormalised(
      gain: gain, bias: bias, statistics: .batch, epsilon: epsilon, rectified: rectified && branch == nil,
      groups: groups)
    guard let branch else { return (output, mean, variance) }
    return (rectified ? output.addingRectified(branch) : output + branch, mean, variance)
  }
}
