import Autograd
import Datasets
import Diagnostics
import Evaluation
import Foundation
import Kernels
import Options
import Training

/// What is lost where the same things are drawn by another hand: retrieval and classification by the pictures of the data
/// set, and by those of a folder, of the same observations.
///
/// Only observations of the reported side that have a picture in the folder are looked at, as queries and as candidates.
/// Nothing is trained anew. The drop is the mean over observations of what was right before, less what is right now; its
/// 95 % interval is that of a bootstrap over families.
public struct ShiftEvaluator: Evaluator {
  /// `shift`
  public static var key: String { "shift" }
  /// In a few words.
  public static var summary: String {
    "what retrieval and accuracy lose on pictures of the same things by another hand"
  }

  /// The folder of pictures, each named as its observation; nil for the emoji of Debian's `ruby-gemojione`.
  public var folder: String?
  /// The ridge penalties of the probe, of which the validation side chooses one.
  public var penalties = LinearProbeEvaluator().penalties
  /// The prompts of classes, as `evaluation.zeroShot.prompts` has them; nil takes the names of the classes.
  public var prompts: String?
  /// How many samples the intervals are made of.
  public var resamples = 2_000

  /// The defaults.
  public init() {}

  /// What the values must be.
  public var requirements: [OptionRequirement] {
    [
      OptionRequirement("folder", folder?.isEmpty != true, "must name a folder"),
      OptionRequirement(
        "penalties", !penalties.isEmpty && penalties.allSatisfy { $0 > 0 && $0.isFinite },
        "must be positive numbers, at least one"),
      .count("resamples", resamples, atLeast: 100, atMost: 100_000),
    ]
  }

  /// The pictures by the other hand.
  ///
  /// - Throws: `UserError` where there is no such folder, or the package is not installed.
  public func pictures() throws(UserError) -> OtherPictures {
    guard let folder else { return try .gemojione() }
    return try OtherPictures(folder: URL(fileURLWithPath: folder, isDirectory: true))
  }

  /// One table: for each score what it was, what it is, and the drop with its interval.
  public func tables(of model: FrozenModel, after earlier: [EvaluationTable]) throws -> [EvaluationTable] {
    guard let image = model.data.image, let shifted = try ShiftedPictures(self, image: image, model: model) else {
      return []
    }
    var table = EvaluationTable("shift")
    let families = model.data[model.side]?.families ?? []
    var stream = RandomStreams.stream("shift", seed: model.seed)
    for comparison in try shifted.comparisons() {
      try model.checkInterruption()
      let (before, after) = (comparison.before, comparison.after)
      guard !before.isEmpty else { continue }
      let subject = EvaluationTable.Subject.named(comparison.name)
      table.add(subject, .share("own pictures"), mean(before))
      table.add(subject, .share("other pictures"), mean(after))
      let drops = zip(before, after).map { $0 - $1 }
      table.add(subject, .drop("drop"), mean(drops))
      guard let interval = interval(of: drops, families: comparison.rows.map { families[$0] }, using: &stream) else {
        continue
      }
      table.add(subject, .drop("drop, from"), interval.lower)
      table.add(subject, .drop("drop, to"), interval.upper)
    }
    return [table]
  }

  private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

  /// The interval of the mean of values, whole families being drawn.
  private func interval(
    of values: [Double], families: [String], using stream: inout RandomStream
  ) -> Bootstrap.Interval? {
    var numbers: [String: Int] = [:]
    var (sums, counts): ([Double], [Double]) = ([], [])
    for (value, family) in zip(values, families) {
      let number = numbers[family] ?? sums.count
      if numbers.updateValue(number, forKey: family) == nil {
        sums.append(0)
        counts.append(0)
      }
      sums[number] += value
      counts[number] += 1
    }
    return Bootstrap(resamples: resamples).interval(
      of: sums.indices.map(Double.init),
      statistic: { drawn in
        var (sum, count) = (0.0, 0.0)
        for number in drawn {
          sum += sums[Int(number)]
          count += counts[Int(number)]
        }
        return sum / count
      }, using: &stream)
  }

  /// How many observations there are, and what is compared.
  public func notes(on model: FrozenModel) -> [String] {
    guard let pictures = try? pictures() else { return [] }
    let identifiers = model.data[model.side]?.identifiers ?? []
    let count = identifiers.count { pictures.file(of: $0) != nil }
    return [
      "Shift: \(count) of \(identifiers.count) observations have a picture in \(pictures.folder.path); scores of own and "
        + "other pictures are of these alone, and the drop's 95 % interval is of a bootstrap over their families."
    ]
  }

  /// There is nothing to compare.
  public func absence(on model: FrozenModel) -> String? {
    model.data.image == nil ? "Without pictures there is no other hand to draw them." : nil
  }
}

extension Metric {
  /// What was lost, a share.
  fileprivate static func drop(_ name: String) -> Metric { Metric(name, isFraction: true, higherIsBetter: false) }
}
