import AlignmentExperiments
import Autograd
import Datasets
import Foundation
import Kernels
import Layers
import Methods
import Objectives
import Runs
import Training

/// How much the keys in the queues have aged, halfway through the training.
///
///     c(a) = mean_i  k_i · k′_i,   i over the keys that were queued a steps ago
///
/// k is the key as it stands in the queue, k′ the one that the momentum twin gives now for the very same view, in
/// the same batch and with the same dropout: nothing but the twin's parameters differs. So c(0) = 1 up to rounding, and
/// c(a) = 1 for all a where the twin never moves. Since even keys of different observations may have a high cosine, their
/// mean cosine within a batch, k_i · k′_j with i ≠ j, is measured beside it.
struct QueueAges {
  /// The name of the file, see `LineChartFile`.
  static let name = "queue-age"

  /// The keys of one head.
  struct Course: Equatable {
    let head: MCT.Head
    /// Steps since the keys were queued.
    var ages: [Double] = []
    /// c(a).
    var cosines: [Double] = []
    /// The mean cosine of keys of different observations over all ages; nil without two observations in a batch.
    var others: Double?
  }

  let courses: [Course]
  let seed: Int

  /// Measures the queues; nil where there is none, or training made no step.
  ///
  /// It takes one pass of the twin over each step of the queue, or of up to 32 of them, and no gradient.
  init?(
    _ moments: [KeyHistory.Moment], queues: [MCT.Head: NegativeQueue], seed: Int,
    keys: (KeyHistory.Moment) throws -> [MCT.Head: Tensor]
  ) throws {
    self.seed = seed
    let heads = MCT.Head.allCases.filter { queues[$0] != nil }
    var courses = heads.map { Course(head: $0) }
    var others = heads.map { _ in (sum: 0.0, count: 0) }
    for moment in moments.sorted(by: { $0.age < $1.age }) {
      let fresh = try keys(moment)
      for (index, head) in heads.enumerated() {
        guard let queue = queues[head], let keys = fresh[head], let pair = Self.pair(keys, in: queue, age: moment.age)
        else { continue }
        courses[index].ages.append(Double(moment.age))
        courses[index].cosines.append(pair.own.reduce(0, +) / Double(pair.own.count))
        others[index].sum += pair.others
        others[index].count += pair.own.count * (pair.own.count - 1)
      }
    }
    for index in heads.indices where others[index].count > 0 {
      courses[index].others = others[index].sum / Double(others[index].count)
    }
    self.courses = courses.filter { !$0.ages.isEmpty }
    if self.courses.isEmpty { return nil }
  }

  /// The cosines of fresh keys with those queued `age` steps ago, as far as the queue still holds them.
  ///
  /// - Returns: the cosine of each key with its own, and the sum over all pairs of different ones; nil where none is left.
  static func pair(_ fresh: Tensor, in queue: NegativeQueue, age: Int) -> (own: [Double], others: Double)? {
    let (batch, width) = (fresh.shape[0], fresh.shape[1])
    // The last row of a batch was queued last.
    let rows = (0..<batch).filter { age * batch + batch - 1 - $0 < queue.filled }
    if rows.isEmpty { return nil }
    let (new, old) = (fresh.values, queue.keys.values)
    var own: [Double] = []
    var (newSum, oldSum) = ([Double](repeating: 0, count: width), [Double](repeating: 0, count: width))
    for row in rows {
      let distance = age * batch + batch - row
      let place = (queue.position - distance + queue.size) % queue.size
      var cosine = 0.0
      for column in 0..<width {
        let (a, b) = (Double(new[row * width + column]), Double(old[place * width + column]))
        cosine += a * b
        newSum[column] += a
        oldSum[column] += b
      }
      own.append(cosine)
    }
    return (own, zip(newSum, oldSum).reduce(0) { $0 + $1.0 * $1.1 } - own.reduce(0, +))
  }

  /// What the figure is drawn from.
  var file: LineChartFile {
    let others = courses.compactMap { course in
      course.others.map { "\(course.head.words) \(String(format: "%.2f", $0).replacing("-", with: "−"))" }
    }
    return LineChartFile(
      title: "age of the keys in the queues",
      caption:
        "Mean cosine of a key in the queue with the key that the momentum twin gives halfway through the training for "
        + "the same view in the same batch, by the steps since it was queued; at 0 both are the same."
        + (others.isEmpty
          ? ""
          : " For comparison, keys of different observations have mean cosine \(others.joined(separator: ", ")) "
            + "(seed \(seed))."),
      horizontal: "age (steps)", vertical: "cosine with the present key",
      lines: courses.map { .init(name: $0.head.words, x: $0.ages, y: $0.cosines) })
  }
}

extension MCT.Head {
  /// What a reader calls it.
  fileprivate var words: String {
    switch self {
    case .imageIntra: "image intra"
    case .captionIntra: "caption intra"
    case .imageCommon: "image common"
    case .captionCommon: "caption common"
    }
  }
}

/// Remembers the steps whose keys are in the queues, and draws how they have aged.
struct QueueAgeObserver: TrainingObserver {
  private let course: AlignmentCourse
  private let method: MCTMethod
  private let history: KeyHistory

  /// Watches a training with queues of views; nil for one without.
  init?(_ course: AlignmentCourse) {
    guard let method = course.model.method as? MCTMethod, !method.options.objective.keyHeads.isEmpty,
      !method.options.comparesItems
    else { return nil }
    self.course = course
    self.method = method
    history = KeyHistory(
      queueSize: method.options.objective.queueSize,
      batchSize: min(course.settings.training.batchSize, course.data.count(.train)))
  }

  var module: (any Module)? { history }

  func step(_ batch: TrainingBatch, streams: [String: RandomStream], dropoutBeforeKeys: RandomStream) {
    var streams = streams
    streams[KeyHistory.dropout] = dropoutBeforeKeys
    history.remember(batch, streams: streams, in: course.state.streams)
  }

  /// By the end the learning rate may be 0, and keys no longer age; so it is drawn halfway.
  func epoch(_ number: Int) throws {
    guard number == (course.settings.training.epochs + 1) / 2 else { return }
    try ages()?.file.write(name: QueueAges.name, to: course.context.folder)
  }

  func ages() throws -> QueueAges? {
    try QueueAges(
      history.moments(after: course.state.step, in: course.state.streams), queues: method.objective.queues,
      seed: course.seed
    ) { moment in
      try course.context.checkInterruption()
      return try keys(of: moment)
    }
  }

  /// The keys that the twin gives, as it is now, for the very views of a past step: with the same observations in every
  /// part of batch norm, and the same dropout.
  ///
  /// The twin's running statistics change by it, which nothing reads after training.
  func keys(of moment: KeyHistory.Moment) throws -> [MCT.Head: Tensor] {
    let random = course.state.streams
    let present = random.positions
    defer { random.positions = present }
    for (name, stream) in moment.streams { random[name] = stream }
    let batch = course.batch(moment.observations, step: moment.step)
    let keys = try method.keys(of: batch, in: ForwardPass(streams: random))
    return Dictionary(
      uniqueKeysWithValues: zip(MCT.Head.allCases, keys).compactMap { head, key in key.map { (head, $0) } })
  }

  func conclusion() throws -> (scores: [Score], notes: [String]) { ([], []) }
}
