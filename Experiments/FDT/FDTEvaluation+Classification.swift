import Datasets
import Encoders
import Evaluation
import Kernels
import Objectives
import Training

extension FDTEvaluation {
  /// The finer classes that occur with each class of a labelling, in training or, without labels there, on the side.
  private func finerClasses(of labelling: String, names: [String]) -> (String) -> [[String]]? {
    { finer in
      let split = data.train ?? side
      guard let coarse = split.labels[labelling], let fine = split.labels[finer], let fineNames = data.classNames[finer]
      else { return nil }
      var members = [Set<Int32>](repeating: [], count: names.count)
      for (a, b) in zip(coarse, fine) { members[Int(a)].insert(b) }
      return members.map { $0.sorted().map { fineNames[Int($0)] } }
    }
  }

  /// A prototype for each class by the sentences of a modality of captions; nil where a class has none.
  func prototypes(
    of labelling: String, names: [String], caption: CaptionVocabulary.Caption, prompts: ZeroShotPrompts
  ) throws -> (features: PrototypeClassifier, weights: PrototypeClassifier?)? {
    guard
      let sentences = prompts.sentences(
        of: labelling, names: names, caption: caption.name, finer: finerClasses(of: labelling, names: names))
    else { return nil }
    let labels = sentences.enumerated().flatMap { index, sentences in sentences.map { _ in index } }
    let vectors = try FDTFeatures.vectors(
      of: model.vocabulary.texts(sentences.flatMap { $0 }, of: caption), by: model, temperature: temperature,
      context: context)
    return (
      PrototypeClassifier(averaging: vectors.features, labels: labels, classes: names.count),
      vectors.weights.map { PrototypeClassifier(averaging: $0, labels: labels, classes: names.count) }
    )
  }

  func zeroShot(_ found: FDTFeatures) throws -> [Score] {
    let prompts = try ZeroShotPrompts.load(settings.evaluation.prompts, dataset: data.name)
    var scores: [Score] = []
    var byCodes: [Score] = []
    for caption in model.vocabulary.captions {
      for labelling in data.labellings {
        guard let labels = side.labels[labelling], let names = data.classNames[labelling],
          let (features, weights) = try prototypes(of: labelling, names: names, caption: caption, prompts: prompts)
        else { continue }
        let truths = found.observations.map { Int(labels[$0]) }
        func add(_ predictions: [Int], _ evaluator: String, to scores: inout [Score]) {
          // The mean over the classes beside the share of observations, since classes differ much in size.
          let metrics = [
            (labelling, accuracy(of: predictions, against: truths)),
            (
              "\(labelling) by class",
              ConfusionMatrix(truths: truths, predictions: predictions, classes: names.count).balancedAccuracy
            ),
          ]
          scores += metrics.compactMap { metric, value in
            value.map { Score(evaluator: evaluator, subject: caption.name, metric: metric, value: $0) }
          }
        }
        add(features.predictions(for: found.images.features), "zero-shot", to: &scores)
        if let weights, let own = found.images.weights {
          add(weights.predictions(for: own), "zero-shot by codes", to: &byCodes)
        }
      }
    }
    var complete: [Score] = []
    for (tags, names) in data.tagNames.sorted(by: { $0.key < $1.key }) {
      for caption in model.vocabulary.captions {
        guard let (features, weights) = try prototypes(of: tags, names: names, caption: caption, prompts: prompts)
        else { continue }
        let present = self.tags(tags, of: side, observations: found.observations)
        complete += completeness(
          features.scores(for: found.images.features), present, subject: "\(tags), zero-shot \(caption.name)")
        if let weights, let own = found.images.weights {
          complete += completeness(
            weights.scores(for: own), present, subject: "\(tags), zero-shot \(caption.name) by codes")
        }
      }
    }
    return scores + byCodes + complete
  }

  private func tags(_ name: String, of split: MultimodalSplit, observations: [Int]) -> Matrix {
    guard case .numbers(let values) = split.items(of: name, at: observations) else {
      preconditionFailure("FDTEvaluation: \(name) is no modality of tags")
    }
    return Matrix(rows: observations.count, columns: values.count / max(observations.count, 1), values: values)
  }

  private func completeness(_ scores: Matrix, _ present: Matrix, subject: String) -> [Score] {
    let fewest = settings.evaluation.fewestObjects
    return [(subject, 1), ("\(subject), \(fewest) or more", fewest)].flatMap { subject, fewest -> [Score] in
      let found = ObjectRecall(scores: scores, present: present, fewest: fewest)
      let metrics: [(String, Double?)] = [
        ("recall", found.recall), ("all found", found.complete), ("recall by chance", found.chance),
      ]
      return metrics.compactMap { metric, value in
        value.map { Score(evaluator: "completeness", subject: subject, metric: metric, value: $0) }
      }
    }
  }

  func probes(_ found: FDTFeatures) throws -> [Score] {
    guard let train = data.train else { return [] }
    let learnt = try features(of: train, withWeights: false)
    func perObservation(_ texts: FDTFeatures.Texts) -> Matrix { texts.vectors.features.gathering(texts.rows) }
    let subjects =
      [("image", learnt.images.features, found.images.features)]
      + zip(learnt.texts, found.texts).map { ($0.caption.name, perObservation($0), perObservation($1)) }
    var scores: [Score] = []
    var complete: [Score] = []
    for (subject, training, reported) in subjects {
      for labelling in data.labellings {
        guard let labels = train.labels[labelling], let truths = side.labels[labelling],
          let classes = data.classNames[labelling]?.count
        else { continue }
        try context.checkInterruption()
        let probe = try RidgeProbe(
          features: training, labels: labels.map(Int.init), classes: classes, ridge: settings.evaluation.ridge)
        if let value = accuracy(of: probe.predictions(for: reported), against: truths.map(Int.init)) {
          scores.append(Score(evaluator: "linear probe", subject: subject, metric: labelling, value: value))
        }
      }
      for name in data.tagNames.keys.sorted() {
        let probe = try RidgeProbe(
          features: training, targets: tags(name, of: train, observations: learnt.observations),
          ridge: settings.evaluation.ridge)
        let present = tags(name, of: side, observations: found.observations)
        let predicted = probe.scores(for: reported)
        if let value = TagPrecision(scores: predicted, tags: present).mean {
          scores.append(Score(evaluator: "linear probe", subject: subject, metric: "\(name) mAP", value: value))
        }
        if subject == "image" {
          complete += completeness(predicted, present, subject: "\(name), linear probe")
        }
      }
    }
    return scores + complete
  }
}
