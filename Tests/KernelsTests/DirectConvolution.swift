import Kernels

/// Convolution by its definition, in double precision: what the fast ones are compared with.
struct DirectConvolution {
  let shape: ConvolutionShape

  /// Visits every product `output[o] += input[i] · weights[w]`.
  private func forEachProduct(_ body: (_ output: Int, _ input: Int, _ weight: Int) -> Void) {
    let s = shape
    for b in 0..<s.batch {
      for y in 0..<s.outputHeight {
        for x in 0..<s.outputWidth {
          for f in 0..<s.filters {
            let output = ((b * s.outputHeight + y) * s.outputWidth + x) * s.filters + f
            for i in 0..<s.kernelHeight {
              let row = y * s.strideHeight + i - s.padding.top
              guard (0..<s.height).contains(row) else { continue }
              for j in 0..<s.kernelWidth {
                let column = x * s.strideWidth + j - s.padding.left
                guard (0..<s.width).contains(column) else { continue }
                let pixel = ((b * s.height + row) * s.width + column) * s.channels
                let tap = ((f * s.kernelHeight + i) * s.kernelWidth + j) * s.channels
                for c in 0..<s.channels { body(output, pixel + c, tap + c) }
              }
            }
          }
        }
      }
    }
  }

  func forward(input: [Float], weights: [Float], bias: [Float]?) -> [Float] {
    var output = [Double](repeating: 0, count: shape.outputCount)
    if let bias { for o in output.indices { output[o] = Double(bias[o % shape.filters]) } }
    forEachProduct { o, i, w in output[o] += Double(input[i]) * Double(weights[w]) }
    return output.map(Float.init)
  }

  func backwardInput(outputGradient: [Float], weights: [Float]) -> [Float] {
    var gradient = [Double](repeating: 0, count: shape.inputCount)
    forEachProduct { o, i, w in gradient[i] += Double(outputGradient[o]) * Double(weights[w]) }
    return gradient.map(Float.init)
  }

  func backwardWeights(input: [Float], outputGradient: [Float]) -> [Float] {
    var gradient = [Double](repeating: 0, count: shape.weightCount)
    forEachProduct { o, i, w in gradient[w] += Double(outputGradient[o]) * Double(input[i]) }
    return gradient.map(Float.init)
  }

  func backwardBias(outputGradient: [Float]) -> [Float] {
    var gradient = [Double](repeating: 0, count: shape.filters)
    for (o, value) in outputGradient.enumerated() { gradient[o % shape.filters] += Double(value) }
    return gradient.map(Float.init)
  }
}
