import COneDNN

/// Maximum and average pooling of channels-last images, forward and backward.
public enum Pooling {
  /// The bytes that maximum pooling keeps from its forward to its backward pass; 0 for averages.
  public static func workspaceSize(_ shape: PoolingShape) -> Int {
    var sizes = od_pooling(shape)
    var bytes = 0
    check(od_pooling_workspace_size(&sizes, &bytes), "Pooling.workspaceSize", shape)
    return bytes
  }

  /// Pools images.
  ///
  /// - Parameter workspace: ``workspaceSize(_:)`` bytes for the backward pass of a maximum; nil where none follows.
  public static func forward(
    _ shape: PoolingShape, input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>,
    workspace: UnsafeMutableRawPointer? = nil
  ) {
    var sizes = od_pooling(shape)
    check(od_pooling_forward(&sizes, input, output, workspace), "Pooling.forward", shape)
  }

  /// The gradient with respect to the input; where several values tie for a maximum, the first receives it all.
  ///
  /// - Parameter workspace: what the forward pass wrote; nil for averages.
  public static func backward(
    _ shape: PoolingShape, outputGradient: UnsafePointer<Float>, workspace: UnsafeRawPointer? = nil,
    inputGradient: UnsafeMutablePointer<Float>
  ) {
    precondition(
      shape.reduction != .maximum || workspace != nil,
      "Pooling.backward: a maximum needs the workspace of its forward pass, for \(shape)")
    var sizes = od_pooling(shape)
    check(od_pooling_backward(&sizes, outputGradient, workspace, inputGradient), "Pooling.backward", shape)
  }

  private static func check(_ status: Int32, _ operation: String, _ shape: PoolingShape) {
    precondition(status == 0, "\(operation): \(String(cString: od_message(status))) for \(shape)")
  }
}

extension od_pooling {
  /// The sizes as the library's face takes them.
  fileprivate init(_ shape: PoolingShape) {
    let kind =
      switch shape.reduction {
      case .maximum: od_pooling_maximum
      case .average(countsPadding: true): od_pooling_average_with_padding
      case .average(countsPadding: false): od_pooling_average_without_padding
      }
    self.init(
      kind: Int64(kind.rawValue), batch: Int64(shape.batch), height: Int64(shape.height), width: Int64(shape.width),
      channels: Int64(shape.channels), window_height: Int64(shape.windowHeight),
      window_width: Int64(shape.windowWidth), stride_height: Int64(shape.strideHeight),
      stride_width: Int64(shape.strideWidth), padding_top: Int64(shape.padding.top),
      padding_bottom: Int64(shape.padding.bottom), padding_left: Int64(shape.padding.left),
      padding_right: Int64(shape.padding.right))
  }
}
