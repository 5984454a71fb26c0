import Datasets
import Evaluation
import Kernels
import Options
import Training

/// How representations lie: cosines and alignment of what belongs together, the gap between modalities, and how evenly
/// each covers the sphere.
public struct GeometryEvaluator: Evaluator {
  /// `geometry`
  public static var key: String { "geometry" }
  /// In a few words.
  public static var summary: String { "alignment, modality gap and uniformity" }

  /// Which pairs of modalities are compared.
  public var pairs = EvaluatedPairs.all
  /// Whether complete observations are compared, too.
  public var withComplete = false
  /// Whether the spread of the picture encoder's features is told beside that of representations.
  public var ofFeatures = false

  /// The defaults.
  public init() {}

  /// Both tables.
  public func tables(of model: FrozenModel, after earlier: [EvaluationTable]) throws -> [EvaluationTable] {
    var (geometry, spread) = (EvaluationTable("geometry"), EvaluationTable("uniformity"))
    func compare(_ first: FrozenModel.View, _ second: FrozenModel.View) {
      let rows = model.common(first, second)
      let (one, other) = (first.values.gathering(rows), second.values.gathering(rows))
      let subject = EvaluationTable.Subject.pair(first.name, second.name)
      geometry.add(subject, .cosine, Geometry.matchedCosine(one, other))
      geometry.add(subject, .alignment, Geometry.alignment(one, other))
      geometry.add(subject, .modalityGap, Geometry.modalityGap(one, other))
    }
    let complete = withComplete ? try model.completeView() : nil
    if let complete {
      for place in model.all { if let view = try model.view(place) { compare(complete, view) } }
      spread.add(
        .named(complete.name), .uniformity, Geometry.uniformity(complete.values.gathering(model.common(complete))))
    }
    for (first, second) in pairs.places(in: model.data) {
      guard let one = try model.view(first), let other = try model.view(second) else { continue }
      compare(one, other)
    }
    for place in model.all {
      guard let view = try model.view(place) else { continue }
      spread.add(
        .named(view.name), .uniformity, Geometry.uniformity(view.values.gathering(model.common(view))))
    }
    if ofFeatures, let image = model.data.image, let features = try model.features(of: image, on: model.side) {
      spread.add(.named("\(model.names[image]) features"), .uniformity, Geometry.uniformity(features))
    }
    return [geometry, spread]
  }

  /// What uniformity looks at, where that is not all.
  public func notes(on model: FrozenModel) -> [String] {
    let (most, count) = (Geometry.mostUniform, model.data.count(model.side))
    return count > most ? ["Uniformity: on a sample of \(most) of \(count), evenly spread."] : []
  }
}
