import Kernels
import Testing

@Suite struct PoolingTests {
  /// Forward with a workspace where there is one, then backward.
  private func run(_ shape: PoolingShape, input: [Float], outputGradient: [Float]) -> (
    output: [Float], inputGradient: [Float]
  ) {
    var workspace = [UInt8](repeating: 0xa5, count: Pooling.workspaceSize(shape))
    var output = [Float](repeating: .nan, count: shape.outputCount)
    var inputGradient = [Float](repeating: .nan, count: shape.inputCount)
    workspace.withUnsafeMutableBytes { bytes in
      let pointer = bytes.count > 0 ? bytes.baseAddress : nil
      Pooling.forward(shape, input: input, output: &output, workspace: pointer)
      Pooling.backward(shape, outputGradient: outputGradient, workspace: pointer, inputGradient: &inputGradient)
    }
    return (output, inputGradient)
  }

  @Test func maximumTakesTheLargestValueAndItsGradient() {
    let shape = PoolingShape(
      .maximum, batch: 1, height: 2, width: 4, channels: 1, windowHeight: 2, windowWidth: 2, strideHeight: 2,
      strideWidth: 2)
    let (output, gradient) = run(shape, input: [1, 5, 2, 0, 3, 4, 1, 7], outputGradient: [10, 20])
    #expect(output == [5, 7])
    #expect(gradient == [0, 10, 0, 0, 0, 0, 0, 20])
  }

  @Test func theFirstOfEqualMaximaReceivesTheGradient() {
    let shape = PoolingShape(
      .maximum, batch: 1, height: 2, width: 2, channels: 3, windowHeight: 2, windowWidth: 2)
    // Channel 0 ties everywhere, channel 1 ties in the last two places, channel 2 in the second and the fourth.
    let input: [Float] = [4, 0, 1, 4, 1, 9, 4, 2, 3, 4, 2, 9]
    let (output, gradient) = run(shape, input: input, outputGradient: [1, 2, 3])
    #expect(output == [4, 2, 9])
    #expect(gradient == [1, 0, 0, 0, 0, 3, 0, 2, 0, 0, 0, 0])
  }

  @Test func overlappingWindowsAddTheirGradients() {
    let shape = PoolingShape(
      .maximum, batch: 1, height: 1, width: 3, channels: 1, windowHeight: 1, windowWidth: 2)
    let (output, gradient) = run(shape, input: [0, 3, 1], outputGradient: [5, 7])
    #expect(output == [3, 3])
    #expect(gradient == [0, 12, 0])
  }

  @Test func paddingNeverWinsAMaximum() {
    let shape = PoolingShape(
      .maximum, batch: 1, height: 2, width: 2, channels: 1, windowHeight: 3, windowWidth: 3, strideHeight: 2,
      strideWidth: 2, padding: .init(1))
    let (output, gradient) = run(shape, input: [-4, -3, -2, -9], outputGradient: [6])
    #expect(output == [-2])
    #expect(gradient == [0, 0, 6, 0])
  }

  @Test func withoutAWorkspaceTheMaximumIsTheSame() {
    let shape = PoolingShape(
      .maximum, batch: 2, height: 7, width: 9, channels: 5, windowHeight: 3, windowWidth: 2, strideHeight: 2,
      strideWidth: 3, padding: .init(top: 1, bottom: 0, left: 0, right: 1))
    let input = ConvolutionTests.values(shape.inputCount, "input")
    var output = [Float](repeating: .nan, count: shape.outputCount)
    Pooling.forward(shape, input: input, output: &output)
    let training = run(shape, input: input, outputGradient: output).output
    #expect(output == training)
    #expect(output.allSatisfy { input.contains($0) })
  }

  @Test(arguments: [true, false]) func averageCountsPaddingOrNot(countsPadding: Bool) {
    let shape = PoolingShape(
      .average(countsPadding: countsPadding), batch: 1, height: 2, width: 2, channels: 1, windowHeight: 2,
      windowWidth: 2, strideHeight: 2, strideWidth: 2, padding: .init(1))
    let (output, gradient) = run(shape, input: [4, 8, 12, 16], outputGradient: [4, 8, 12, 16])
    // Each window holds one value of the image and three of the padding.
    #expect(output == (countsPadding ? [1, 2, 3, 4] : [4, 8, 12, 16]))
    #expect(gradient == (countsPadding ? [1, 2, 3, 4] : [4, 8, 12, 16]))
    #expect(Pooling.workspaceSize(shape) == 0)
  }

  @Test func globalAverageIsTheMeanOfEachImageAndChannel() {
    let shape = PoolingShape.globalAverage(batch: 2, height: 1, width: 4, channels: 2)
    let input: [Float] = [1, 10, 2, 20, 3, 30, 6, 60, 0, 4, 0, 4, 0, 4, 0, 4]
    let (output, gradient) = run(shape, input: input, outputGradient: [4, 8, 12, 16])
    #expect(output == [3, 30, 0, 4])
    #expect(gradient == [1, 2, 1, 2, 1, 2, 1, 2, 3, 4, 3, 4, 3, 4, 3, 4])
  }

  @Test func aMaximumWithoutItsWorkspaceIsAProgrammersError() async {
    await #expect(processExitsWith: .failure) {
      let shape = PoolingShape(
        .maximum, batch: 1, height: 2, width: 2, channels: 1, windowHeight: 2, windowWidth: 2)
      var gradient: [Float] = [0, 0, 0, 0]
      Pooling.backward(shape, outputGradient: [1], inputGradient: &gradient)
    }
  }
}
