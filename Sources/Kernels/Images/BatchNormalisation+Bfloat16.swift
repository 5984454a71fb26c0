import CKernels

/// Batch normalisation of bfloat16 images, with float32 statistics, and what else they pass through.
///
/// No bit depends on the number of threads.
extension BatchNormalisation {
  /// Normalises rounded images by the statistics of the batch, which it writes into `mean` and `variance`.
  ///
  /// - Parameter branch: what is added before the rectifier, as the shortcut of a residual block is; nil for nothing.
  package static func forward(
    _ shape: BatchNormalisationShape, input: UnsafePointer<UInt16>, scale: UnsafePointer<Float>,
    offset: UnsafePointer<Float>, adding branch: UnsafePointer<UInt16>?, mean: UnsafeMutablePointer<Float>,
    variance: UnsafeMutablePointer<Float>, output: UnsafeMutablePointer<UInt16>
  ) {
    let rows = shape.count / shape.channels
    let room = Storage(count: (2 + 2 * blocks(rows)) * shape.channels)
    withExtendedLifetime(room) {
      ck_batch_norm_bfloat16(
        input, scale, offset, branch, mean, variance, output, room.pointer, rows, shape.channels, shape.epsilon,
        shape.rectified)
    }
  }

  /// The gradients with respect to input, scale and offset, all written over what is there.
  ///
  /// - Parameters:
  ///   - output: what the forward pass wrote; it is read where that was rectified.
  ///   - branchGradient: receives the gradient of what was added, where it was rectified; otherwise it is that of the output.
  package static func backward(
    _ shape: BatchNormalisationShape, input: UnsafePointer<UInt16>, output: UnsafePointer<UInt16>,
    scale: UnsafePointer<Float>, mean: UnsafePointer<Float>, variance: UnsafePointer<Float>,
    outputGradient: UnsafePointer<UInt16>, inputGradient: UnsafeMutablePointer<UInt16>,
    branchGradient: UnsafeMutablePointer<UInt16>?, scaleGradient: UnsafeMutablePointer<Float>,
    offsetGradient: UnsafeMutablePointer<Float>
  ) {
    let rows = shape.count / shape.channels
    let room = Storage(count: (3 + 2 * blocks(rows)) * shape.channels)
    withExtendedLifetime(room) {
      ck_batch_norm_backward_bfloat16(
        input, shape.rectified ? output : nil, scale, mean, variance, outputGradient, inputGradient,
        shape.rectified ? branchGradient : nil, scaleGradient, offsetGradient, room.pointer, rows, shape.channels,
        shape.epsilon)
    }
  }

  private static func blocks(_ rows: Int) -> Int { (rows + Int(CK_IMAGE_BLOCK) - 1) / Int(CK_IMAGE_BLOCK) }
}

extension Bfloat16 {
  /// y = a + b
  package static func add(
    _ a: UnsafePointer<UInt16>, _ b: UnsafePointer<UInt16>, into y: UnsafeMutablePointer<UInt16>, count: Int
  ) {
    ck_add_bfloat16(a, b, y, count)
  }

  /// y[image, c] = the mean of x over the positions of an image, `[images, positions, channels]` → `[images, channels]`.
  package static func imageMeans(
    _ x: UnsafePointer<UInt16>, into y: UnsafeMutablePointer<Float>, images: Int, positions: Int, channels: Int
  ) {
    ck_image_means_bfloat16(x, y, images, positions, channels)
  }

  /// dx[image, position, c] = dy[image, c] / positions
  package static func imageMeansGradient(
    _ dy: UnsafePointer<Float>, into dx: UnsafeMutablePointer<UInt16>, images: Int, positions: Int, channels: Int
  ) {
    ck_image_means_backward_bfloat16(dy, dx, images, positions, channels)
  }
}
