import Autograd
import Diagnostics
import Foundation
import Kernels
import Layers
import Synchronization
import Testing
import Training

/// Keeps all events.
private final class Recorder: EventSink {
  private let kept = Mutex<[TrainingEvent]>([])
  func receive(_ event: TrainingEvent) { kept.withLock { $0.append(event) } }
  var events: [TrainingEvent] { kept.withLock { $0 } }
  var steps: [StepRecord] { events.compactMap { if case .step(let record) = $0 { record } else { nil } } }
  var epochs: [EpochRecord] { events.compactMap { if case .epoch(let record) = $0 { record } else { nil } } }
}

/// One number.
private struct Number: Module {
  let parameter: Parameter
  init(_ value: Float) { parameter = Parameter(Tensor([value])) }
  var parts: [ModulePart] { [.parameter("number", parameter)] }
  var value: Float { parameter.value.scalar }
}

@Suite struct TrainerTests {
  private let recorder = Recorder()

  private func options(_ change: (inout TrainingOptions) -> Void = { _ in }) -> TrainingOptions {
    var options = TrainingOptions()
    options.epochs = 2
    options.batchSize = 3
    options.optimiser = .sgd
    options.momentum = 0
    options.learningRate = 0.1
    change(&options)
    return options
  }

  private func train(
    _ options: TrainingOptions, seed: Int = 0, stopRequested: @escaping @Sendable () -> Bool = { false },
    of model: Number, count: Int, loss: ([Int], ForwardPass) throws -> LossTerms,
    afterEpoch: (Int) throws -> Void = { _ in }
  ) throws {
    let folder = FileManager.default.temporaryDirectory
    let context = SeedContext(
      folder: folder, events: recorder, cacheFolder: folder, threads: 1, stopRequested: stopRequested)
    let trainer = try Trainer(options, of: model, count: count, state: TrainingState(seed: seed), context: context)
    try trainer.run(loss: loss, afterEpoch: afterEpoch)
  }

  /// The sum of the number, whose gradient is 1.
  private func slope(_ model: Number) -> LossTerms {
    LossTerms(summing: [("a", model.parameter.tensor.sum()), ("b", Tensor(2))])
  }

