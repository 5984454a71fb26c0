import Datasets
import Evaluation
import Kernels
import Options
import Training

/// What is known where few training observations have a label: classes by a linear probe on frozen features that learns from
/// a share of each class, drawn anew several times.
///
/// *Deviation*: semi-supervised results of encoders of pictures are usually of networks that are trained further on the
/// labelled share; here they stay as they are, and a ridge regression reads them. Its penalty is chosen among the labelled
/// observations themselves, each told by a regression without it, so that no other label is looked at.
public struct FewLabelsEvaluator: Evaluator {
  /// `fewLabels`
  public static var key: String { "fewLabels" }
  /// In a few words.
  public static var summary: String { "classes by a linear probe that learns from 1 or 10 percent of the labels" }

  /// The shares of each class's training observations that have a label, at least one of each class.
  public var fractions = [0.01, 0.1]
  /// How often a share is drawn; the score is the mean.
  public var draws = 5
  /// The ridge penalties, relative to the features' scatter, of which leaving one out chooses; of equals the greatest.
  public var penalties = LinearProbeEvaluator.standardPenalties
  /// Which modalities' features are read.
  public var of = LinearProbeEvaluator.Subjects.image

  /// The defaults.
  public init() {}

  /// What the numbers must be.
  public var requirements: [OptionRequirement] {
    [
      OptionRequirement(
        "fractions", !fractions.isEmpty && fractions.allSatisfy { $0 > 0 && $0 <= 1 },
        "must be above 0 and at most 1, at least one"),
      .count("draws", draws, atMost: 1_000),
      LinearProbeEvaluator.requirement(of: penalties),
    ]
  }

  /// Mean accuracies by labelling and share.
  public func tables(of model: FrozenModel, after earlier: [EvaluationTable]) throws -> [EvaluationTable] {
    var table = EvaluationTable("few labels")
    for place in of.places(model.data) {
      guard let training = try model.knownFeatures(of: place, on: .train),
        let reported = try model.knownFeatures(of: place, on: model.side)
      else { continue }
      for labelling in model.data.labellings {
        guard let labels = model.data.labels(labelling, of: .train),
          let truths = model.data.labels(labelling, of: model.side)
        else { continue }
        let members = Dictionary(grouping: training.rows.filter { labels[$0] >= 0 }, by: { Int(labels[$0]) })
          .sorted { $0.key < $1.key }.map(\.value)
        let own = reported.rows.filter { truths[$0] >= 0 }
        guard members.count > 1, !own.isEmpty else { continue }
        let (features, classes) = (reported.features.gathering(own), own.map { Int(truths[$0]) })
        for fraction in fractions {
          var stream = RandomStreams.stream("few labels \(labelling) \(fraction)", seed: model.seed)
          var sum = 0.0
          for _ in 0..<draws {
            try model.checkInterruption()
            let rows = Self.share(fraction, of: members, stream: &stream)
            let probe = try probe(
              training.features.gathering(rows), rows.map { Int(labels[$0]) },
              classes: model.data.classNames(labelling).count)
            sum += accuracy(of: probe.predictions(for: features), against: classes) ?? 0
          }
          table.add(
            .named(model.names[place]), .share("\(labelling) \(Self.percent(fraction))%"), sum / Double(draws),
            chance: majorityShare(of: classes))
        }
      }
    }
    return [table]
  }

  /// The probe whose penalty does best where each row is told without itself.
  private func probe(_ features: Matrix, _ labels: [Int], classes: Int) throws -> RidgeProbe {
    var best: (probe: RidgeProbe, right: Int)?
    var targets = Matrix(rows: features.rows, columns: classes)
    for (row, label) in labels.enumerated() { targets[row, label] = 1 }
    for penalty in penalties.sorted() {
      let probe = try RidgeProbe(features: features, targets: targets, ridge: penalty)
      let told = penalties.count > 1 ? probe.scoresLeavingOut(features: features, targets: targets) : targets
      let right = zip(told.largestColumns(), labels).count { $0 == $1 }
      if right >= best?.right ?? 0 { best = (probe, right) }
    }
    guard let best else { preconditionFailure("few labels: no penalty") }
    return best.probe
  }

  /// A share of each class, at least one, in the order of the classes.
  static func share(_ fraction: Double, of members: [[Int]], stream: inout RandomStream) -> [Int] {
    members.flatMap { rows in
      let count = max(1, Int((fraction * Double(rows.count)).rounded()))
      return stream.permutation(of: rows.count).prefix(count).map { rows[$0] }
    }
  }

  /// A share in percent, without zeros behind the point.
  static func percent(_ fraction: Double) -> String {
    let value = (fraction * 1e6).rounded() / 1e4
    return value == value.rounded() ? "\(Int(value))" : "\(value)"
  }

  /// How the share is drawn and read.
  public func notes(on model: FrozenModel) -> [String] {
    [
      "Few labels: a linear probe of frozen features learns from "
        + fractions.map { "\(Self.percent($0))" }.joined(separator: " or ")
        + " percent of each class's training observations, at least one; mean of \(draws) draws. The networks are not trained "
        + "further, as semi-supervised results elsewhere usually are."
    ]
  }
}
