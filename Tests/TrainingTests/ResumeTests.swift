import Autograd
import Diagnostics
import Foundation
import Interchange
import Kernels
import Layers
import Objectives
import SampleRuns
import Synchronization
import Testing
import Training

/// A network with batch norm and dropout that is contrasted with its momentum twin and a queue, on noisy inputs.
private final class Contrast {
  struct Encoder: Module {
    let network: Sequential
    init(_ stream: inout RandomStream) {
      network = Sequential(
        Linear(6, 8, stream: &stream), BatchNorm(8), Dropout(rate: 0.3), Linear(8, 4, stream: &stream))
    }
    var parts: [ModulePart] { network.parts }
  }

  let encoder: Encoder
  let twin: MomentumTwin<Encoder>
  let queue: NegativeQueue
  let state: TrainingState
  private let items: [Float]
  /// Observations in all.
  static let count = 13

  init(data: String = "data") {
    var stream = RandomStream(seed: 3, name: "init")
    encoder = Encoder(&stream)
    twin = MomentumTwin(of: encoder, into: Encoder(&stream))
    queue = NegativeQueue(size: 7, dimensions: 4, tagCount: 2, stream: &stream)
    items = (0..<Self.count * 6).map { _ in stream.normal() }
    state = TrainingState(seed: 5, data: data)
    state.include(twin, as: "twin")
    state.include(queue, as: "queue")
  }

  func loss(_ batch: [Int], _ pass: ForwardPass) -> LossTerms {
    func view() -> Tensor {
      let noise = (0..<batch.count * 6).map { _ in 0.1 * state.streams["augment"].normal() }
      return Tensor(batch.flatMap { items[$0 * 6..<$0 * 6 + 6] }, shape: [batch.count, 6])
        + Tensor(noise, shape: [batch.count, 6])
    }
    twin.update(momentum: 0.9)
    let queries = encoder.network(view(), in: pass).l2Normalised()
    let keys = twin { $0.network(view(), in: pass).l2Normalised() }
    let positive = (queries * keys).sum()
    let negative = queries.multiplied(by: queue.keys, otherTransposed: true).exp().sum()
    let tags = Tensor(
      (0..<batch.count * 2).map { _ in Float(state.streams["tags"].below(2)) }, shape: [batch.count, 2])
    queue.enqueue(keys.detached, tags: tags)
    return LossTerms(summing: [("attract", positive * -0.1), ("repel", negative * 0.01)])
  }

  /// What is remembered from epoch to epoch.
  func afterEpoch(_ epoch: Int) {
    let score = Double(encoder.network.parameters[0].parameter.value.values.reduce(0, +))
    if score > state.numbers["best"] ?? -.infinity {
      state.numbers["best"] = score
      state.numbers["best epoch"] = Double(epoch)
    }
  }

  /// Everything that training changes.
  var numbers: [[Float]] {
    let modules: [any Module] = [encoder, twin, queue]
    return modules.flatMap { module in
      module.parameters.map { $0.parameter.value.values } + module.buffers.map { $0.buffer.value.values }
    }
  }
}

@Suite struct ResumeTests {
  private let folder: TemporaryFolder
  private var log: URL { folder.url.appendingPathComponent("metrics.jsonl") }
  private var checkpoint: URL { folder.url.appendingPathComponent("training-state.safetensors") }

  init() throws { folder = try TemporaryFolder() }

  private static func options(_ course: TrainingOptions.Course) -> TrainingOptions {
    var options = TrainingOptions()
    options.epochs = 4
    options.batchSize = 4
    options.optimiser = .adamW
    options.weightDecay = 0.1
    options.learningRate = 0.05
    options.schedule = course
    options.patience = 0
    options.clippingNorm = 1
    return options
  }

