import Autograd
import Datasets
import Diagnostics
import Encoders
import Graphs
import Kernels
import Layers
import Objectives

/// What is minimised between the representations of two modalities.
protocol PairObjective: Module {
  /// The settings of the method.
  associatedtype Options: MethodOptions

  /// Creates the objective's own parts.
  init(_ options: Options)

  /// Whether representations have length 1 when they are compared in training.
  var normalises: Bool { get }
  /// Which pairs of modalities are compared.
  var pairs: ContrastedPairs { get }

  /// The widths of the layers of an expander behind each encoder; none for a linear map to the width of a representation.
  var expanderDimensions: [Int] { get }

  /// The loss of some pairs, `[pairs, d]` each: of those observations of the batch that have both.
  ///
  /// - Parameter sharing: keys that observations share which are no negatives of each other; nil where all are.
  func loss(_ first: Tensor, _ second: Tensor, sharing: [Int]?, batch: TrainingBatch) -> Tensor

  /// The learnt scale, where there is one.
  var scale: LearntScale? { get }
  /// What multiplies cosines before a softmax, where the objective has such a thing.
  var similarityScale: SimilarityScale? { get }
}

extension PairObjective {
  var normalises: Bool { true }
  var pairs: ContrastedPairs { .all }
  var expanderDimensions: [Int] { [] }
  var scale: LearntScale? { nil }
  var similarityScale: SimilarityScale? { nil }
  var parts: [ModulePart] { scale.map { [.module("scale", $0)] } ?? [] }
}

/// Aligns modalities in pairs by one objective behind a projection for each encoder, linear or an expander; the loss is the
/// mean over the pairs, each of the observations that have both.
struct PairwiseAlignment<Objective: PairObjective>: AlignmentMethod {
  let encoders: EncoderSet?
  private let projections: Projections
  private let objective: Objective
  private let data: AlignedData

  init(_ options: Objective.Options, _ parts: inout MethodParts) {
    encoders = parts.encoders
    data = parts.data
    objective = Objective(options)
    projections = Projections(
      parts.encoders, dimensions: parts.dimensions, expander: objective.expanderDimensions, stream: &parts.stream)
  }

  var parts: [ModulePart] { [.module("projections", projections), .module("objective", objective)] }

  func beginStep(_ batch: TrainingBatch) { objective.scale?.clamp() }

  /// Whether projections look at all rows, by batch norm, so that they belong to the loss.
  private var projectsInLoss: Bool { !objective.expanderDimensions.isEmpty }

  var rowNetworks: [(name: String, module: any Module)] {
    (encoders.map { [("encoders", $0)] } ?? []) + (projectsInLoss ? [] : [("projections", projections)])
  }

  private func projected(_ vectors: Tensor, of place: Int, in pass: ForwardPass) -> Tensor {
    let projected = projections(vectors, of: place, in: pass)
    return objective.normalises ? projected.l2Normalised() : projected
  }

  /// The projections, or what they are made of where they look at all rows.
  func representations(of batch: TrainingBatch, in pass: ForwardPass) throws -> [Tensor?] {
    guard let encoders else { return [] }
    return try batch.presentInputs().enumerated().map { place, input in
      guard let input else { return nil }
      let vectors = encoders.encoding(of: place, input, in: pass).vector
      return projectsInLoss ? vectors : projected(vectors, of: place, in: pass)
    }
  }

  func loss(of representations: [Tensor?], keys: [Tensor?], batch: TrainingBatch) throws -> LossTerms {
    var representations = representations
    if projectsInLoss {
      let pass = ForwardPass(streams: batch.streams)
      representations = representations.enumerated().map { place, vectors in
        vectors.map { projected($0, of: place, in: pass) }
      }
    }
    return LossTerms(
      summing: objective.pairs.mean(of: data.modalities, in: batch, representations) { first, second, sharing in
        objective.loss(first, second, sharing: sharing, batch: batch)
      })
  }

  func endEpoch(_ epoch: Int, of training: MethodTraining) throws { objective.scale?.clamp() }

  func representation(of members: [MemberInput]) -> Tensor? {
    guard let encoders else { return nil }
    return averaged(
      members.map { member in
        projections(encoders.encoding(of: member.place, member.input, in: .evaluation).vector, of: member.place)
          .l2Normalised()
      })
  }

  func described(of place: Int, _ input: GraphValue) throws(UserError) -> GraphValue {
    guard let encoders else { preconditionFailure("PairwiseAlignment: no encoders") }
    return projections.described(encoders.described(place, input).vector, of: place).l2Normalised()
  }

  func features(of place: Int, _ input: ModalityInput) -> Tensor? {
    encoders?.encoding(of: place, input, in: .evaluation).vector
  }

  var similarityScale: SimilarityScale? { objective.similarityScale }
}
