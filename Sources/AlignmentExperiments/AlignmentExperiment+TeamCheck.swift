import Autograd
import Datasets
import Diagnostics
import Foundation
import Kernels
import Layers
import Methods
import Options
import Runs
import Teams
import Training

/// What two steps of a team are beside two undivided ones.
public struct TeamCheck: Codable, Equatable, Sendable {
  /// A digest of the losses, gradients, buffers and random streams after the steps.
  public let bits: String
  /// The greatest relative error of a whole gradient, ‖a − b‖ / ‖b‖.
  public let gradient: Double
  /// The greatest error of a loss term, relative where the term is above 1.
  public let loss: Double
  /// The greatest error of a buffer, a twin or a queue, in the same way.
  public let state: Double
  /// Whether random streams stand where they do after undivided steps.
  public let streamsAgree: Bool
}

/// A fault on purpose, which the check must see.
public enum TeamFault: String, CaseIterable, Sendable {
  /// What the loss itself gives parameters counts on every rank.
  case besideOnEveryRank
  /// Dropout does not know which rows are in hand.
  case noWindow
  /// Representations of two ranks are exchanged.
  case exchangedRows
  /// A parameter of the last rank is changed.
  case otherParameter
}

extension AlignmentExperiment {
  /// Takes two steps of a recipe in chunks that the ranks of a team share, and the same undivided.
  ///
  /// - Throws: `UserError` where the recipe cannot be divided, or ranks come to other bits.
  public func teamCheck(
    settings: AlignmentSettings, context: SeedContext, fault: TeamFault? = nil
  ) throws -> TeamCheck {
    try settings.checkPrecision()
    let dataset = try dataset(settings, seed: 0, context: context)
    let whole = try steps(settings, dataset, in: .alone, isDivided: false, fault: nil)
    let divided = try steps(settings, dataset, in: context.team, isDivided: true, fault: fault)
    let check = TeamCheck(
      bits: String(digest(of: divided).prefix(16)),
      gradient: zip(divided, whole).map { Self.distance($0.gradients, $1.gradients) }.max() ?? .infinity,
      loss: zip(divided, whole).map { Self.error($0.terms, $1.terms) }.max() ?? .infinity,
      state: zip(divided, whole).map { Self.error($0.state, $1.state) }.max() ?? .infinity,
      streamsAgree: zip(divided, whole).allSatisfy { $0.streams == $1.streams })
    try context.team.agree(on: "the bits of two steps", check.bits, mend: "use hosts of one kind of processor")
    return check
  }

  private func steps(
    _ settings: AlignmentSettings, _ dataset: MultimodalDataset, in team: Team, isDivided: Bool, fault: TeamFault?
  ) throws -> [StepOutcome] {
    let data = try AlignmentCourse.data(
      settings, dataset: dataset, seed: 0, start: try ModelStart.open(settings, dataset: dataset, seed: 0))
    let model = AlignmentModel(settings, data: data, seed: 0, initialisation: initialisation, steps: 10)
    try ChunkNeeds(settings, data, model.method).check()
    let optimiser = Optimiser(.sgd(), for: model)
    let state = TrainingState(seed: 3)
    for (name, module) in model.method.companions { state.include(module, as: name) }
    var outcomes: [StepOutcome] = []
    for step in 0..<2 {
      let rows = (0..<settings.training.batchSize).map { ($0 * 5 + step) % data.count(.train) }
      let batch = TrainingBatch(rows: rows, step: step, streams: state.streams, data: data, inputs: model.inputs)
      let terms =
        if isDivided {
          try ChunkedStep(
            model.method, chunks: settings.training.chunks, precision: settings.training.precision,
            of: optimiser.store, team: team, fault: fault.flatMap { ChunkedStep.Fault(rawValue: $0.rawValue) })(batch)
        } else {
          try Tape.backpropagate {
            let terms = try settings.training.precision.use {
              try model.method.step(batch, in: ForwardPass(streams: state.streams))
            }
            return (terms.total, terms)
          }.extra
        }
      outcomes.append(StepOutcome(model, terms, state))
      // Little enough that rounding in the first step is not what the second shows.
      optimiser.update(learningRate: 1e-3)
    }
    if isDivided {
      if fault == .otherParameter, team.rank == team.size - 1, let parameter = model.parameters.first?.parameter {
        parameter.assign(Tensor(parameter.value.values.map { $0 + 1e-7 }, shape: parameter.shape))
      }
      try SharedTraining(model, optimiser: optimiser, state: state, team: team).check()
    }
    return outcomes
  }

  private func digest(of outcomes: [StepOutcome]) -> String {
    var digest = SHA256()
    for outcome in outcomes {
      for part in [outcome.terms, outcome.gradients, outcome.state] {
        for (name, values) in part.sorted(by: { $0.key < $1.key }) {
          digest.update(name)
          values.withUnsafeBytes { digest.update($0) }
        }
      }
      for (name, stream) in outcome.streams.sorted(by: { $0.key < $1.key }) {
        digest.update("\(name) \(stream.position)")
      }
    }
    return digest.hexDigest
  }

  /// ‖a − b‖ / ‖b‖ over all numbers; infinite where other parameters have a gradient.
  private static func distance(_ own: [String: [Float]], _ other: [String: [Float]]) -> Double {
    guard Set(own.keys) == Set(other.keys) else { return .infinity }
    var (difference, size) = (0.0, 0.0)
    for (name, values) in other.sorted(by: { $0.key < $1.key }) {
      for (a, b) in zip(own[name] ?? [], values) {
        difference += Double(a - b) * Double(a - b)
        size += Double(b) * Double(b)
      }
    }
    return (difference / max(size, 1e-30)).squareRoot()
  }

  /// The greatest error of a number, relative where it is above 1.
  private static func error(_ own: [String: [Float]], _ other: [String: [Float]]) -> Double {
    guard own.mapValues(\.count) == other.mapValues(\.count) else { return .infinity }
    var greatest = 0.0
    for (name, values) in other {
      for (a, b) in zip(own[name] ?? [], values) {
        let difference = Double(abs(a - b))
        greatest = max(greatest, difference / max(1, Double(abs(b))))
      }
    }
    return greatest
  }
}

/// Everything that a step leaves behind, by name.
private struct StepOutcome {
  var terms: [String: [Float]] = [:]
  var gradients: [String: [Float]] = [:]
  var state: [String: [Float]] = [:]
  let streams: [String: RandomStream]

  init(_ model: AlignmentModel, _ terms: LossTerms, _ training: TrainingState) {
    for (name, value) in terms.values { self.terms[name] = [Float(value)] }
    for (path, parameter) in model.parameters { gradients[path] = parameter.gradient?.values }
    for (path, buffer) in model.buffers { state["model \(path)"] = buffer.value.values }
    for (name, module) in model.method.companions {
      for (path, buffer) in module.buffers { state["\(name) \(path)"] = buffer.value.values }
      for (path, parameter) in module.parameters { state["\(name) \(path)"] = parameter.value.values }
    }
    streams = training.streams.positions
  }
}
