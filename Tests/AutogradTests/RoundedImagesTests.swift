import Autograd
import Kernels
import SampleTensors
import Testing

/// Feature maps in bfloat16 against the same in float32.
@Suite(.enabled(if: OneDNN.bfloat16Implementation != nil)) struct RoundedImagesTests {
  /// ‖a − b‖ / ‖b‖
  private func error(_ a: Tensor, _ b: Tensor) -> Double {
    let squares = zip(a.values, b.values).reduce((0.0, 0.0)) { sums, pair in
      (sums.0 + Double((pair.0 - pair.1) * (pair.0 - pair.1)), sums.1 + Double(pair.1 * pair.1))
    }
    return (squares.0 / squares.1).squareRoot()
  }

  /// Values and gradients of a network of feature maps differ by what eight bits of precision cost.
  private func compare(
    _ inputs: [Tensor], tolerance: Double, rounded: ([Tensor]) -> Tensor, exact: ([Tensor]) -> Tensor
  ) {
    let value = exact(inputs)
    let slopes = example(value.shape, seed: 99)
    #expect((1e-6..<tolerance).contains(error(rounded(inputs), value)))
    let expected = Tape.gradients(at: inputs) { (exact($0) * slopes).sum() }.gradients
    let own = Tape.gradients(at: inputs) { (rounded($0) * slopes).sum() }.gradients
    for (index, pair) in zip(own, expected).enumerated() {
      #expect(error(pair.0, pair.1) < tolerance, "gradient \(index)")
    }
    let again = Tape.gradients(at: inputs) { (rounded($0) * slopes).sum() }.gradients
    #expect(zip(own, again).allSatisfy { $0.values == $1.values })
  }

  @Test func roundingThereAndBack() {
    let images = Tensor([1, 1.00390625, -2.5, 0], shape: [1, 1, 2, 2])
    #expect(RoundedImages(images).widened().values == [1, 1, -2.5, 0])
    let slopes = Tape.gradients(at: [images]) { (3 * RoundedImages($0[0]).widened()).sum() }.gradients
    #expect(slopes[0].values == [3, 3, 3, 3])
  }

  @Test func meansOfImages() {
    let images = Tensor([1, 2, 3, 6, 0, -1, 0, -3], shape: [2, 1, 2, 2])
    #expect(RoundedImages(images).globallyAveraged().values == [2, 4, 0, -2])
    let weights = Tensor([1, 2, 3, 4], shape: [2, 2])
    let slopes = Tape.gradients(at: [images]) { (RoundedImages($0[0]).globallyAveraged() * weights).sum() }.gradients
    #expect(slopes[0].values == [0.5, 1, 0.5, 1, 1.5, 2, 1.5, 2])
  }

  @Test func batchNormalisationByHand() {
    // Mean 2 and variance 1, then mean 0 and variance 4.
    let images = RoundedImages(Tensor([1, -2, 3, 2], shape: [1, 1, 2, 2]))
    let (gain, bias) = (Tensor([2, 1]), Tensor([0.5, 0]))
    let plain = images.batchNormalised(gain: gain, bias: bias, epsilon: 0, adding: nil, rectified: false, groups: 1)
    #expect(plain.output.widened().values == [-1.5, -1, 2.5, 1])
    #expect(plain.mean.values == [2, 0] && plain.variance.values == [1, 4])
    let added = images.batchNormalised(gain: gain, bias: bias, epsilon: 0, adding: images, rectified: true, groups: 1)
    #expect(added.output.widened().values == [0, 0, 5.5, 3])
  }

  @Test func varianceFarFromZero() {
    // Numbers near 200 whose spread is small beside them; bfloat16 holds them exactly.
    let values = (0..<4096).map { Float(200 + $0 % 3) }
    let images = RoundedImages(Tensor(values, shape: [4, 32, 32, 1]))
    let ones = Tensor([1])
    let own = images.batchNormalised(gain: ones, bias: ones, epsilon: 0, adding: nil, rectified: false, groups: 1)
    let mean = values.reduce(0.0) { $0 + Double($1) } / 4096
    let variance = values.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / 4096
    #expect(abs(Double(own.mean.scalar) - mean) < 1e-4 && abs(Double(own.variance.scalar) - variance) < 1e-6)
  }

  @Test(arguments: [3, 32, 40, 64, 100], [1, 3])
  func batchNormalisationIsThatOfFloats(channels: Int, groups: Int) {
    let shape = [6, 9, 8, channels]
    let inputs = [
      example(shape), example([channels], seed: 1, low: 0.5), example([channels], seed: 2), example(shape, seed: 3),
    ]
    for rectified in [false, true] {
      // A sum near 0 may fall on the other side of the rectifier.
      compare(inputs, tolerance: rectified ? 0.1 : 0.02) { x in
        RoundedImages(x[0]).batchNormalised(
          gain: x[1], bias: x[2], epsilon: 1e-5, adding: RoundedImages(x[3]), rectified: rectified, groups: groups
        ).output.widened()
      } exact: { x in
        x[0].batchNormalised(
          gain: x[1], bias: x[2], epsilon: 1e-5, adding: x[3], rectified: rectified, groups: groups
        ).output
      }
    }
    compare(Array(inputs[..<3]), tolerance: 0.1) { x in
      RoundedImages(x[0]).batchNormalised(
        gain: x[1], bias: x[2], epsilon: 1e-5, adding: nil, rectified: true, groups: groups
      ).output.globallyAveraged()
    } exact: { x in
      x[0].batchNormalised(gain: x[1], bias: x[2], epsilon: 1e-5, adding: nil, rectified: true, groups: groups)
        .output.globallyAveraged()
    }
  }

  @Test(arguments: [(3, 1, 1), (3, 2, 1), (1, 2, 0), (1, 1, 0), (8, 1, 0)])
  func convolutionsAreThoseOfFloats(kernel: Int, stride: Int, padding: Int) {
    let inputs = [example([32, 8, 8, 16]), example([24, kernel, kernel, 16], seed: 1)]
    compare(inputs, tolerance: 0.01) {
      RoundedImages($0[0]).convolved(
        weight: $0[1], bias: nil, stride: (stride, stride), padding: ImagePadding(padding)
      ).widened()
    } exact: {
      $0[0].convolved(weight: $0[1], stride: (stride, stride), padding: ImagePadding(padding))
    }
  }

  @Test func gradientsOfTwoUsesAddUp() {
    let images = example([2, 3, 3, 4])
    let slopes = Tape.gradients(at: [images]) {
      let rounded = RoundedImages($0[0])
      return (rounded.widened() + 2 * rounded.widened()).sum()
    }.gradients
    #expect(slopes[0].values.allSatisfy { $0 == 3 })
  }

  @Test func sizesThatDoNotFitAreRefused() async {
    await #expect(processExitsWith: .failure) { _ = RoundedImages(Tensor([1, 2], shape: [1, 2])) }
    await #expect(processExitsWith: .failure) {
      _ = RoundedImages(Tensor(repeating: 0, shape: [1, 2, 2, 3])).convolved(
        weight: Tensor(repeating: 0, shape: [4, 1, 1, 2]), bias: nil, stride: (1, 1), padding: .none)
    }
    await #expect(processExitsWith: .failure) {
      let images = RoundedImages(Tensor(repeating: 0, shape: [1, 2, 2, 3]))
      _ = images.batchNormalised(
        gain: Tensor([1, 1]), bias: Tensor([0, 0]), epsilon: 1e-5, adding: nil, rectified: false, groups: 1)
    }
  }
}
