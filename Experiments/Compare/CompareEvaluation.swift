import Autograd
import Datasets
import Diagnostics
import Encoders
import Evaluation
import Foundation
import Interchange
import Kernels
import Recipes
import Runs
import Training

/// The evaluations that every method of the comparison has: retrieval, zero-shot, linear probes, classification with
/// modalities missing, and geometry. What a method cannot do has no score.
struct CompareEvaluation {
  let model: CompareModel
  let data: CompareData
  let settings: CompareSettings
  let seed: Int
  let context: SeedContext

  var side: MultimodalSplit { settings.evaluation.side == .test ? data.dataset.test : data.dataset.validation }
  private var names: [String] { data.modalities.map(\.name) }

  /// What a reader of the numbers must know.
  var notes: [String] {
    [
      "Scores are of the \(settings.evaluation.side.rawValue) side: \(side.count) observations; training has "
        + "\(data.train.count).",
      "Aligned modalities: \(names.joined(separator: ", ")).",
      "`summary` is the mean of an evaluation's fractions: retrieval of R@1, R@5 and R@10 between every two modalities, "
        + "linear probe of its labellings and the tags; `all` the mean of these means.",
      "An observation with several modalities is the mean of their representations, unless the method has a joint encoder.",
      "Accuracy: a classifier learns from complete training representations and is tested with modalities missing "
        + "(GMC's protocol); methods of images alone learn and are tested with images.",
      "Linear probes read the encoder's features (fdt: the groundings; early fusion: its representation); of the ridge "
        + "penalties the one that does best on validation is taken.",
    ] + data.zeroShotRemarks + model.method.notes
  }

  /// Representations of a side by some modalities, computed once.
  private final class Representations {
    private var known: [[Int]: Matrix?] = [:]
    private let make: ([Int]) throws -> Matrix?

    init(_ make: @escaping ([Int]) throws -> Matrix?) { self.make = make }

    subscript(members: [Int]) -> Matrix? {
      get throws {
        if let found = known[members] { return found }
        let found = try make(members)
        known[members] = .some(found)
        return found
      }
    }
  }

  private func representations(of split: MultimodalSplit) -> Representations {
    Representations { members in
      try model.matrix(of: split, data: data, context: context) {
        model.method.representation(of: members, $0)
      }
    }
  }

  /// All scores, and the files for the figures.
  func scores() throws -> [Score] {
    let reported = representations(of: side)
    try writeEmbeddings(reported)
    var scores = try retrieval(reported)
    scores += try zeroShot(reported)
    scores += try probes()
    scores += try accuracies(reported)
    scores += try geometry(reported)
    return scores + summary(scores)
  }

  /// Means that data sets with other modalities and classes have, too: of each evaluation's fractions, of classification
  /// with everything there and with the least, and of these evaluations. A method has the same ones for every setting,
  /// so that the last can choose between its settings.
  private func summary(_ scores: [Score]) -> [Score] {
    func mean(_ values: [Double]) -> Double? { values.isEmpty ? nil : values.reduce(0, +) / Double(values.count) }
    func of(_ evaluators: [String], _ subjects: Set<String>? = nil) -> Double? {
      mean(
        scores.filter { score in
          evaluators.contains(score.evaluator) && subjects.map { $0.contains(score.subject) } ?? true
            && Metric(named: score.metric).isFraction
        }.map(\.value))
    }
    let singles = Set(names)
    let parts: [(String, Double?)] = [
      ("retrieval", of(["retrieval", "retrieval by class"])), ("zero-shot", of(["zero-shot"])),
      ("linear probe", of(["linear probe"])), ("complete", of(["accuracy"], ["complete"])),
      ("single modalities", of(["accuracy"], singles)), ("worst", of(["accuracy"], ["worst"])),
    ]
    // The worst modality is among the single ones.
    let all = mean(parts.filter { $0.0 != "worst" }.compactMap(\.1))
    let gap = mean(scores.filter { $0.metric == "modality gap" }.map(\.value))
    return (parts + [("all", all)]).compactMap { subject, value in
      value.map { Score(evaluator: "summary", subject: subject, metric: "mean", value: $0) }
    }
      + (gap.map { [Score(evaluator: "summary", subject: "every two", metric: "modality gap", value: $0)] } ?? [])
  }

  private var pairs: [(Int, Int)] {
    names.indices.flatMap { first in (first + 1..<names.count).map { (first, $0) } }
  }

