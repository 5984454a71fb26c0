import Datasets
import Evaluation
import Evaluators
import Foundation
import Kernels
import Options
import Training

/// Watches how the same few observations are represented while training goes on: how many directions their
/// representations are spread over, how far they are apart, and whether neighbours are of one class.
///
/// The observations are of the validation side, or of the training side where there is none, evenly spread. The networks
/// are used as in evaluation: no random number is drawn and nothing that training reads is changed. A look takes about a third of the
/// time of as many training observations; it is taken after every epoch, or after every so many that all looks
/// together take at most 2 % of the training, and after the last.
struct RepresentationMonitor {
  /// The table of the scores.
  static let table = "representations while training"
  /// The share of the time that looks may take.
  private static let share = 0.02
  /// What an observation costs without a backward pass.
  private static let forward = 1.0 / 3
  private static let (collapseEpoch, collapsePlace) = ("collapse epoch", "collapse modality")

  private let course: AlignmentCourse
  private let side: AlignedData.Side
  private let rows: [Int]
  /// The epochs between two looks.
  let interval: Int

  /// Prepares a watch; nil where none is wanted or possible.
  init?(_ course: AlignmentCourse, observations: Int) {
    let wanted = course.settings.evaluation.monitoredObservations
    let side: AlignedData.Side = course.data.count(.validation) > 1 ? .validation : .train
    let all = course.data.count(side)
    let count = min(wanted, all)
    guard count > 1, observations > 0 else { return nil }
    (self.course, self.side) = (course, side)
    rows = (0..<count).map { $0 * all / count }
    interval = max(1, Int((Self.forward * Double(count) / (Self.share * Double(observations))).rounded(.up)))
  }

  /// Looks at the networks as they begin, to know what a collapse is.
  func lookBefore() throws {
    for look in try looks() { course.state.numbers[Self.initialSpread(look.place)] = look.spread }
  }

  /// Looks where it is time to, and tells of a collapse, once.
  func look(afterEpoch epoch: Int) throws -> [Score] {
    guard epoch % interval == 0 || epoch == course.settings.training.epochs else { return [] }
    var scores: [Score] = []
    for (place, found, own, spread) in try looks() {
      let name = course.data.modalities[place].name
      guard let rank = try Geometry.effectiveRank(found) else { continue }
      func add(_ metric: String, _ value: Double) {
        scores.append(Score(evaluator: Self.table, subject: name, metric: metric, value: value))
      }
      add("effective rank", rank)
      add("spread", spread)
      if let (labelling, value) = neighbours(found, own) { add(labelling, value) }
      let before = course.state.numbers[Self.initialSpread(place)] ?? .infinity
      let inRow = Collapse.isThere(spread: spread, before: before) ? course.state.numbers[Self.looks(place)] ?? 0 : -1
      course.state.numbers[Self.looks(place)] = inRow + 1
      if inRow + 1 >= Double(Collapse.looks), course.state.numbers[Self.collapseEpoch] == nil {
        course.state.numbers[Self.collapseEpoch] = Double(epoch)
        course.state.numbers[Self.collapsePlace] = Double(place)
        if let collapse { try course.context.events.receive(.note(collapse)) }
      }
    }
    return scores
  }

  /// What is to be said of a collapse, where there was one.
  var collapse: String? {
    guard let epoch = course.state.numbers[Self.collapseEpoch], let place = course.state.numbers[Self.collapsePlace]
    else { return nil }
    return "Collapse: after epoch \(Int(epoch)) of seed \(course.seed) the representations of "
      + "\(course.data.modalities[Int(place)].name) are all but the same (\(Collapse.rule)), so that they tell nothing apart."
  }

  private static func looks(_ place: Int) -> String { "looks at a collapse \(place)" }

  private static func initialSpread(_ place: Int) -> String { "spread before training \(place)" }

  /// The representations of each modality that has some, the observations that they are of, and how far they are apart.
  private func looks() throws -> [(place: Int, found: Matrix, own: [Int], spread: Double)] {
    let present = course.data.presence(side)
    return try course.data.modalities.indices.compactMap { place in
      let own = rows.filter { present[place, $0] }
      guard own.count > 1, let found = try representations(of: place, at: own), let spread = Geometry.spread(found)
      else { return nil }
      return (place, found, own, spread)
    }
  }

  private func representations(of place: Int, at rows: [Int]) throws -> Matrix? {
    course.frozen(side).items(
      try course.data.items(of: place, at: rows, in: side), of: place, count: rows.count)
  }

  /// How often the neighbours among every other observation name the class of those between.
  private func neighbours(_ found: Matrix, _ rows: [Int]) -> (labelling: String, value: Double)? {
    guard let labelling = course.data.labellings.first, let labels = course.data.labels(labelling, of: side) else {
      return nil
    }
    let known = rows.indices.filter { labels[rows[$0]] >= 0 }
    let (learnt, asked) = (
      known.enumerated().filter { $0.offset % 2 == 0 }.map(\.element),
      known.enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
    )
    guard !asked.isEmpty else { return nil }
    func classes(_ places: [Int]) -> [Int] { places.map { Int(labels[rows[$0]]) } }
    let named = NearestNeighbours(
      embeddings: found.gathering(learnt), labels: classes(learnt),
      classes: course.data.classNames(labelling).count
    ).predictions(for: found.gathering(asked), neighbours: min(10, learnt.count), temperature: 0.1)
    return accuracy(of: named, against: classes(asked)).map { (labelling, $0) }
  }
}

/// When representations count as collapsed: when training has brought those of a modality closer together than untrained
/// networks have them, and so close that nothing can tell them apart.
///
/// The representations of untrained networks lie in a narrow cone already, so closeness alone is none; a training may begin by
/// drawing them together, so it must last; and a trained method may use few directions, so a low rank alone is none, either.
enum Collapse {
  /// The spread below which the mean cosine of two observations is above 0.99.
  static let leastSpread = 0.01

  /// How many looks in a row must see it.
  static let looks = 3

  /// Whether a spread is a collapse, where it was another before the training.
  static func isThere(spread: Double, before: Double) -> Bool { spread < leastSpread && spread < before / 2 }

  /// The rule in words.
  static let rule =
    "a spread below \(leastSpread), and less than half of what it was before the training, at \(looks) looks in a row"
}