  /// Counts steps and fails at a given one, as a full disk would.
  private final class Breaker: EventSink {
    private let left: Mutex<Int>
    let failsAtStep: Int?
    init(failsAtStep: Int?) {
      self.failsAtStep = failsAtStep
      left = Mutex(0)
    }
    var steps: Int { left.withLock { $0 } }
    func receive(_ event: TrainingEvent) throws(UserError) {
      guard case .step(let record) = event else { return }
      left.withLock { $0 += 1 }
      if record.step == failsAtStep { throw UserError(.inputOutput, "broken") }
    }
  }

  /// Trains in a process of its own, as it were: all objects are new.
  ///
  /// - Parameters:
  ///   - steps: the user stops after so many.
  ///   - failsAtStep: the process ends in the middle of this step, between its event and its checkpoint.
  @discardableResult private func train(
    _ course: TrainingOptions.Course = .cosine, in place: URL? = nil, steps: Int? = nil, failsAtStep: Int? = nil,
    seconds: Double? = 0, data: String = "data", change: (inout TrainingOptions) -> Void = { _ in }
  ) throws -> Contrast {
    let place = place ?? folder.url
    let contrast = Contrast(data: data)
    let breaker = Breaker(failsAtStep: failsAtStep)
    let file = place.appendingPathComponent("training-state.safetensors")
    // The log is taken up at the mark that the checkpoint names.
    let text = (try? SafetensorsFile(readingFrom: file))?.metadata["training"] ?? ""
    let mark = text.firstMatch(of: /"mark":(\d+)/).flatMap { Int($0.1) } ?? 0
    let log = try MetricsLog(resuming: place.appendingPathComponent("metrics.jsonl"), at: mark)
    let context = SeedContext(
      folder: place, events: TeeSink(log, breaker), cacheFolder: place, checkpointSeconds: seconds, threads: 1,
      stopRequested: { steps.map { breaker.steps >= $0 } ?? false })
    var options = Self.options(course)
    change(&options)
    let trainer = try Trainer(
      options, of: contrast.encoder, count: Contrast.count, state: contrast.state, context: context)
    try trainer.run(loss: contrast.loss, afterEpoch: contrast.afterEpoch)
    return contrast
  }

