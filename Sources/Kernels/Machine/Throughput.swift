/// Measured rates of the heavy kernels, in GFLOP/s: how fast this machine is when nothing else is in the way.
public struct Throughput: Sendable {
  /// A product of a 2048×192 and a 192×192 matrix, as in a small transformer.
  public let gemm: Double
  /// A 3×3 convolution of 128 images of 16×16 from 64 to 64 channels, channels last.
  public let convolution: Double
  /// Four such products and one convolution in turn, as a training step mixes them.
  public let alternating: Double

  /// Measures the median of several rounds; takes about a second.
  ///
  /// - Parameter rounded: whether factors are bfloat16, and images that come of them.
  public static func measure(rounds: Int = 15, rounded: Bool = false) -> Throughput {
    let (m, width) = (2048, 192)
    let shape = ConvolutionShape(
      batch: 128, height: 16, width: 16, channels: 64, filters: 64, kernelHeight: 3, kernelWidth: 3,
      padding: ImagePadding(1))
    let sizes = [m * width, width * width, m * width, shape.inputCount, shape.weightCount, shape.outputCount]
    let buffers = sizes.map { count in
      let storage = Storage(count: count)
      for i in 0..<count { storage.pointer[i] = Float(i % 7) * 0.01 }
      return storage
    }
    let factors = (
      Bfloat16Storage(rounding: buffers[0].pointer, leading: width, rows: m, columns: width),
      Bfloat16Storage(rounding: buffers[1].pointer, leading: width, rows: width, columns: width)
    )
    let multiply = {
      if rounded {
        return Bfloat16.multiply(
          m: m, n: width, k: width, factors.0.pointer, leading: width, factors.1.pointer, leading: width,
          into: buffers[2].pointer, leading: width)
      }
      BLAS.multiply(
        m: m, n: width, k: width, buffers[0].pointer, leading: width, transposed: false, buffers[1].pointer,
        leading: width, into: buffers[2].pointer, leading: width)
    }
    let images = Bfloat16Storage(
      rounding: buffers[3].pointer, leading: shape.inputCount, rows: 1, columns: shape.inputCount)
    let convolved = Bfloat16Storage(count: shape.outputCount)
    let convolve = {
      if rounded {
        return Convolution.forward(
          shape, rounded: images.pointer, weights: buffers[4].pointer, rounding: convolved.pointer)
      }
      Convolution.forward(
        shape, input: buffers[3].pointer, weights: buffers[4].pointer, output: buffers[5].pointer)
    }
    let gemmWork = 2 * Double(m * width * width)
    let convolutionWork = 2 * Double(shape.multiplyAdds)
    // A product alone is too short for the clock.
    func rate(_ work: Double, repeats: Int = 1, _ body: () -> Void) -> Double {
      body()
      let times = (0..<rounds).map { _ in
        let start = ContinuousClock.now
        for _ in 0..<repeats { body() }
        return (ContinuousClock.now - start) / .seconds(1)
      }
      return work * Double(repeats) / times.sorted()[rounds / 2] * 1e-9
    }
    return Throughput(
      gemm: rate(gemmWork, repeats: 8, multiply), convolution: rate(convolutionWork, convolve),
      alternating: rate(4 * gemmWork + convolutionWork) {
        for _ in 0..<4 { multiply() }
        convolve()
      })
  }
}