  private func retrieval(_ reported: Representations) throws -> [Score] {
    let labels = settings.evaluation.retrieval == .label ? data.labellings.first.flatMap { side.labels[$0] } : nil
    var scores: [Score] = []
    for (first, second) in pairs {
      guard let one = try reported[[first]], let other = try reported[[second]] else { continue }
      var sum = 0.0
      for (from, to, queries, candidates) in [(first, second, one, other), (second, first, other, one)] {
        let result: Retrieval
        if let labels {
          let known = labels.indices.filter { labels[$0] >= 0 }
          let classes = known.map { Int(labels[$0]) }
          result = Retrieval(
            queries: queries.gathering(known), labelled: classes, candidates: candidates.gathering(known),
            labelled: classes)
        } else {
          result = Retrieval(queries: queries, candidates: candidates)
        }
        let recalls = [1, 5, 10].map { ("R@\($0)", result.recall(at: $0)) }
        sum += recalls.reduce(0) { $0 + 100 * ($1.1 ?? 0) }
        scores += (recalls + [("median rank", result.medianRank)]).compactMap { metric, value in
          value.map {
            Score(
              evaluator: labels == nil ? "retrieval" : "retrieval by class",
              subject: "\(names[from]) → \(names[to])", metric: metric, value: $0)
          }
        }
      }
      scores.append(
        Score(evaluator: "rsum", subject: "\(names[first]) – \(names[second])", metric: "rsum", value: sum))
    }
    return scores
  }

  /// Images are given the class whose name, read as a caption, is nearest.
  private func zeroShot(_ reported: Representations) throws -> [Score] {
    guard let image = data.image, let caption = data.firstCaption else { return [] }
    var scores: [Score] = []
    for labelling in data.labellings {
      try context.checkInterruption()
      guard let truths = side.labels[labelling], let names = data.captions(ofClasses: labelling) else { continue }
      var inputs = data.inputs(0..<1, of: side)
      inputs[caption] = names
      guard
        let prototypes = Tape.withoutRecording({ model.method.representation(of: [caption], inputs) }),
        let images = try reported[[image]]
      else { continue }
      let known = truths.indices.filter { truths[$0] >= 0 }
      let predictions = PrototypeClassifier(prototypes: prototypes.matrix).predictions(for: images.gathering(known))
      if let value = accuracy(of: predictions, against: known.map { Int(truths[$0]) }) {
        scores.append(
          Score(evaluator: "zero-shot", subject: self.names[caption], metric: labelling, value: value))
      }
    }
    return scores
  }

  private func geometry(_ reported: Representations) throws -> [Score] {
    var scores: [Score] = []
    for (first, second) in pairs {
      guard let one = try reported[[first]], let other = try reported[[second]] else { continue }
      let metrics: [(String, Double?)] = [
        ("cosine", Geometry.matchedCosine(one, other)), ("alignment", Geometry.alignment(one, other)),
        ("modality gap", Geometry.modalityGap(one, other)),
      ]
      scores += metrics.compactMap { metric, value in
        value.map {
          Score(
            evaluator: "geometry", subject: "\(names[first]) – \(names[second])", metric: metric, value: $0)
        }
      }
    }
    for place in names.indices {
      guard let own = try reported[[place]], let value = Geometry.uniformity(own) else { continue }
      scores.append(Score(evaluator: "uniformity", subject: names[place], metric: "uniformity", value: value))
    }
    return scores
  }

  /// GMC's protocol: a classifier learns from complete representations and is tested with modalities missing.
  private func accuracies(_ reported: Representations) throws -> [Score] {
    let training = representations(of: data.train)
    let everything = Array(names.indices)
    // Methods of one modality know observations by it alone.
    let subsets: [(name: String, members: [Int])]
    let learnt: [Int]
    if try reported[everything] != nil {
      learnt = everything
      subsets = [("complete", everything)] + everything.map { (names[$0], [$0]) }
    } else if let image = data.image, try reported[[image]] != nil {
      learnt = [image]
      subsets = [(names[image], [image])]
    } else {
      return []
    }
    var scores: [Score] = []
    for labelling in data.labellings {
      guard let labels = data.train.labels[labelling], let truths = side.labels[labelling],
        let classes = data.dataset.classNames[labelling]?.count, let source = try training[learnt]
      else { continue }
      let rows = labels.indices.filter { labels[$0] >= 0 }
      let probe = try PerceptronProbe(
        training: source.gathering(rows), labels: rows.map { labels[$0] }, classes: classes,
        options: settings.evaluation.probe, seed: UInt64(bitPattern: Int64(seed)),
        interruption: { try context.checkInterruption() })
      let known = truths.indices.filter { truths[$0] >= 0 }
      var single: [Double] = []
      for (name, members) in subsets {
        guard let representations = try reported[members],
          let value = accuracy(
            of: probe.predictions(for: representations.gathering(known)), against: known.map { Int(truths[$0]) })
        else { continue }
        if members.count == 1 { single.append(value) }
        scores.append(Score(evaluator: "accuracy", subject: name, metric: labelling, value: value))
      }
      if single.count > 1, let worst = single.min() {
        scores.append(Score(evaluator: "accuracy", subject: "worst", metric: labelling, value: worst))
      }
    }
    return scores
  }

