import Datasets
import Evaluation
import Kernels
import Options
import Training

/// Whether all that a picture shows is found: of the tags of a picture the share among as many best-scored ones.
public struct CompletenessEvaluator: Evaluator {
  /// `completeness`
  public static var key: String { "completeness" }
  /// In a few words.
  public static var summary: String { "whether all tags of a picture are found, by probe and zero-shot" }

  /// The fewest tags of the pictures that are also reported by themselves.
  public var fewest = 4
  /// A file of prompts, or the name of one that ships, for zero-shot; nil takes the names of the tags.
  public var prompts: String?
  /// The ridge penalties of the probe, of which the validation side chooses one.
  public var penalties = [1e-5, 1e-4, 1e-3, 1e-2, 1e-1]

  /// The defaults.
  public init() {}

  /// What the numbers must be.
  public var requirements: [OptionRequirement] { [.count("fewest", fewest)] }

  /// Recall, share of pictures of which all is found, and recall by chance.
  public func tables(of model: FrozenModel, after earlier: [EvaluationTable]) throws -> [EvaluationTable] {
    guard let tags = model.data.tags, let image = model.data.image,
      let present = model.data.tags(at: 0..<model.data.count(model.side), in: model.side),
      let pictures = try model.representations(of: model.side, by: [image])
    else { return [] }
    var table = EvaluationTable("completeness")
    let weights = try model.codeWeights(of: image, on: model.side)
    let classes = try ClassTexts(prompts, of: model.data)
    for caption in model.data.captions {
      guard let found = try classes.prototypes(of: tags.name, in: caption, model) else { continue }
      let name = "\(tags.name), zero-shot \(model.names[caption])"
      add(name, found.features.scores(for: pictures), present, to: &table)
      if let own = found.weights, let weights { add("\(name) by codes", own.scores(for: weights), present, to: &table) }
    }
    var probe = LinearProbeEvaluator()
    probe.penalties = penalties
    if let predicted = try probe.tagScores(place: image, model: model) {
      add("\(tags.name), linear probe", predicted, present, to: &table)
    }
    return [table]
  }

  private func add(_ name: String, _ scores: Matrix, _ present: Matrix, to table: inout EvaluationTable) {
    for (name, fewest) in [(name, 1), ("\(name), \(fewest) or more", fewest)] {
      let found = ObjectRecall(scores: scores, present: present, fewest: fewest)
      table.add(.named(name), .share("recall"), found.recall, chance: found.chance)
      table.add(.named(name), .share("all found"), found.complete)
      table.add(.named(name), .share("recall by chance"), found.chance)
    }
  }
}
