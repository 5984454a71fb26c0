import Datasets
import Diagnostics
import Evaluation
import Kernels
import Options
import Training

/// Pictures are given the class whose name, or whose prompts, read as captions, are nearest.
public struct ZeroShotEvaluator: Evaluator {
  /// Which modalities of captions names are read as.
  public enum Captions: String, Codable, CaseIterable, Sendable {
    /// The first.
    case first
    /// Each in turn.
    case all
  }

  /// `zeroShot`
  public static var key: String { "zeroShot" }
  /// In a few words.
  public static var summary: String { "classification of pictures by class names or prompts, without labels" }

  /// A file of prompts, or the name of one that ships; nil takes the names of the classes.
  public var prompts: String?
  /// Which modalities of captions names are read as.
  public var captions = Captions.first
  /// Whether the mean over the classes is reported beside the share of observations.
  public var isBalanced = false

  /// The defaults.
  public init() {}

  /// The shares that are right, by labelling.
  public func tables(of model: FrozenModel, after earlier: [EvaluationTable]) throws -> [EvaluationTable] {
    var (byFeatures, byCodes) = (EvaluationTable("zero-shot"), EvaluationTable("zero-shot by codes"))
    guard let image = model.data.image, let pictures = try model.representations(of: model.side, by: [image]) else {
      return []
    }
    let weights = try model.codeWeights(of: image, on: model.side)
    let shown = model.data.presence(model.side).observations(having: [image])
    let classes = try ClassTexts(prompts, of: model.data)
    for caption in captions == .first ? Array(model.data.captions.prefix(1)) : model.data.captions {
      for labelling in model.data.labellings {
        try model.checkInterruption()
        guard let labels = model.data.labels(labelling, of: model.side),
          let found = try classes.prototypes(of: labelling, in: caption, model)
        else { continue }
        let known = shown.filter { labels[$0] >= 0 }
        let truths = known.map { Int(labels[$0]) }
        func add(_ predictions: [Int], to table: inout EvaluationTable) {
          let subject = EvaluationTable.Subject.named(model.names[caption])
          // Without labels nothing is known of how frequent classes are.
          table.add(
            subject, .share(labelling), Answers(predictions, truths: truths, of: known),
            chance: 1 / Double(max(1, model.data.classNames(labelling).count)))
          guard isBalanced else { return }
          let matrix = ConfusionMatrix(
            truths: truths, predictions: predictions, classes: model.data.classNames(labelling).count)
          table.add(
            subject, .share("\(labelling) by class"), matrix.balancedAccuracy,
            chance: 1 / Double(max(1, model.data.classNames(labelling).count)))
        }
        add(found.features.predictions(for: pictures.gathering(known)), to: &byFeatures)
        if let own = found.weights, let weights {
          add(own.predictions(for: weights.gathering(known)), to: &byCodes)
        }
      }
    }
    return [byFeatures, byCodes]
  }

  /// What is read of the classes.
  public func notes(on model: FrozenModel) -> [String] {
    guard model.data.image != nil, !model.data.captions.isEmpty else { return [] }
    return prompts == nil
      ? model.data.classNameRemarks
      : ["Zero-shot: of each class the mean of its prompts' features, no training labels."]
  }
}

/// What classes are called in captions: their prompts where there is a file of them, else their names.
public struct ClassTexts {
  private let prompts: ClassPrompts?
  private let data: AlignedData

  /// Reads a file of prompts, where one is named.
  public init(_ name: String?, of data: AlignedData) throws(UserError) {
    self.data = data
    var prompts: ClassPrompts?
    if let name { prompts = try ClassPrompts.load(name) }
    self.prompts = prompts
  }

  /// The sentences of each class of a labelling or modality of tags; nil where some class has none.
  func sentences(of labelling: String, names: [String], caption: String) -> [[String]]? {
    guard !names.isEmpty else { return nil }
    guard let prompts else { return names.map { [$0] } }
    return prompts.sentences(of: labelling, names: names, caption: caption) { finer in
      finerClasses(finer, of: labelling, count: names.count)
    }
  }

  /// A prototype for each class by its texts in a modality of captions; nil where a class has none.
  public func prototypes(
    of labelling: String, in caption: Int, _ model: FrozenModel
  ) throws -> (features: PrototypeClassifier, weights: PrototypeClassifier?)? {
    let names = data.dataset.classNames[labelling] ?? data.dataset.tagNames[labelling] ?? []
    guard let sentences = sentences(of: labelling, names: names, caption: model.names[caption]),
      let found = try model.texts(sentences.flatMap { $0 }, in: caption)
    else { return nil }
    guard prompts != nil else {
      return (
        PrototypeClassifier(prototypes: found.features), found.weights.map { PrototypeClassifier(prototypes: $0) }
      )
    }
    let labels = sentences.enumerated().flatMap { index, sentences in sentences.map { _ in index } }
    return (
      PrototypeClassifier(averaging: found.features, labels: labels, classes: names.count),
      found.weights.map { PrototypeClassifier(averaging: $0, labels: labels, classes: names.count) }
    )
  }

  /// The finer classes that occur with each class of a labelling, in training or, without labels there, on the test side.
  private func finerClasses(_ finer: String, of labelling: String, count: Int) -> [[String]]? {
    guard let split = data[.train] ?? data[.test], let coarse = split.labels[labelling], let fine = split.labels[finer],
      let names = data.dataset.classNames[finer]
    else { return nil }
    var members = [Set<Int32>](repeating: [], count: count)
    for (a, b) in zip(coarse, fine) where a >= 0 && b >= 0 { members[Int(a)].insert(b) }
    return members.map { $0.sorted().map { names[Int($0)] } }
  }
}
