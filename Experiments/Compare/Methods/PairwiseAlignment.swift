import Autograd
import Encoders
import Kernels
import Layers

/// What is minimised between the representations of two modalities.
protocol PairObjective: Module {
  /// Whether representations have length 1 when they are compared in training.
  var normalises: Bool { get }

  /// For each observation of a batch the one whose item of the second modality it is paired with; nil for its own.
  func partners(of batch: ComparedBatch) -> [Int]?

  /// The loss of a batch of pairs, `[batch, d]` each.
  func loss(_ first: Tensor, _ second: Tensor, batch: ComparedBatch) -> Tensor
}

extension PairObjective {
  /// They have.
  var normalises: Bool { true }
  /// Its own.
  func partners(of batch: ComparedBatch) -> [Int]? { nil }
  /// Nothing is trained.
  var parts: [ModulePart] { [] }
}

/// Aligns every two modalities by one objective behind linear projections; the loss is the mean over the pairs.
///
/// An observation is represented by the mean over its modalities, each of length 1.
struct PairwiseAlignment<Objective: PairObjective>: ComparedMethod {
  let encoders: EncoderSet
  let projections: Projections
  let objective: Objective

  init(_ objective: Objective, _ setting: inout MethodSetting) {
    encoders = setting.encoders
    projections = Projections(setting.encoders, dimensions: setting.model.dimensions, stream: &setting.stream)
    self.objective = objective
  }

  var parts: [ModulePart] { [.module("projections", projections), .module("objective", objective)] }

  func loss(of batch: ComparedBatch, in pass: ForwardPass) -> LossTerms {
    let inputs = batch.inputs()
    let partners = objective.partners(of: batch).map { $0.map(Int32.init) }
    let found = inputs.indices.map { place in
      let projected = projections(encoders.encoding(of: place, inputs[place], in: pass).vector, of: place)
      return objective.normalises ? projected.l2Normalised() : projected
    }
    return meanOverPairs(of: encoders.modalities) { first, second in
      let other = partners.map { found[second].gatheringRows($0) } ?? found[second]
      return objective.loss(found[first], other, batch: batch)
    }
  }

  func representation(of members: [Int], _ inputs: [ModalityInput]) -> Tensor? {
    averaged(
      members.map { place in
        projections(encoders.encoding(of: place, inputs[place], in: .evaluation).vector, of: place).l2Normalised()
      })
  }

  func features(of modality: Int, _ input: ModalityInput) -> Tensor? {
    encoders.encoding(of: modality, input, in: .evaluation).vector
  }
}
