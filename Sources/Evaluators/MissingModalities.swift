import Datasets
import Diagnostics
import Evaluation
import Kernels
import Methods
import Options
import Training

/// GMC's protocol: a classifier learns from complete representations and is tested with modalities missing (Poklukar et
/// al., ICML 2022).
///
/// An observation counts for the subsets that it has all of.
public struct MissingModalitiesEvaluator: Evaluator {
  /// Which subsets of the modalities are tested.
  public enum Subsets: String, Codable, CaseIterable, Sendable {
    /// Complete observations, each modality alone, and the worst of these.
    case singles
    /// Every subset.
    case all
  }

  /// `accuracy`
  public static var key: String { "accuracy" }
  /// In a few words.
  public static var summary: String { "classification with modalities missing, learnt from complete observations" }

  /// The classifier.
  public var probe = PerceptronProbe.Options()
  /// Which subsets of the modalities are tested.
  public var subsets = Subsets.singles

  /// The defaults.
  public init() {}

  private enum CodingKeys: String, CodingKey { case subsets }

  /// Reads the section: the classifier's settings stand in it, too.
  public init(from decoder: any Decoder) throws {
    probe = try PerceptronProbe.Options(from: decoder)
    let container = try decoder.container(keyedBy: CodingKeys.self)
    subsets = try container.decodeIfPresent(Subsets.self, forKey: .subsets) ?? subsets
  }

  /// Writes the section.
  public func encode(to encoder: any Encoder) throws {
    try probe.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(subsets, forKey: .subsets)
  }

  /// What the numbers must be.
  public var requirements: [OptionRequirement] {
    do {
      try probe.validate()
      return []
    } catch {
      return [OptionRequirement(error.place ?? "", false, error.what)]
    }
  }

  private struct Subset {
    let subject: EvaluationTable.Subject
    let members: [Int]
  }

  /// Accuracies by subset and labelling, and the same as the mean over classes.
  public func tables(of model: FrozenModel, after earlier: [EvaluationTable]) throws -> [EvaluationTable] {
    var table = EvaluationTable("accuracy")
    var balanced = EvaluationTable("balanced accuracy")
    guard let (learnt, subsets) = try plan(model), let source = try model.representations(of: .train, by: learnt) else {
      return []
    }
    let presence = model.data.presence(model.side)
    let complete = model.data.presence(.train).observations(having: learnt)
    var singles: [(labelling: String, answers: Answers, balanced: (value: Double, chance: Double))] = []
    var probes: [(labelling: String, truths: [Int32], probe: PerceptronProbe)] = []
    for labelling in model.data.labellings {
      guard let labels = model.data.labels(labelling, of: .train),
        let truths = model.data.labels(labelling, of: model.side)
      else { continue }
      let rows = complete.filter { labels[$0] >= 0 }
      guard Set(rows.map { labels[$0] }).count > 1 else { continue }
      let found = try PerceptronProbe(
        training: source.gathering(rows), labels: rows.map { labels[$0] },
        classes: model.data.classNames(labelling).count, options: probe,
        seed: UInt64(bitPattern: Int64(model.seed)), interruption: { try model.checkInterruption() })
      probes.append((labelling, truths, found))
    }
    for subset in subsets {
      guard let representations = try model.representations(of: model.side, by: subset.members) else { continue }
      let present = presence.observations(having: subset.members)
      for (labelling, truths, probe) in probes {
        let rows = present.filter { truths[$0] >= 0 }
        let (named, own) = (
          probe.predictions(for: representations.gathering(rows)), rows.map { Int(truths[$0]) }
        )
        let answers = Answers(named, truths: own, of: rows)
        guard answers.share != nil, let mean = balancedAccuracy(of: named, against: own) else { continue }
        let chance = 1 / Double(Set(own).count)
        table.add(subset.subject, .share(labelling), answers)
        balanced.add(subset.subject, .share(labelling), mean, chance: chance)
        if subset.members.count == 1 { singles.append((labelling, answers, (mean, chance))) }
      }
    }
    if self.subsets == .singles, subsets.count > 2 {
      for (labelling, _, _) in probes {
        // Each modality is tested on the observations that have it, so chance is of those, too.
        let own = singles.filter { $0.labelling == labelling }
        let worst = own.min { ($0.answers.share ?? 1) < ($1.answers.share ?? 1) }?.answers
        table.add(
          .named("worst"), .share(labelling), worst?.share, chance: worst.flatMap { majorityShare(of: $0.truths) })
        let other = own.map(\.balanced).min { $0.value < $1.value }
        balanced.add(.named("worst"), .share(labelling), other?.value, chance: other?.chance)
      }
    }
    return [table, balanced]
  }

