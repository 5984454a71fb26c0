import Autograd
import Datasets
import Encoders
import Interchange
import Kernels
import Layers
import Testing

/// LoRA and tensor-train adapters: nothing at first, gradients as by differences, merged the same function.
@Suite struct AdapterTests {
  private let modalities = [Modality(name: "picture", kind: .image(height: 8, width: 8, channels: 3))]
  private let pictures: Tensor = {
    var stream = RandomStream(seed: 4, name: "pictures")
    return Tensor((0..<2 * 192).map { _ in stream.uniform() }, shape: [2, 8, 8, 3])
  }()

  private func options(_ change: (inout EncoderOptions) -> Void = { _ in }) -> EncoderOptions {
    var options = EncoderOptions()
    (options.imageDimensions, options.imageLayers, options.imageHeads) = (12, 1, 2)
    change(&options)
    return options
  }

  private func base() -> EncoderSet {
    var stream = RandomStream(seed: 1, name: "init")
    return EncoderSet(modalities, options: options(), stream: &stream)
  }

  private func adapted(_ adapter: StartOptions.Adapter, to base: EncoderSet) -> EncoderSet {
    var arrays: [String: NumericArray] = [:]
    for (path, parameter) in base.parameters {
      arrays["encoders.\(path)"] = NumericArray(parameter.value.values, shape: parameter.shape)
    }
    var start = StartOptions()
    (start.from, start.adapter, start.rank, start.alpha) = ("base", adapter, 2, 3)
    var stream = RandomStream(seed: 2, name: "init")
    return EncoderSet(
      modalities, options: options(), start: EncoderStart(start, source: CheckpointSource(arrays, place: "base")),
      stream: &stream)
  }

  private func vectors(_ encoders: EncoderSet) -> Tensor {
    encoders.encoding(of: 0, .numbers(pictures), in: .evaluation).vector
  }

  private func adapters(_ encoders: EncoderSet) -> [(path: String, parameter: Parameter)] {
    encoders.parameters.filter { $0.path.contains(".adapters.") }
  }

  /// Numbers that are no longer zero anywhere.
  private func shake(_ encoders: EncoderSet) {
    var stream = RandomStream(seed: 5, name: "shake")
    for (_, parameter) in adapters(encoders) {
      parameter.assign(Tensor((0..<parameter.count).map { _ in stream.normal() * 0.3 }, shape: parameter.shape))
    }
  }

  @Test(arguments: [StartOptions.Adapter.lora, .tensorTrain])
  func theBeginningIsTheBase(kind: StartOptions.Adapter) {
    let base = base()
    let own = adapted(kind, to: base)
    #expect(vectors(own).values == vectors(base).values)
    let trained = own.parameters.filter(\.parameter.isTrainable)
    #expect(trained.allSatisfy { $0.path.contains(".adapters.") } && !trained.isEmpty)
    // Of attention's q, k, v and output, and of the perceptron's two layers.
    let expected =
      kind == .lora
      ? 2 * (12 + 36) + 2 * (12 + 12) + 2 * (12 + 48) + 2 * (48 + 12)
      : adapters(own).reduce(0) { $0 + $1.parameter.count }
    #expect(trained.reduce(0) { $0 + $1.parameter.count } == expected)
    shake(own)
    #expect(vectors(own).values != vectors(base).values)
  }

  @Test(arguments: [StartOptions.Adapter.lora, .tensorTrain])
  func gradientsAreThoseOfDifferences(kind: StartOptions.Adapter) {
    let own = adapted(kind, to: base())
    shake(own)
    var stream = RandomStream(seed: 6, name: "weights")
    let weights = Tensor((0..<24).map { _ in stream.uniform() - 0.5 }, shape: [2, 12])
    func loss() -> Tensor { (vectors(own) * weights).sum() }
    for (_, parameter) in own.parameters { parameter.clearGradient() }
    _ = Tape.backpropagate { (loss(), ()) }
    for (path, parameter) in adapters(own) {
      guard let gradient = parameter.gradient?.values else {
        Issue.record("\(path) has no gradient")
        continue
      }
      let values = parameter.value.values
      for place in stride(from: 0, to: values.count, by: max(1, values.count / 5)) {
        func value(_ change: Float) -> Double {
          var changed = values
          changed[place] += change
          parameter.assign(Tensor(changed, shape: parameter.shape))
          return loss().values.reduce(0) { $0 + Double($1) }
        }
        let difference = (value(5e-3) - value(-5e-3)) / 1e-2
        parameter.assign(Tensor(values, shape: parameter.shape))
        #expect(abs(difference - Double(gradient[place])) < 2e-3, "\(path)[\(place)]")
      }
    }
    for (path, parameter) in own.parameters where !path.contains(".adapters.") { #expect(!parameter.hasGradient) }
  }

  @Test(arguments: [StartOptions.Adapter.lora, .tensorTrain])
  func mergedIsTheSameFunction(kind: StartOptions.Adapter) {
    let own = adapted(kind, to: base())
    shake(own)
    let before = vectors(own).values
    own.mergeAdapters()
    #expect(zip(vectors(own).values, before).allSatisfy { abs($0 - $1) < 1e-5 })
    // The adapters are without effect now.
    for (_, parameter) in adapters(own) { parameter.assign(Tensor(repeating: 7, shape: parameter.shape)) }
    #expect(zip(vectors(own).values, before).allSatisfy { abs($0 - $1) < 1e-5 })
  }

  /// Σ over the inner ranks, index by index.
  @Test func aTensorTrainIsTheSumOfItsPaths() {
    var stream = RandomStream(seed: 7, name: "cores")
    let adapter = TensorTrainAdapter(shape: [12, 8], rank: 2, alpha: 2, stream: &stream)
    #expect(adapter.rowModes == [2, 2, 3] && adapter.columnModes == [2, 2, 2])
    for core in adapter.cores {
      core.assign(Tensor((0..<core.count).map { _ in stream.normal() }, shape: core.shape))
    }
    let (g, m, n) = (adapter.cores.map(\.value.values), adapter.rowModes, adapter.columnModes)
    let change = adapter.change.values
    for row in 0..<12 {
      for column in 0..<8 {
        let i = [row / (m[1] * m[2]), row / m[2] % m[1], row % m[2]]
        let j = [column / (n[1] * n[2]), column / n[2] % n[1], column % n[2]]
        var sum: Float = 0
        for a in 0..<2 {
          for b in 0..<2 {
            // Core k is [r, m, n, r′], row-major.
            let first = g[0][(i[0] * n[0] + j[0]) * 2 + a]
            let second = g[1][((a * m[1] + i[1]) * n[1] + j[1]) * 2 + b]
            let third = g[2][(b * m[2] + i[2]) * n[2] + j[2]]
            sum += first * second * third
          }
        }
        #expect(abs(sum - change[row * 8 + column]) < 1e-5)
      }
    }
    // A number of one prime has a core of all of it.
    #expect(TensorTrainAdapter(shape: [7, 8], rank: 2, alpha: 1, stream: &stream).rowModes == [1, 1, 7])
  }
}
