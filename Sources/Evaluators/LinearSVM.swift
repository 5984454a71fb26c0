import Datasets
import Evaluation
import Kernels
import Options
import Training

/// Classes and tags by linear support vector machines on frozen features, the protocol by which encoders of pictures are
/// measured on VOC07 (Goyal et al., 2019; VirTex).
///
/// C is chosen by cross-validation on the training side: that of each tag by its average precision, that of all classes of a
/// labelling by the accuracy. The published protocol has 20 classes as tags; a labelling is ours.
public struct LinearSVMEvaluator: Evaluator {
  /// `linearSVM`
  public static var key: String { "linearSVM" }
  /// In a few words.
  public static var summary: String { "support vector machines of classes and tags on frozen features, as for VOC07" }

  /// C, of which cross-validation chooses one.
  public var costs = [0.01, 0.1, 1, 10]
  /// The parts of the training side, each told by machines of the others; stratified by class.
  public var folds = 3
  /// How much more a positive's hinge costs than a negative's.
  public var positiveWeight = 2.0
  /// Whether features are brought to length 1.
  public var unitLength = true
  /// The relative duality gap at which a machine is good enough.
  public var tolerance = 1e-3
  /// Which modalities' features are read.
  public var of = LinearProbeEvaluator.Subjects.image

  /// The most training observations that are learnt from, evenly spread.
  public static let mostObservations = 100_000

  /// The defaults.
  public init() {}

  /// What the numbers must be.
  public var requirements: [OptionRequirement] {
    [
      OptionRequirement(
        "costs", !costs.isEmpty && costs.allSatisfy { $0 > 0 && $0.isFinite }, "must be positive numbers, at least one"),
      .count("folds", folds, atLeast: 2, atMost: 100), .positive("positiveWeight", positiveWeight),
      OptionRequirement("tolerance", (1e-5...0.1).contains(tolerance), "must be 0.00001 to 0.1"),
    ]
  }

  /// Accuracies by labelling, the mean average precision of tags, and the greatest gaps of their machines.
  public func tables(of model: FrozenModel, after earlier: [EvaluationTable]) throws -> [EvaluationTable] {
    var table = EvaluationTable("linear SVM")
    for place in of.places(model.data) {
      guard let training = try model.knownFeatures(of: place, on: .train),
        let reported = try model.knownFeatures(of: place, on: model.side)
      else { continue }
      let subject = EvaluationTable.Subject.named(model.names[place])
      for labelling in model.data.labellings {
        guard let labels = model.data.labels(labelling, of: .train),
          let truths = model.data.labels(labelling, of: model.side)
        else { continue }
        let rows = training.rows.filter { labels[$0] >= 0 }.evenlySpread(Self.mostObservations)
        let classes = rows.map { Int(labels[$0]) }
        guard Set(classes).count > 1 else { continue }
        var presences = Matrix(rows: rows.count, columns: model.data.classNames(labelling).count)
        for (row, place) in classes.enumerated() { presences[row, place] = 1 }
        let machine = try machine(
          prepared(training.features, rows), presences, groups: classes, named: labelling, model
        ) { scores, held in
          let right = zip(scores.largestColumns(), held).count { $0 == classes[$1] }
          return [Double?](repeating: Double(right) / Double(held.count), count: scores.columns)
        }
        let own = reported.rows.filter { truths[$0] >= 0 }
        table.add(
          subject, .share(labelling),
          Answers(
            machine.predictions(for: prepared(reported.features, own)), truths: own.map { Int(truths[$0]) }, of: own))
        table.add(subject, .number("\(labelling) duality gap", higherIsBetter: false), machine.gaps.max())
      }
      guard let tags = model.data.tags else { continue }
      let rows = training.rows.evenlySpread(Self.mostObservations)
      guard rows.count > 1, let presences = model.data.tags(at: rows, in: .train),
        let truths = model.data.tags(at: reported.rows, in: model.side)
      else { continue }
      let machine = try machine(
        prepared(training.features, rows), presences, groups: [Int](repeating: 0, count: rows.count), named: tags.name,
        model
      ) { scores, held in TagPrecision(scores: scores, tags: presences.gathering(held)).averages }
      let scores = machine.scores(for: prepared(reported.features, reported.rows))
      table.add(
        subject, .share("\(tags.name) mAP"), TagPrecision(scores: scores, tags: truths).mean,
        chance: TagPrecision.chance(tags: truths))
      table.add(subject, .number("\(tags.name) duality gap", higherIsBetter: false), machine.gaps.max())
    }
    return [table]
  }

