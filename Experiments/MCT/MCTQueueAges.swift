import Autograd
import Foundation
import Kernels
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
struct MCTQueueAges {
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
  init?(of model: MCTModel, context: SeedContext) throws {
    guard let history = model.history else { return nil }
    seed = model.state.seed
    let heads = MCT.Head.allCases.filter { model.trained.method.queues[$0] != nil }
    var courses = heads.map { Course(head: $0) }
    var others = heads.map { _ in (sum: 0.0, count: 0) }
    for moment in history.moments(in: model.state).sorted(by: { $0.age < $1.age }) {
      try context.checkInterruption()
      let fresh = model.keys(of: moment)
      for (index, head) in heads.enumerated() {
        guard let queue = model.trained.method.queues[head], let keys = fresh[head],
          let pair = Self.pair(keys, in: queue, age: moment.age)
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

  /// Writes the file for the figure into the seed's folder.
  func write(to folder: URL) throws { try file.write(name: Self.name, to: folder) }
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
