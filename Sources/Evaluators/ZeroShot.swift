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
  /// A file of sentences with `{}`, one in each line, or `english` or `korean`; nil takes those of `prompts`, or the name alone.
  public var templates: String?
  /// A file with a class, a tab and its names in each line; nil takes the names of `prompts`, or those of the data.
  public var classNames: String?
  /// Which modalities of captions names are read as.
  public var captions = Captions.first
  /// Whether the mean over the classes is reported beside the share of observations.
  public var isBalanced = false

  /// The defaults.
  public init() {}

  /// Whether a file says what classes are called or what sentences their names stand in.
  public var readsFiles: Bool { prompts != nil || templates != nil || classNames != nil }

  /// What classes are called.
  ///
  /// - Throws: `UserError` where a file cannot be read, or that of names has the classes of no labelling.
  public func classTexts(of data: AlignedData) throws(UserError) -> ClassTexts {
    try ClassTexts(prompts, templates: templates, names: classNames, of: data)
  }

  /// The shares that are right, by labelling.
  public func tables(of model: FrozenModel, after earlier: [EvaluationTable]) throws -> [EvaluationTable] {
    var (byFeatures, byCodes) = (EvaluationTable("zero-shot"), EvaluationTable("zero-shot by codes"))
    guard let image = model.data.image, let pictures = try model.representations(of: model.side, by: [image]) else {
      return []
    }
    let weights = try model.codeWeights(of: image, on: model.side)
    let shown = model.data.presence(model.side).observations(having: [image])
    let classes = try classTexts(of: model.data)
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
    guard readsFiles else { return model.data.classNameRemarks }
    var origins: [String] = []
    if let templates {
      origins.append((try? PromptTemplates(templates).text) ?? "templates (\(templates))")
    } else if prompts == nil {
      origins.append("no template")
    }
    if let classNames { origins.append("class names (\(classNames))") }
    if let prompts { origins.append("prompts (\(prompts))") }
    return [
      "Zero-shot: of each class the mean of its prompts' features, no training labels; \(origins.joined(separator: ", "))."
    ]
  }
}

/// What classes are called in captions: their prompts where there is a file of them, else their names.
public struct ClassTexts {
  private let prompts: ClassPrompts?
  private let templates: PromptTemplates?
  private let names: ClassNames?
  private let data: AlignedData

  /// Reads a file of prompts, of templates that take the place of its own, and of names, where they are named.
  public init(
    _ name: String?, templates: String? = nil, names: String? = nil, of data: AlignedData
  ) throws(UserError) {
    self.data = data
    self.templates = try templates.map { name throws(UserError) in try PromptTemplates(name) }
    self.names = try names.map { name throws(UserError) in try ClassNames(name) }
    if let names = self.names, !data.labellings.contains(where: { names.hasAny(of: data.classNames($0)) }) {
      throw UserError(
        .data, "it has no class of the labellings \(data.labellings.joined(separator: ", "))", at: names.origin,
        mend: "write the class as the data have it, a tab and its name in each line")
    }
    var prompts = try name.map { name throws(UserError) in try ClassPrompts.load(name) }
    if let sentences = self.templates?.sentences {
      for caption in data.captions { prompts?.templates[data.modalities[caption].name] = sentences }
    }
    self.prompts = prompts
  }

  /// The sentences of each class of a labelling or modality of tags; nil where some class has none.
  ///
  /// - Throws: `UserError` where the file of names lacks a class.
  func sentences(of labelling: String, names: [String], caption: String) throws(UserError) -> [[String]]? {
    guard !names.isEmpty else { return nil }
    if let called = try self.names?.names(of: names) {
      let templates = templates?.sentences ?? prompts?.templates[caption] ?? ["{}"]
      return called.map { names in names.flatMap { name in templates.map { $0.replacing("{}", with: name) } } }
    }
    guard let prompts else { return names.map { templates?.sentences(of: $0) ?? [$0] } }
    return prompts.sentences(of: labelling, names: names, caption: caption) { finer in
      finerClasses(finer, of: labelling, count: names.count)
    }
  }

  /// A prototype for each class by its texts in a modality of captions; nil where a class has none.
  public func prototypes(
    of labelling: String, in caption: Int, _ model: FrozenModel
  ) throws -> (features: PrototypeClassifier, weights: PrototypeClassifier?)? {
    let names = data.dataset.classNames[labelling] ?? data.dataset.tagNames[labelling] ?? []
    guard let sentences = try sentences(of: labelling, names: names, caption: model.names[caption]),
      let found = try model.texts(sentences.flatMap { $0 }, in: caption)
    else { return nil }
    guard sentences.contains(where: { $0.count > 1 }) || prompts != nil else {
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