  private func events(in place: URL? = nil) throws -> String {
    try String(contentsOf: (place ?? folder.url).appendingPathComponent("metrics.jsonl"), encoding: .utf8)
      .replacing(/"time":\{[^}]*\}/, with: "")
  }

  private func expectSame(_ resumed: Contrast, _ whole: Contrast, in other: URL) throws {
    #expect(resumed.numbers == whole.numbers)
    #expect(resumed.state.numbers == whole.state.numbers && resumed.state.numbers["best epoch"] != nil)
    for stream in ["shuffle", "dropout", "augment", "tags"] {
      #expect(resumed.state.streams[stream] == whole.state.streams[stream])
      #expect(resumed.state.streams[stream].position > 0)
    }
    #expect(try events() == events(in: other))
    // What stands in the files, too, but for where the log ends: times have more digits or fewer.
    let (one, two) = (try SafetensorsFile(readingFrom: checkpoint).arrays, whole)
    let reference = try SafetensorsFile(readingFrom: other.appendingPathComponent("training-state.safetensors")).arrays
    #expect(one == reference && two.numbers.count + 2 * two.encoder.parameters.count == one.count)
  }

  @Test(arguments: [TrainingOptions.Course.cosine, .plateau])
  func aStopAfterAnyStepChangesNothing(course: TrainingOptions.Course) throws {
    let other = try TemporaryFolder()
    let whole = try train(course, in: other.url, seconds: 60)
    for stop in [1, 2, 3, 5, 6, 11] {
      #expect(throws: Interruption.self) { try train(course, steps: stop, seconds: 60) }
      try expectSame(try train(course, seconds: 60), whole, in: other.url)
      try FileManager.default.removeItem(at: checkpoint)
    }
  }

  @Test func manyStopsInOneTrainingChangeNothing() throws {
    let other = try TemporaryFolder()
    let whole = try train(in: other.url)
    for _ in 0..<11 { #expect(throws: Interruption.self) { try train(steps: 1) } }
    try expectSame(try train(), whole, in: other.url)
    // Once it is done, there is nothing left to do.
    try expectSame(try train(), whole, in: other.url)
  }

  @Test(arguments: [1, 2, 3, 4, 10, 12]) func aProcessThatDiesInAStepIsMadeUpFor(step: Int) throws {
    let other = try TemporaryFolder()
    let whole = try train(in: other.url)
    #expect(throws: UserError.self) { try train(failsAtStep: step) }
    // The log has a step that no checkpoint has, and was cut off in the middle of the next.
    let torn = try folder.text(of: "metrics.jsonl") + #"{"event":"st"#
    #expect(torn.contains("\"step\":\(step),"))
    try folder.write(torn, to: "metrics.jsonl")
    try expectSame(try train(), whole, in: other.url)
  }

  @Test func theModelsFileIsTheSameByte() throws {
    let other = try TemporaryFolder()
    try Checkpoint.write(try train(in: other.url).encoder, to: other.url.appendingPathComponent("model"))
    #expect(throws: Interruption.self) { try train(steps: 5) }
    try Checkpoint.write(try train().encoder, to: folder.url.appendingPathComponent("model"))
    #expect(try folder.text(of: "model").utf8.elementsEqual(try other.text(of: "model").utf8))
  }

  @Test func secondsGoOnFromThoseBefore() throws {
    #expect(throws: Interruption.self) { try train(steps: 5) }
    let line = #"{"event":"note","text":"late","time":{"seconds":1000}}"#
    let text = try folder.text(of: "metrics.jsonl") + line + "\n"
    try folder.write(text, to: "metrics.jsonl")
    let log = try MetricsLog(resuming: log, at: text.utf8.count)
    #expect(log.secondsBefore == 1000)
    try log.receive(.note("dropped"))
    log.resume(at: 1)
    try log.receive(.note("dropped too"))
    log.resume(at: text.utf8.count)
    try log.receive(.note("kept"))
    let added = try folder.text(of: "metrics.jsonl").dropFirst(text.count)
    #expect(added.hasPrefix(#"{"event":"note","text":"kept","time":{"seconds":1000"#))
    #expect(try log.mark() == text.utf8.count + added.utf8.count)
  }

  @Test func withoutAnIntervalNothingIsSaved() throws {
    #expect(throws: Interruption.self) { try train(steps: 5, seconds: nil) }
    #expect(!FileManager.default.fileExists(atPath: checkpoint.path))
  }

  @Test func whatDoesNotFitIsNamed() throws {
    #expect(throws: Interruption.self) { try train(steps: 5) }
    func refused(_ data: String = "data", _ change: (inout TrainingOptions) -> Void = { _ in }) -> String? {
      (#expect(throws: UserError.self) { try train(data: data, change: change) })?.description
    }
    let path = checkpoint.path
    #expect(
      refused("other data")
        == "\(path): was written for other data; put the old one back, or start another run with --fresh")
    #expect(refused { $0.epochs = 9 }?.contains("was written for another number of steps; ") == true)
    #expect(
      refused { $0.optimiser = .sgd }?.hasPrefix("\(path): optimiser.second.0.bias is missing, left over") == true)

    var file = try SafetensorsFile(readingFrom: checkpoint)
    let whole = file
    file.arrays["queue.keys"] = nil
    try file.write(to: checkpoint)
    #expect(refused()?.hasPrefix("\(path): holds no tensor queue.keys; ") == true)
    file = whole
    file.metadata = [:]
    try file.write(to: checkpoint)
    #expect(refused()?.hasPrefix("\(path): is no checkpoint of a training that this version can read; ") == true)
    try whole.write(to: checkpoint)
    try FileManager.default.removeItem(at: log)
    #expect(refused()?.hasPrefix("\(log.path): is shorter than when the checkpoint was written; ") == true)
  }
}
