import Layers

/// How far a training is.
struct TrainingProgress: Codable, Equatable {
  /// The steps done.
  var step = 0
  /// The pass over the data, from 1; one more than there are when all are done.
  var epoch = 1
  /// The steps done in this pass.
  var batch = 0
  /// The rule for a loss that stops falling.
  var plateau: Plateau
  /// The sums of this pass.
  var sums = RunningMeans()
  /// The wall time of this pass in the processes before.
  var epochSeconds = 0.0

  init(plateau: Plateau) { self.plateau = plateau }

  /// Whether both are between the same two steps of the same pass.
  func isAt(_ other: TrainingProgress) -> Bool {
    step == other.step && epoch == other.epoch && batch == other.batch
  }
}

/// Means of named numbers in the order of their first mention.
struct RunningMeans: Codable, Equatable {
  private var names: [String] = []
  private var sums: [String: Double] = [:]
  private var count = 0

  mutating func add(_ terms: [(name: String, value: Double)]) {
    if names.isEmpty { names = terms.map(\.name) }
    for term in terms { sums[term.name, default: 0] += term.value }
    count += 1
  }

  var means: [LossTerm] { names.map { LossTerm($0, (sums[$0] ?? 0) / Double(max(count, 1))) } }
}