  private func prepared(_ features: Matrix, _ rows: [Int]) -> Matrix {
    let features = features.gathering(rows)
    return unitLength ? features.normalisingRows() : features
  }

  /// The machines of all columns of presences, each with the cost that does best where it has not learnt.
  ///
  /// - Parameter quality: how good scores of held-out rows are for each column; nil where they cannot be judged.
  private func machine(
    _ features: Matrix, _ presences: Matrix, groups: [Int], named name: String, _ model: FrozenModel,
    quality: (_ scores: Matrix, _ held: [Int]) -> [Double?]
  ) throws -> LinearSVM {
    func fit(_ rows: [Int]?, _ costs: [Double]) throws -> LinearSVM {
      try LinearSVM(
        features: features.gathering(rows), presences: presences.gathering(rows), costs: costs,
        positiveWeight: positiveWeight, tolerance: tolerance, interruption: { try model.checkInterruption() })
    }
    var best = [(cost: Double, quality: Double)](
      repeating: (costs[0], -.infinity), count: presences.columns)
    if costs.count > 1 {
      var stream = RandomStreams.stream("linear SVM \(name)", seed: model.seed)
      let folds = Self.folds(of: groups, count: min(self.folds, features.rows), stream: &stream)
      for cost in costs {
        var sums = [(sum: Double, count: Int)](repeating: (0, 0), count: presences.columns)
        for fold in 0..<min(self.folds, features.rows) {
          let held = folds.indices.filter { folds[$0] == fold }
          let machine = try fit(
            folds.indices.filter { folds[$0] != fold }, [Double](repeating: cost, count: presences.columns))
          for (place, value) in quality(machine.scores(for: features.gathering(held)), held).enumerated() {
            guard let value else { continue }
            sums[place] = (sums[place].sum + value, sums[place].count + 1)
          }
        }
        for (place, found) in sums.enumerated() where found.count > 0 {
          let mean = found.sum / Double(found.count)
          if mean > best[place].quality { best[place] = (cost, mean) }
        }
      }
    }
    return try fit(nil, best.map(\.cost))
  }

  /// The fold of each row: those of a group are dealt out in a random order, so that every fold has its share of all groups.
  static func folds(of groups: [Int], count: Int, stream: inout RandomStream) -> [Int] {
    var (folds, next) = ([Int](repeating: 0, count: groups.count), 0)
    for (_, rows) in Dictionary(grouping: groups.indices, by: { groups[$0] }).sorted(by: { $0.key < $1.key }) {
      for place in stream.permutation(of: rows.count) {
        folds[rows[place]] = next
        next = (next + 1) % count
      }
    }
    return folds
  }

  /// How the machines are made.
  public func notes(on model: FrozenModel) -> [String] {
    [
      "Linear SVMs: one for each class against the rest, squared hinges, on the encoder's frozen features of the training "
        + "side\(unitLength ? ", brought to length 1" : ""); a positive counts \(positiveWeight) times"
        + (costs.count > 1
          ? "; C of \(costs.map { "\($0)" }.joined(separator: ", ")) by \(folds)-fold cross-validation on the training "
            + "side, for tags each by its average precision, for classes by accuracy." : ".")
    ]
  }
}
