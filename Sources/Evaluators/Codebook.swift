import Datasets
import Evaluation
import Kernels
import Methods
import Options
import Training

/// Whether a codebook is alive: how many codes an item uses, how many are used at all, and whether items that belong
/// together use the same.
public struct CodebookEvaluator: Evaluator {
  /// `codebook`
  public static var key: String { "codebook" }
  /// In a few words.
  public static var summary: String { "support, use and overlap of the codes, where a method has codes" }

  /// The defaults.
  public init() {}

  /// Use by modality, and overlap of pictures with each of the others.
  public func tables(of model: FrozenModel, after earlier: [EvaluationTable]) throws -> [EvaluationTable] {
    guard let codebook = model.method as? any CodebookMethod, codebook.hasCodes,
      let first = model.data.image ?? model.all.first,
      try model.codeWeights(of: first, on: model.side) != nil
    else { return [] }
    var (use, overlap) = (EvaluationTable("codebook"), EvaluationTable("codebook overlap"))
    func add(_ name: String, _ found: CodebookHealth.Use) {
      use.add(.named(name), .number("support", higherIsBetter: nil), found.support)
      use.add(.named(name), .share("codes used"), found.usedShare)
      use.add(.named(name), .number("perplexity", higherIsBetter: nil), found.perplexity)
    }
    // A blank item has codes, too.
    let presence = model.data.presence(model.side)
    for place in [first] + model.all.filter({ $0 != first }) {
      guard
        let weights = try model.codeWeights(of: place, at: presence.observations(having: [place]), on: model.side),
        let found = CodebookHealth.use(of: weights)
      else { continue }
      add(model.names[place], found)
    }
    for other in model.all where other != first {
      let both = presence.observations(having: [first, other])
      guard let own = try model.codeWeights(of: first, at: both, on: model.side),
        let weights = try model.codeWeights(of: other, at: both, on: model.side),
        let health = CodebookHealth(own, weights)
      else { continue }
      let subject = EvaluationTable.Subject.pair(model.names[first], model.names[other])
      overlap.add(subject, .share("positive overlap"), health.matchedOverlap)
      overlap.add(subject, .share("negative overlap"), health.mismatchedOverlap)
      overlap.add(subject, .number("positive cosine", higherIsBetter: true), health.matchedCosine)
      overlap.add(subject, .number("negative cosine", higherIsBetter: false), health.mismatchedCosine)
    }
    use.add(.named("training"), .share("codes used"), codebook.usedShare)
    return [use, overlap]
  }
}