  /// What is learnt from and what is tested; methods of one modality know observations by it alone.
  private func plan(_ model: FrozenModel) throws -> (learnt: [Int], subsets: [Subset])? {
    if try model.representations(of: model.side, by: model.all) != nil, model.all.count > 1 {
      switch subsets {
      case .singles:
        return (
          model.all,
          [Subset(subject: .named("complete"), members: model.all)]
            + model.all.map { Subset(subject: .named(model.names[$0]), members: [$0]) }
        )
      case .all:
        return (
          model.all,
          ModalitySubset.all(of: model.names).map { subset in
            Subset(subject: .together(subset.members.map { model.names[$0] }), members: subset.members)
          }
        )
      }
    }
    guard let image = model.data.image, try model.representations(of: model.side, by: [image]) != nil else {
      return nil
    }
    return ([image], [Subset(subject: .named(model.names[image]), members: [image])])
  }

  /// There are no classes.
  public func absence(on model: FrozenModel) -> String? {
    model.data.labellings.isEmpty ? "Without classes there is no accuracy." : nil
  }

  /// What the classifier learns from, and what stands for what is missing.
  public func notes(on model: FrozenModel) -> [String] {
    let rule =
      switch model.method.subsetRule {
      case .mean: "An observation with several modalities is the mean of their representations."
      case .meanUnlessComplete:
        "Complete observations go through the joint encoder; incomplete ones are the mean of their modalities' "
          + "representations."
      case .each: "Missing modalities are zeros, or left out, for the classifier that is trained."
      }
    return [
      "Accuracy: the networks are frozen; a classifier learns from complete training representations only and is tested "
        + "with modalities missing (GMC's protocol).",
      "Balanced accuracy is the mean over the classes that are tested, each with the same weight.", rule,
    ] + shares(model) + unknownClasses(model)
  }

  /// What naming the most frequent class reaches, where it is more than twice an equal share.
  private func shares(_ model: FrozenModel) -> [String] {
    model.data.labellings.compactMap { labelling in
      guard let truths = model.data.labels(labelling, of: model.side)?.filter({ $0 >= 0 }), !truths.isEmpty else {
        return nil
      }
      let counts = Dictionary(grouping: truths) { $0 }.mapValues(\.count)
      guard let most = counts.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }),
        most.value * counts.count > 2 * truths.count
      else { return nil }
      let share = (100 * Double(most.value) / Double(truths.count)).rounded()
      let name = model.data.classNames(labelling)[Int(most.key)]
      return
        "Always naming the most frequent \(labelling), \(name), has an accuracy of \(Int(share)) %; its balanced accuracy "
        + "is that of chance."
    }
  }

  /// The classes that the classifier cannot know.
  private func unknownClasses(_ model: FrozenModel) -> [String] {
    let complete = model.data.presence(.train).complete
    return model.data.labellings.compactMap { labelling in
      guard let labels = model.data.labels(labelling, of: .train),
        let truths = model.data.labels(labelling, of: model.side)
      else { return nil }
      let names = model.data.classNames(labelling)
      let known = Set(complete.map { labels[$0] })
      let strange = truths.filter { $0 >= 0 && !known.contains($0) }
      guard !strange.isEmpty else { return nil }
      let list = Set(strange).sorted().map { names[Int($0)] }
      let shown = list.prefix(5).joined(separator: ", ") + (list.count > 5 ? ", …" : "")
      return "\(strange.count) observations are of a \(labelling) without a complete training observation (\(shown)); "
        + "the classifier gets them wrong."
    }
  }
}
