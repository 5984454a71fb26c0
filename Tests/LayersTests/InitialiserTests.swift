import Autograd
import Kernels
import Layers
import ModuleGradients
import Testing

/// PyTorch's defaults: uniform in ±1/√fanIn, recurrent ±1/√hidden, embeddings standard normal.
@Suite struct InitialiserTests {
  /// Whether numbers are within ±bound, come near both ends, and have the mean and variance of a uniform distribution.
  private func expectUniform(_ parameter: Parameter, bound: Float, _ name: String) {
    let values = parameter.value.values
    #expect(values.allSatisfy { abs($0) <= bound }, "\(name)")
    guard values.count > 500 else { return }
    #expect(values.max()! > 0.98 * bound && values.min()! < -0.98 * bound, "\(name)")
    let mean = values.reduce(0, +) / Float(values.count)
    let variance = values.reduce(0) { $0 + $1 * $1 } / Float(values.count)
    #expect(abs(mean) < 0.1 * bound, "\(name)")
    #expect(abs(variance / (bound * bound / 3) - 1) < 0.15, "\(name)")
  }

  @Test func denseLayers() throws {
    var stream = initialStream()
    let layer = Linear(64, 600, stream: &stream)
    expectUniform(layer.weight, bound: 0.125, "weight")
    expectUniform(try #require(layer.bias), bound: 0.125, "bias")
  }

  @Test func convolutions() throws {
    var stream = initialStream()
    let layer = Conv2d(4, 600, kernel: (2, 8), stream: &stream)
    expectUniform(layer.weight, bound: 0.125, "weight")
    expectUniform(try #require(layer.bias), bound: 0.125, "bias")
  }

  @Test func recurrentLayers() {
    var stream = initialStream()
    for (path, parameter) in LSTM(10, 64, stream: &stream).parameters {
      expectUniform(parameter, bound: 0.125, "LSTM \(path)")
    }
    for (path, parameter) in GRU(10, 64, stream: &stream).parameters {
      expectUniform(parameter, bound: 0.125, "GRU \(path)")
    }
  }

  @Test(arguments: [1, 0.02] as [Float]) func embeddings(deviation: Float) {
    var stream = initialStream()
    let layer = Embedding(vocabulary: 100, dimensions: 50, deviation: deviation, stream: &stream)
    let values = layer.table.value.values
    let mean = values.reduce(0, +) / 5000
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 5000
    #expect(abs(mean) < 0.07 * deviation)
    #expect(abs(variance / (deviation * deviation) - 1) < 0.1)
  }

  @Test func normsBeginAsTheIdentity() {
    let norm = BatchNorm(3)
    #expect(norm.gain.value.values == [1, 1, 1] && norm.bias.value.values == [0, 0, 0])
    #expect(norm.runningMean.value.values == [0, 0, 0] && norm.runningVariance.value.values == [1, 1, 1])
    let layerNorm = LayerNorm(2)
    #expect(layerNorm.gain.value.values == [1, 1] && layerNorm.bias.value.values == [0, 0])
  }

  @Test func theStreamDecides() {
    func weights(_ seed: UInt64) -> [Float] {
      var stream = initialStream(seed)
      return Linear(5, 5, stream: &stream).weight.value.values
    }
    #expect(weights(1) == weights(1))
    #expect(weights(1) != weights(2))
  }
}
