import Autograd
import Datasets
import Encoders
import Kernels
import Layers
import Objectives

/// Geometric multimodal contrast (Poklukar et al., ICML 2022): each modality against the joint representation; see ``GMC``.
struct GMCMethod: ComparedMethod {
  /// Settings.
  struct Options: Codable, Equatable, Sendable {
    /// τ
    var temperature = 0.1
    /// What a representation is contrasted with.
    var negatives = GMC.Negatives.all
    /// Whether the joint encoder has encoders of its own, as in the official code, or reads those of the modalities.
    var ownJointEncoders = true
    /// The hidden widths of the head that all encoders share.
    var headDimensions = [256]

    var requirements: [OptionRequirement] {
      [
        .positive("temperature", temperature),
        OptionRequirement(
          "headDimensions", headDimensions.allSatisfy { (1...65_536).contains($0) }, "must be 1 to 65536"),
      ]
    }
  }

  let encoders: EncoderSet
  private let method: GMC
  private let projections: Projections
  private let jointEncoders: EncoderSet?
  private let jointProjection: Linear?
  private let head: MLP

  init(_ options: Options, _ setting: inout MethodSetting) {
    encoders = setting.encoders
    method = GMC(.init(temperature: Float(options.temperature), negatives: options.negatives))
    let width = setting.model.dimensions
    projections = Projections(setting.encoders, dimensions: width, stream: &setting.stream)
    let hasJoint = options.negatives != .pairwise
    jointEncoders = hasJoint && options.ownJointEncoders ? setting.furtherEncoders(&setting.stream) : nil
    jointProjection =
      hasJoint ? Linear(setting.encoders.widths.reduce(0, +), width, stream: &setting.stream) : nil
    head = MLP(widths: [width] + options.headDimensions + [width], activation: .silu, stream: &setting.stream)
  }

  var parts: [ModulePart] {
    [.module("projections", projections), .module("head", head)]
      + (jointEncoders.map { [.module("joint encoders", $0)] } ?? [])
      + (jointProjection.map { [.module("joint projection", $0)] } ?? [])
  }

  private func single(_ place: Int, _ vector: Tensor) -> Tensor { head(projections(vector, of: place)).l2Normalised() }

  private func joint(_ inputs: [ModalityInput], vectors: [Tensor]?, in pass: ForwardPass) -> Tensor? {
    guard let jointProjection else { return nil }
    let source = jointEncoders ?? encoders
    let own = jointEncoders == nil ? vectors : nil
    let parts = own ?? inputs.indices.map { source.encoding(of: $0, inputs[$0], in: pass).vector }
    return head(jointProjection(Tensor.concatenated(parts, axis: 1))).l2Normalised()
  }

  func loss(of batch: ComparedBatch, in pass: ForwardPass) -> LossTerms {
    let inputs = batch.inputs()
    let vectors = inputs.indices.map { encoders.encoding(of: $0, inputs[$0], in: pass).vector }
    return method.loss(
      representations: vectors.indices.map { single($0, vectors[$0]) },
      joint: joint(inputs, vectors: vectors, in: pass), names: encoders.modalities.map(\.name))
  }

  func representation(of members: [Int], _ inputs: [ModalityInput]) -> Tensor? {
    if members.count == inputs.count, let joint = joint(inputs, vectors: nil, in: .evaluation) { return joint }
    return averaged(
      members.map { single($0, encoders.encoding(of: $0, inputs[$0], in: .evaluation).vector) })
  }

  func features(of modality: Int, _ input: ModalityInput) -> Tensor? {
    encoders.encoding(of: modality, input, in: .evaluation).vector
  }
}