  @Test func batchesAreShuffledAndWhole() throws {
    let model = Number(0)
    var batches: [[Int]] = []
    var ended: [Int] = []
    try train(
      options(), of: model, count: 10,
      loss: { batch, pass in
        #expect(pass.isTraining)
        batches.append(batch)
        return slope(model)
      }, afterEpoch: { ended.append($0) })
    #expect(batches.count == 6 && batches.allSatisfy { $0.count == 3 })
    let epochs = [Array(batches[..<3].joined()), Array(batches[3...].joined())]
    // Nine of the ten, each once; the last incomplete batch is left out.
    for epoch in epochs { #expect(Set(epoch).count == 9 && Set(epoch).isSubset(of: 0..<10)) }
    #expect(epochs[0] != epochs[1] && epochs[0] != epochs[0].sorted())
    #expect(ended == [1, 2])

    var again: [[Int]] = []
    try train(options(), of: model, count: 10) { batch, _ in
      again.append(batch)
      return slope(model)
    }
    #expect(again == batches)
    var other: [[Int]] = []
    try train(options(), seed: 1, of: model, count: 10) { batch, _ in
      other.append(batch)
      return slope(model)
    }
    #expect(other != batches)
  }

  @Test func eventsTellWhatHappened() throws {
    let model = Number(1)
    try train(options(), of: model, count: 6) { _, _ in slope(model) }
    #expect(abs(model.value - 0.6) < 1e-6)
    #expect(recorder.events.first == .began(totalSteps: 4, epochs: 2))
    let steps = recorder.steps
    #expect(steps.map(\.step) == [1, 2, 3, 4])
    #expect(steps.map(\.epoch) == [1, 1, 2, 2])
    #expect(steps.allSatisfy { $0.terms.map(\.name) == ["total", "a", "b"] && $0.gradientNorm == 1 })
    #expect(steps.allSatisfy { $0.samplesPerSecond > 0 })
    for (step, value) in zip(steps, [1, 0.9, 0.8, 0.7]) {
      #expect(abs(step.terms[1].value - value) < 1e-6 && abs(step.terms[0].value - value - 2) < 1e-6)
    }
    #expect(recorder.epochs.map(\.epoch) == [1, 2])
    #expect(abs(recorder.epochs[0].terms[1].value - 0.95) < 1e-6)
    #expect(abs(recorder.epochs[1].terms[0].value - 2.75) < 1e-6)
    guard case .epoch = recorder.events[3] else { return #expect(Bool(false), "no epoch ends after its two steps") }
  }

  @Test(arguments: [
    (TrainingOptions.Course.constant, 0, [0.1, 0.1, 0.1, 0.1, 0.1]),
    (.constant, 2, [0.05, 0.1, 0.1, 0.1, 0.1]),
    (.cosine, 1, [0.1, 0.1, 0.0853553391, 0.05, 0.0146446609]),
    (.step, 0, [0.1, 0.1, 0.1, 0.01, 0.001]),
    // The loss rises from the first epoch on, and one epoch is waited for: the third brings the second in a row.
    (.plateau, 0, [0.1, 0.1, 0.1, 0.01, 0.01]),
  ]) func theRateFollowsItsCourse(course: TrainingOptions.Course, warmup: Int, rates: [Double]) throws {
    let model = Number(0)
    let options = options {
      $0.epochs = 5
      $0.schedule = course
      $0.warmupSteps = warmup
      $0.patience = 1
    }
    var loss: Float = 1
    try train(options, of: model, count: 3) { _, _ in
      loss += 1
      return LossTerms(summing: [("a", model.parameter.tensor.sum()), ("b", Tensor(loss))])
    }
    #expect(recorder.steps.count == 5)
    for (step, rate) in zip(recorder.steps, rates) { #expect(abs(step.learningRate - rate) < 1e-9) }
  }

  @Test func gradientsAreClipped() throws {
    let model = Number(0)
    let options = options {
      $0.epochs = 1
      $0.clippingNorm = 0.5
    }
    try train(options, of: model, count: 3) { _, _ in LossTerms(summing: [("a", (model.parameter.tensor * 4).sum())])
    }
    #expect(recorder.steps.map(\.gradientNorm) == [4])
    #expect(abs(model.value + 0.05) < 1e-6)
  }

  @Test func dropoutDrawsFromTheSeed() throws {
    func drawn(_ seed: Int) throws -> [Float] {
      var drawn: [Float] = []
      let model = Number(0)
      try train(options(), seed: seed, of: model, count: 3) { _, pass in
        drawn += Dropout(rate: 0.5)(Tensor(repeating: 1, shape: [20]), in: pass).values
        return slope(model)
      }
      return drawn
    }
    #expect(try drawn(1) == drawn(1))
    #expect(try drawn(1) != drawn(2))
    let both = try drawn(3)
    #expect(both[..<20] != both[20...])
  }

  @Test(arguments: [Float.nan, .infinity]) func aLossThatIsNotFiniteIsNamed(bad: Float) {
    let model = Number(1)
    var step = 0
    let error = #expect(throws: UserError.self) {
      try train(options(), of: model, count: 9) { _, _ in
        step += 1
        return LossTerms(summing: [
          ("image", model.parameter.tensor.sum()), ("sound", Tensor(step == 2 ? bad : 1)),
        ])
      }
    }
    #expect(
      error?.description
        == "step 2: the loss term sound is \(bad); lower training.learningRate or set training.clippingNorm")
    #expect(error?.isOfAllRanks == true)
    #expect(recorder.steps.map(\.step) == [1])
    // Step 1 alone has changed the model.
    #expect(abs(model.value - 0.9) < 1e-6)
  }

  @Test func aGradientThatIsNotFiniteIsNamed() {
    let model = Number(0)
    // √x at 0: a finite loss with an infinite slope.
    let error = #expect(throws: UserError.self) {
      try train(options(), of: model, count: 3) { _, _ in
        LossTerms(summing: [("root", model.parameter.tensor.squareRoot().sum())])
      }
    }
    #expect(
      error?.description
        == "step 1: the gradient is not finite; lower training.learningRate or set training.clippingNorm")
    #expect(error?.isOfAllRanks == true)
  }

  @Test(arguments: [0, 1]) func tooFewObservationsAreRefused(count: Int) {
    let model = Number(0)
    let error = #expect(throws: UserError.self) {
      try train(options(), of: model, count: count) { _, _ in slope(model) }
    }
    #expect(error?.description == "\(count) training observations are too few; contrasting needs at least 2")
  }

  @Test func fewerObservationsThanABatchAreOneBatch() throws {
    let model = Number(0)
    var sizes: [Int] = []
    try train(options { $0.batchSize = 64 }, of: model, count: 5) { batch, _ in
      sizes.append(batch.count)
      return slope(model)
    }
    #expect(sizes == [5, 5])
  }

  @Test func theUserCanStopBetweenSteps() {
    let model = Number(0)
    let steps = Mutex(0)
    #expect(throws: Interruption.self) {
      try train(options(), stopRequested: { steps.withLock { $0 >= 2 } }, of: model, count: 9) { _, _ in
        steps.withLock { $0 += 1 }
        return slope(model)
      }
    }
    #expect(recorder.steps.count == 2)
  }

  @Test func decaySparesParametersOfOneAxis() {
    struct Layer: Module {
      let weight = Parameter(Tensor([1], shape: [1, 1]))
      let bias = Parameter(Tensor([1]))
      var parts: [ModulePart] { [.parameter("weight", weight), .parameter("bias", bias)] }
    }
    let layer = Layer()
    let optimiser = options { $0.weightDecay = 0.5 }.optimiser(for: layer)
    Tape.backpropagate { (layer.weight.tensor.sum() + layer.bias.tensor.sum()) * 0 }
    optimiser.update(learningRate: 1)
    #expect(layer.weight.value.values == [0.5])
    #expect(layer.bias.value.values == [1])
  }

  @Test func optionsAreChecked() {
    let changes: [(String, (inout TrainingOptions) -> Void)] = [
      ("epochs", { $0.epochs = 0 }), ("batchSize", { $0.batchSize = 1 }), ("learningRate", { $0.learningRate = 0 }),
      ("learningRate", { $0.learningRate = .infinity }), ("momentum", { $0.momentum = 1 }),
      ("weightDecay", { $0.weightDecay = -1 }), ("patience", { $0.patience = -1 }),
      ("warmupSteps", { $0.warmupSteps = -1 }), ("clippingNorm", { $0.clippingNorm = 0 }),
    ]
    for (key, change) in changes {
      let error = #expect(throws: UserError.self) { try options(change).validate(section: "training") }
      #expect(error?.place == "training.\(key)")
    }
    #expect(throws: Never.self) { try TrainingOptions().validate(section: "training") }
  }
}
