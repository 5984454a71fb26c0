import Autograd
import Interchange
import Layers
import Objectives

extension ParityCheck {
  static func gmc(_ inputs: CaseInputs, negatives: GMC.Negatives) throws -> [String: Tensor] {
    let reference = inputs.reference
    guard let jointName = reference.file.metadata["joint"] else {
      try reference.require(false, "the metadata name no joint representation")
      return [:]
    }
    let joint = try inputs[jointName, rank: 2].l2Normalised()
    let names = reference.inputNames.filter { $0 != jointName }
    let single = try names.map { try inputs[$0, rank: 2].l2Normalised() }
    try reference.require(
      !single.isEmpty && single.allSatisfy { $0.shape == joint.shape }, "representations differ in shape")
    let method = GMC(.init(temperature: try reference.number("temperature"), negatives: negatives))
    return ["loss": method.loss(representations: single, joint: joint, names: names).total]
  }

  static func clip(_ inputs: CaseInputs) throws -> [String: Tensor] {
    let (u, v) = (try inputs["u", rank: 2], try inputs["v", rank: 2])
    try inputs.reference.require(u.shape == v.shape, "in.u and in.v differ in shape")
    return [
      "loss": clipLoss(u.l2Normalised(), v.l2Normalised(), logScale: try inputs["logit_scale", rank: 0])
    ]
  }

  static func simCLR(_ inputs: CaseInputs) throws -> [String: Tensor] {
    let (a, b) = (try inputs["a", rank: 2], try inputs["b", rank: 2])
    try inputs.reference.require(a.shape == b.shape, "in.a and in.b differ in shape")
    return [
      "loss": ntXent(a.l2Normalised(), b.l2Normalised(), temperature: try inputs.reference.number("temperature"))
    ]
  }

  static func sigLIP(_ inputs: CaseInputs) throws -> [String: Tensor] {
    let (u, v) = (try inputs["u", rank: 2], try inputs["v", rank: 2])
    try inputs.reference.require(u.shape == v.shape, "in.u and in.v differ in shape")
    return [
      "loss": sigmoidLoss(
        u.l2Normalised(), v.l2Normalised(), logScale: try inputs["logit_scale", rank: 0],
        bias: try inputs["logit_bias", rank: 0])
    ]
  }

  static func vse(_ inputs: CaseInputs, hardest: Bool) throws -> [String: Tensor] {
    let (u, v) = (try inputs["u", rank: 2], try inputs["v", rank: 2])
    try inputs.reference.require(u.shape == v.shape, "in.u and in.v differ in shape")
    let margin = try inputs.reference.number("margin")
    return ["loss": vseLoss(u.l2Normalised(), v.l2Normalised(), margin: margin, hardest: hardest)]
  }

  static func triplet(_ inputs: CaseInputs) throws -> [String: Tensor] {
    let (anchor, positive) = (try inputs["anchor", rank: 2], try inputs["positive", rank: 2])
    let negative = try inputs["negative", rank: 2]
    try inputs.reference.require(
      anchor.shape == positive.shape && anchor.shape == negative.shape, "the inputs differ in shape")
    let margin = try inputs.reference.number("margin")
    return ["loss": tripletLoss(anchor: anchor, positive: positive, negative: negative, margin: margin)]
  }
}
