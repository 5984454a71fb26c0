import COneDNN

/// Batch normalisation of channels-last images, forward and backward (Ioffe, Szegedy, ICML 2015).
///
///     output = scale · (input − mean) / √(variance + ε) + offset
///
/// Shapes: scale, offset, mean and variance are `[channels]`. The variance is the biased one, divided by the number of
/// values, as it normalises; running statistics are the caller's affair.
public enum BatchNormalisation {
  /// The bytes that a rectified normalisation keeps from its forward to its backward pass; 0 where not rectified.
  public static func workspaceSize(_ shape: BatchNormalisationShape) -> Int {
    var sizes = od_normalisation(shape)
    var bytes = 0
    check(od_normalisation_workspace_size(&sizes, &bytes), "BatchNormalisation.workspaceSize", shape)
    return bytes
  }

  /// Normalises by the statistics of the batch, which it writes into `mean` and `variance`.
  ///
  /// - Parameter workspace: ``workspaceSize(_:)`` bytes; nil where not rectified.
  public static func forward(
    _ shape: BatchNormalisationShape, input: UnsafePointer<Float>, scale: UnsafePointer<Float>,
    offset: UnsafePointer<Float>, mean: UnsafeMutablePointer<Float>, variance: UnsafeMutablePointer<Float>,
    output: UnsafeMutablePointer<Float>, workspace: UnsafeMutableRawPointer? = nil
  ) {
    precondition(
      !shape.rectified || workspace != nil, "BatchNormalisation.forward: a rectified one needs a workspace, \(shape)")
    var sizes = od_normalisation(shape)
    let status = od_normalisation_forward(&sizes, input, scale, offset, mean, variance, output, workspace)
    check(status, "BatchNormalisation.forward", shape)
  }

  /// Normalises by given statistics, as after training.
  public static func infer(
    _ shape: BatchNormalisationShape, input: UnsafePointer<Float>, scale: UnsafePointer<Float>,
    offset: UnsafePointer<Float>, mean: UnsafePointer<Float>, variance: UnsafePointer<Float>,
    output: UnsafeMutablePointer<Float>
  ) {
    var sizes = od_normalisation(shape)
    let status = od_normalisation_infer(&sizes, input, scale, offset, mean, variance, output)
    check(status, "BatchNormalisation.infer", shape)
  }

  /// The gradients with respect to input, scale and offset, all written over what is there.
  ///
  /// - Parameters:
  ///   - mean: the batch's mean, as the forward pass wrote it; so are variance and workspace.
  ///   - outputGradient: the gradient with respect to the output, behind the rectifier if there is one.
  public static func backward(
    _ shape: BatchNormalisationShape, input: UnsafePointer<Float>, scale: UnsafePointer<Float>,
    mean: UnsafePointer<Float>, variance: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>,
    workspace: UnsafeRawPointer? = nil, inputGradient: UnsafeMutablePointer<Float>,
    scaleGradient: UnsafeMutablePointer<Float>, offsetGradient: UnsafeMutablePointer<Float>
  ) {
    precondition(
      !shape.rectified || workspace != nil,
      "BatchNormalisation.backward: a rectified one needs the workspace of its forward pass, \(shape)")
    var sizes = od_normalisation(shape)
    let status = od_normalisation_backward(
      &sizes, input, scale, mean, variance, outputGradient, workspace, inputGradient, scaleGradient, offsetGradient)
    check(status, "BatchNormalisation.backward", shape)
  }

  private static func check(_ status: Int32, _ operation: String, _ shape: BatchNormalisationShape) {
    precondition(status == 0, "\(operation): \(String(cString: od_message(status))) for \(shape)")
  }
}

extension od_normalisation {
  /// The sizes as the library's face takes them.
  fileprivate init(_ shape: BatchNormalisationShape) {
    self.init(
      batch: Int64(shape.batch), height: Int64(shape.height), width: Int64(shape.width),
      channels: Int64(shape.channels), epsilon: shape.epsilon, rectified: shape.rectified ? 1 : 0)
  }
}
