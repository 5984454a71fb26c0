import Kernels
import Testing

/// Batch normalisation by its formulas, in double precision.
private struct DirectNormalisation {
  let shape: BatchNormalisationShape
  var mean: [Double]
  var variance: [Double]
  var output: [Double]
  var normalised: [Double]

  init(_ shape: BatchNormalisationShape, input: [Float], scale: [Float], offset: [Float]) {
    self.shape = shape
    let channels = shape.channels
    let rows = Double(shape.count / channels)
    mean = [Double](repeating: 0, count: channels)
    variance = mean
    for (i, x) in input.enumerated() { mean[i % channels] += Double(x) / rows }
    for (i, x) in input.enumerated() {
      let deviation = Double(x) - mean[i % channels]
      variance[i % channels] += deviation * deviation / rows
    }
    let (mean, variance) = (mean, variance)
    normalised = input.enumerated().map { i, x in
      (Double(x) - mean[i % channels]) / (variance[i % channels] + Double(shape.epsilon)).squareRoot()
    }
    output = normalised.enumerated().map { i, x in
      let y = x * Double(scale[i % channels]) + Double(offset[i % channels])
      return shape.rectified ? max(0, y) : y
    }
  }

  /// dx = scale/√(variance + ε) · (dy − mean(dy) − x̂ · mean(dy · x̂)), dscale = Σ dy · x̂, doffset = Σ dy.
  func backward(scale: [Float], outputGradient: [Float]) -> (input: [Double], scale: [Double], offset: [Double]) {
    let channels = shape.channels
    let rows = Double(shape.count / channels)
    let passed = outputGradient.enumerated().map { i, g in shape.rectified && output[i] <= 0 ? 0 : Double(g) }
    var scaleGradient = [Double](repeating: 0, count: channels)
    var offsetGradient = scaleGradient
    for (i, g) in passed.enumerated() {
      scaleGradient[i % channels] += g * normalised[i]
      offsetGradient[i % channels] += g
    }
    let input = passed.enumerated().map { i, g in
      let c = i % channels
      return Double(scale[c]) / (variance[c] + Double(shape.epsilon)).squareRoot()
        * (g - offsetGradient[c] / rows - normalised[i] * scaleGradient[c] / rows)
    }
    return (input, scaleGradient, offsetGradient)
  }
}

@Suite struct BatchNormalisationTests {
  static let shapes: [BatchNormalisationShape] = [
    .init(batch: 3, height: 5, width: 4, channels: 7, epsilon: 1e-5),
    .init(batch: 3, height: 5, width: 4, channels: 7, epsilon: 1e-3, rectified: true),
    .init(batch: 4, height: 8, width: 8, channels: 32, epsilon: 1e-5, rectified: true),
    .init(batch: 2, height: 6, width: 5, channels: 48, epsilon: 1e-5),
    .init(batch: 9, channels: 6, epsilon: 1e-5),
    .init(batch: 9, channels: 16, epsilon: 1e-5, rectified: true),
  ]

  private func expectClose(_ computed: [Float], _ expected: [Double], within tolerance: Float) {
    #expect(ConvolutionTests.largestError(computed, expected.map(Float.init)) < tolerance)
  }

  @Test(arguments: shapes) func trainingAgreesWithTheFormulas(shape: BatchNormalisationShape) {
    let channels = shape.channels
    let input = ConvolutionTests.values(shape.count, "input").map { $0 * 3 + 1 }
    let scale = ConvolutionTests.values(channels, "scale")
    let offset = ConvolutionTests.values(channels, "offset")
    let outputGradient = ConvolutionTests.values(shape.count, "gradient")
    let direct = DirectNormalisation(shape, input: input, scale: scale, offset: offset)

    var mean = [Float](repeating: .nan, count: channels)
    var variance = mean
    var output = [Float](repeating: .nan, count: shape.count)
    var inputGradient = output
    var scaleGradient = mean
    var offsetGradient = mean
    var workspace = [UInt8](repeating: 0xa5, count: BatchNormalisation.workspaceSize(shape))
    workspace.withUnsafeMutableBytes { bytes in
      let pointer = shape.rectified ? bytes.baseAddress : nil
      BatchNormalisation.forward(
        shape, input: input, scale: scale, offset: offset, mean: &mean, variance: &variance, output: &output,
        workspace: pointer)
      BatchNormalisation.backward(
        shape, input: input, scale: scale, mean: mean, variance: variance, outputGradient: outputGradient,
        workspace: pointer, inputGradient: &inputGradient, scaleGradient: &scaleGradient,
        offsetGradient: &offsetGradient)
    }
    expectClose(mean, direct.mean, within: 1e-5)
    expectClose(variance, direct.variance, within: 1e-5)
    expectClose(output, direct.output, within: 1e-5)
    let gradient = direct.backward(scale: scale, outputGradient: outputGradient)
    expectClose(inputGradient, gradient.input, within: 1e-5)
    expectClose(scaleGradient, gradient.scale, within: 1e-4)
    expectClose(offsetGradient, gradient.offset, within: 1e-4)
  }

  @Test(arguments: shapes) func inferenceUsesTheGivenStatistics(shape: BatchNormalisationShape) {
    let channels = shape.channels
    let input = ConvolutionTests.values(shape.count, "input")
    let scale = ConvolutionTests.values(channels, "scale")
    let offset = ConvolutionTests.values(channels, "offset")
    let mean = ConvolutionTests.values(channels, "mean")
    let variance = ConvolutionTests.values(channels, "variance").map { abs($0) + 0.1 }
    var output = [Float](repeating: .nan, count: shape.count)
    BatchNormalisation.infer(
      shape, input: input, scale: scale, offset: offset, mean: mean, variance: variance, output: &output)
    let expected = input.enumerated().map { i, x in
      let c = i % channels
      let y = scale[c] * (x - mean[c]) / (variance[c] + shape.epsilon).squareRoot() + offset[c]
      return Double(shape.rectified ? max(0, y) : y)
    }
    expectClose(output, expected, within: 1e-5)
  }

  @Test func aHandComputedExample() {
    let shape = BatchNormalisationShape(batch: 4, channels: 1, epsilon: 0)
    var mean: [Float] = [0]
    var variance: [Float] = [0]
    var output = [Float](repeating: 0, count: 4)
    BatchNormalisation.forward(
      shape, input: [0, 0, 4, 4], scale: [3], offset: [1], mean: &mean, variance: &variance, output: &output)
    #expect(mean == [2])
    #expect(variance == [4])
    #expect(output == [-2, -2, 4, 4])
  }
}
