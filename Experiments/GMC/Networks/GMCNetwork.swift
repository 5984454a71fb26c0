import Autograd
import Datasets
import Encoders
import Kernels
import Layers
import Objectives

/// GMC's networks: an encoder for each modality, a joint one with trunks of its own, and a head that they share.
///
///     h_m = W_m trunk_m(x_m) + b_m,   h_joint = W [trunk′_1(x_1); …; trunk′_M(x_M)] + b,   z = g(h) / ‖g(h)‖
///
/// Official code: `gmc_networks.py`. A label enters both encoders as it is, one-hot.
public struct GMCNetwork: Module {
  /// The modalities, in order.
  public let modalities: [Modality]
  private let trunks: [any ModalityTrunk]
  private let projectors: [Linear]
  private let jointTrunks: [any ModalityTrunk]
  private let jointProjector: Linear?
  /// One head, or one for each modality and the joint encoder.
  private let heads: [MLP]

  /// Creates the networks.
  ///
  /// - Parameters:
  ///   - hasSingleEncoders: false for the fusion baseline, which has only the joint one.
  ///   - hasJointEncoder: false for pairwise contrast, which needs none.
  public init(
    modalities: [Modality], model: GMCSettings.ModelSettings, hasSingleEncoders: Bool = true, hasJointEncoder: Bool,
    stream: inout RandomStream
  ) {
    self.modalities = modalities
    trunks = hasSingleEncoders ? modalities.map { model.trunk.trunk(for: $0.kind, stream: &stream) } : []
    projectors = trunks.map { Linear($0.featureDimensions, model.commonDimensions, stream: &stream) }
    jointTrunks = hasJointEncoder ? modalities.map { model.trunk.trunk(for: $0.kind, stream: &stream) } : []
    jointProjector =
      hasJointEncoder
      ? Linear(jointTrunks.reduce(0) { $0 + $1.featureDimensions }, model.commonDimensions, stream: &stream) : nil
    let headCount = model.sharedHead ? 1 : trunks.count + (hasJointEncoder ? 1 : 0)
    heads = (0..<headCount).map { _ in
      MLP(
        widths: [model.commonDimensions] + model.headDimensions + [model.latentDimensions], activation: .silu,
        stream: &stream)
    }
  }

  /// Encoders, joint encoder and heads by the modalities' names.
  public var parts: [ModulePart] {
    var parts: [ModulePart] = []
    for (index, modality) in modalities.enumerated() where !trunks.isEmpty {
      parts.append(.module("\(modality.name).trunk", trunks[index]))
      parts.append(.module("\(modality.name).projector", projectors[index]))
    }
    if let jointProjector {
      for (index, modality) in modalities.enumerated() {
        parts.append(.module("joint.\(modality.name).trunk", jointTrunks[index]))
      }
      parts.append(.module("joint.projector", jointProjector))
    }
    let names = heads.count == 1 ? ["head"] : (modalities.map(\.name) + ["joint"]).map { "head.\($0)" }
    return parts + zip(names, heads).map { .module($0, $1) }
  }

  /// Whether complete observations have an encoder of their own.
  public var hasJointEncoder: Bool { jointProjector != nil }

  /// The representation of one modality, `[batch, latent]`, rows of length 1.
  public func representation(of index: Int, _ input: ModalityInput, in pass: ForwardPass) -> Tensor {
    let common = projectors[index](trunks[index].features(input, in: pass))
    return heads[heads.count == 1 ? 0 : index](common).l2Normalised()
  }

  /// The joint representation of observations, `[batch, latent]`, rows of length 1; nil without a joint encoder.
  public func jointRepresentation(_ inputs: [ModalityInput], in pass: ForwardPass) -> Tensor? {
    guard let jointProjector else { return nil }
    let features = zip(jointTrunks, inputs).map { $0.features($1, in: pass) }
    let common = jointProjector(Tensor.concatenated(features, axis: 1))
    return heads[heads.count - 1](common).l2Normalised()
  }
}