  /// Linear probes of image features, or of the first modality's where there are no images.
  private func probes() throws -> [Score] {
    let place = data.image ?? 0
    func features(of split: MultimodalSplit) throws -> Matrix? {
      try model.matrix(of: split, data: data, context: context) { model.method.features(of: place, $0[place]) }
    }
    guard let training = try features(of: data.train), let validation = try features(of: data.dataset.validation),
      let reported = settings.evaluation.side == .test ? try features(of: side) : validation
    else { return [] }
    func best(_ score: (Double) throws -> Double?) rethrows -> Double {
      var best = (penalty: settings.evaluation.penalties[0], score: -Double.infinity)
      for penalty in settings.evaluation.penalties {
        let value = try score(penalty) ?? -.infinity
        if value > best.score { best = (penalty, value) }
      }
      return best.penalty
    }
    var scores: [Score] = []
    for labelling in data.labellings {
      try context.checkInterruption()
      guard let classes = data.dataset.classNames[labelling]?.count, let labels = data.train.labels[labelling],
        let held = data.dataset.validation.labels[labelling], let truths = side.labels[labelling]
      else { continue }
      let rows = labels.indices.filter { labels[$0] >= 0 }
      func score(_ penalty: Double, _ features: Matrix, _ truths: [Int32]) throws -> Double? {
        let probe = try RidgeProbe(
          features: training.gathering(rows), labels: rows.map { Int(labels[$0]) }, classes: classes, ridge: penalty)
        let known = truths.indices.filter { truths[$0] >= 0 }
        return accuracy(
          of: probe.predictions(for: features.gathering(known)), against: known.map { Int(truths[$0]) })
      }
      let penalty = try best { try score($0, validation, held) }
      if let value = try score(penalty, reported, truths) {
        scores.append(Score(evaluator: "linear probe", subject: names[place], metric: labelling, value: value))
      }
    }
    if let tags = data.tags, let targets = data.tags(0..<data.train.count, of: data.train) {
      func score(_ penalty: Double, _ features: Matrix, _ split: MultimodalSplit) throws -> Double? {
        guard let present = data.tags(0..<split.count, of: split) else { return nil }
        let probe = try RidgeProbe(features: training, targets: targets, ridge: penalty)
        return TagPrecision(scores: probe.scores(for: features), tags: present).mean
      }
      let penalty = try best { try score($0, validation, data.dataset.validation) }
      if let value = try score(penalty, reported, side) {
        scores.append(
          Score(evaluator: "linear probe", subject: names[place], metric: "\(tags.name) mAP", value: value))
      }
    }
    return scores
  }

  /// Writes representations and classes of evenly spread observations for the figures.
  private func writeEmbeddings(_ reported: Representations) throws {
    let labelling = data.labellings.first
    let labels = labelling.flatMap { side.labels[$0] }
    let known = (0..<side.count).filter { row in labels.map { $0[row] >= 0 } ?? true }
    let shown = min(known.count, settings.evaluation.shownObservations)
    guard shown > 0 else { return }
    let rows = (0..<shown).map { known[$0 * known.count / shown] }
    var arrays: [String: NumericArray] = [
      EmbeddingsFile.labels: NumericArray(rows.map { labels?[$0] ?? 0 }, shape: [shown])
    ]
    for place in names.indices {
      guard let own = try reported[[place]] else { continue }
      arrays[names[place]] = NumericArray(own.gathering(rows).values, shape: [shown, own.columns])
    }
    guard arrays.count > 1 else { return }
    try NumpyArchive(arrays: arrays).write(to: context.folder.appending(path: EmbeddingsFile.name))
    let classNames = labelling.flatMap { data.dataset.classNames[$0] } ?? ["observations"]
    try AtomicFile.write(
      try JSONEncoder().encode(classNames), to: context.folder.appending(path: EmbeddingsFile.classNames))
  }
}
