import Autograd
import Diagnostics
import Foundation
import Interchange
import Objectives

extension ParityCheck {
  static func mvae(_ inputs: CaseInputs) throws -> [String: Tensor] {
    let decoding = try Decoding(inputs)
    let reference = inputs.reference
    let subsets = try subsets(reference, of: decoding.count)
    let noise = try inputs["noise", rank: 3]
    try reference.require(
      noise.shape == [subsets.count, decoding.batch, decoding.width], "in.noise has shape \(noise.shape)")
    let found = MultimodalELBO.mvae(
      try decoding.batch(inputs), subsets: subsets, noise: subsets.indices.map { noise.selecting($0, axis: 0) },
      beta: try reference.number("beta"))
    let terms = stacked(found.terms)
    return [
      "terms": terms, "loss": terms.sum(), "mu": stacked(found.posteriors.map(\.mean)),
      "logvar": stacked(found.posteriors.map(\.logVariance)),
    ]
  }

  static func mopoe(_ inputs: CaseInputs) throws -> [String: Tensor] {
    let decoding = try Decoding(inputs)
    let reference = inputs.reference
    let noise = try inputs["noise", rank: 2]
    try reference.require(noise.shape == [decoding.batch, decoding.width], "in.noise has shape \(noise.shape)")
    let found = MultimodalELBO.mopoe(
      try decoding.batch(inputs), subsets: try subsets(reference, of: decoding.count), noise: noise,
      beta: try reference.number("beta"))
    return [
      "loss": found.reconstruction + found.divergence, "z": found.codes,
      "divergence": found.divergence * (1 / (try reference.number("beta"))),
      "mu": stacked(found.posteriors.map(\.mean)), "logvar": stacked(found.posteriors.map(\.logVariance)),
    ]
  }

  static func jmvae(_ inputs: CaseInputs) throws -> [String: Tensor] {
    let decoding = try Decoding(inputs)
    let reference = inputs.reference
    let (mean, logVariance, noise) = (
      try inputs["mu", rank: 2], try inputs["logvar", rank: 2], try inputs["noise", rank: 2]
    )
    let shape = [decoding.batch, decoding.width]
    try reference.require(
      [mean, logVariance, noise].allSatisfy { $0.shape == shape }, "the joint posterior and the noise do not fit")
    let joint = LatentDistribution(mean: mean, logVariance: logVariance)
    let (beta, alpha) = (try reference.number("beta"), try reference.number("alpha"))
    let batch = try decoding.batch(inputs)
    let found = MultimodalELBO.jmvae(batch, joint: joint, noise: noise, beta: beta, alpha: alpha)
    let plain = MultimodalELBO.jmvae(batch, joint: joint, noise: noise, beta: 1, alpha: 1)
    return [
      "loss": found.reconstruction + found.prior + found.unimodal, "kl_prior": plain.prior,
      "kl_unimodal": plain.unimodal,
    ]
  }

  static func mmvae(_ inputs: CaseInputs) throws -> [String: Tensor] {
    let reference = inputs.reference
    let form: LatentDistribution.Form = try reference.word("posterior")
    let decoding = try Decoding(inputs, form: form)
    let (noise, prior) = (try inputs["noise", rank: 4], try inputs["prior", rank: 1])
    try reference.require(
      noise.shape[0] == decoding.count && noise.shape[2] == decoding.batch && noise.shape[3] == decoding.width
        && prior.shape == [decoding.width], "noise of shape \(noise.shape) and a prior of \(prior.shape) do not fit")
    let found = MixtureBound.loss(
      try decoding.batch(inputs),
      prior: LatentDistribution(form, mean: Tensor(repeating: 0, shape: prior.shape), logVariance: prior),
      noise: noise, bound: try reference.word("bound"), estimator: .plain)
    return ["loss": found.loss, "log_weights": found.logWeights]
  }

  static func straightThrough(_ inputs: CaseInputs) throws -> [String: Tensor] {
    let reference = inputs.reference
    let (x, w) = (try inputs["x", rank: 3], try inputs["w", rank: 3])
    let codebook = try inputs["codebook", rank: 2]
    try reference.require(
      x.shape == w.shape && codebook.shape[1] == x.shape[2], "in.x, in.w and in.codebook do not fit")
    let rows = x.reshaped(to: [x.shape[0] * x.shape[1], x.shape[2]])
    let numbers = VectorQuantisation.nearest(rows, in: codebook)
    let codes = codebook.gatheringRows(numbers)
    let quantised = VectorQuantisation.quantised(
      rows, to: codes, gradient: try reference.word("gradient"))
    let each = VectorQuantisation.losses(rows, codes)
    let losses = (codebook: each.codebook.mean(), commitment: each.commitment.mean())
    let products = (quantised * w.reshaped(to: rows.shape)).sum()
    return [
      "quantised": quantised.reshaped(to: x.shape), "codebook_loss": losses.codebook,
      "commitment_loss": losses.commitment,
      "loss": products + losses.codebook + losses.commitment * (try reference.number("commitment")),
      "perplexity": VectorQuantisation.perplexity(numbers, codes: codebook.shape[0]),
      "codes": Tensor(numbers.map(Float.init), shape: Array(x.shape.dropLast())),
    ]
  }

  static func codeAverages(_ inputs: CaseInputs) throws -> [String: Tensor] {
    let reference = inputs.reference
    let (x, codebook) = (try inputs["x", rank: 2], try inputs["codebook", rank: 2])
    let (counts, sums) = (try inputs["counts", rank: 1], try inputs["sums", rank: 2])
    try reference.require(
      sums.shape == codebook.shape && counts.shape == [codebook.shape[0]] && x.shape[1] == codebook.shape[1],
      "in.x, in.codebook, in.counts and in.sums do not fit")
    let numbers = VectorQuantisation.nearest(x, in: codebook)
    var averages = VectorQuantisation.Averages(counts: counts.detached, sums: sums.detached)
    let moved = averages.move(
      towards: x.detached, numbers: numbers, decay: try reference.number("decay"), epsilon: try reference.number("eps"))
    return [
      "codebook": moved, "counts": averages.counts, "sums": averages.sums, "codes": Tensor(numbers.map(Float.init)),
    ]
  }

  private static func stacked(_ tensors: [Tensor]) -> Tensor {
    Tensor.concatenated(tensors.map { $0.reshaped(to: [1] + $0.shape) })
  }

  /// `0+1,2` as [[0, 1], [2]].
  private static func subsets(_ reference: ReferenceCase, of modalities: Int) throws -> [[Int]] {
    let found = (reference.file.metadata["subsets"] ?? "").split(separator: ",").map { subset in
      subset.split(separator: "+").compactMap { Int($0) }
    }
    try reference.require(
      !found.isEmpty && found.allSatisfy { !$0.isEmpty && $0.allSatisfy { (0..<modalities).contains($0) } },
      "subsets in the metadata must be such as 0,1,0+1, of \(modalities) modalities")
    return found
  }
}

/// Linear decoders of a case, with what they decode.
private struct Decoding {
  struct Member {
    let likelihood: Likelihood
    let weight: Float
    let items: Tensor
  }

  let members: [Member]
  let form: LatentDistribution.Form
  let scale: Float
  let batch: Int
  let width: Int

  var count: Int { members.count }

  init(_ inputs: CaseInputs, form: LatentDistribution.Form = .normal) throws {
    self.form = form
    let reference = inputs.reference
    scale = try reference.number("likelihood_scale")
    let names = (reference.file.metadata["likelihoods"] ?? "").split(separator: ",").map(String.init)
    let weights = (reference.file.metadata["likelihood_weights"] ?? "").split(separator: ",").compactMap { Float($0) }
    try reference.require(
      !names.isEmpty && names.count == weights.count && names.count <= 16 && scale > 0,
      "likelihoods and likelihood_weights in the metadata do not fit")
    let first = try inputs["mu0", rank: 2]
    (batch, width) = (first.shape[0], first.shape[1])
    var members: [Member] = []
    for (place, name) in names.enumerated() {
      guard let likelihood = Likelihood(rawValue: name) else {
        throw UserError(
          .data, "unknown likelihood \"\(name)\"", at: reference.place,
          mend: "known are \(Likelihood.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      let (weight, bias) = (try inputs["dec\(place)_w", rank: 2], try inputs["dec\(place)_b", rank: 1])
      try reference.require(
        weight.shape == [bias.shape[0], width], "in.dec\(place)_w has shape \(weight.shape)")
      for key in ["mu\(place)", "logvar\(place)"] {
        try reference.require(try inputs[key, rank: 2].shape == [batch, width], "in.\(key) does not fit")
      }
      members.append(
        Member(
          likelihood: likelihood, weight: weights[place],
          items: try Self.items(inputs, place, likelihood, [batch, bias.shape[0]])))
    }
    self.members = members
  }

  private static func items(
    _ inputs: CaseInputs, _ place: Int, _ likelihood: Likelihood, _ shape: [Int]
  ) throws -> Tensor {
    let reference = inputs.reference
    guard reference.file.arrays["in.x\(place)"]?.floats == nil else {
      let items = try inputs["x\(place)", rank: 2].detached
      try reference.require(items.shape == shape, "in.x\(place) has shape \(items.shape), not \(shape)")
      return items
    }
    let (values, found) = try reference.integers("x\(place)")
    guard likelihood == .categorical else {
      try reference.require(found == shape, "in.x\(place) has shape \(found), not \(shape)")
      return Tensor(values.map(Float.init), shape: shape)
    }
    try reference.require(
      found == [shape[0]] && values.allSatisfy { $0 >= 0 && Int($0) < shape[1] },
      "in.x\(place) must be \(shape[0]) classes of \(shape[1])")
    var items = [Float](repeating: 0, count: shape[0] * shape[1])
    for (row, value) in values.enumerated() { items[row * shape[1] + Int(value)] = 1 }
    return Tensor(items, shape: shape)
  }

  func batch(_ inputs: CaseInputs) throws -> VariationalBatch {
    let decoders = try members.indices.map {
      (weight: try inputs["dec\($0)_w", rank: 2], bias: try inputs["dec\($0)_b", rank: 1])
    }
    let experts = try members.indices.map {
      LatentDistribution(
        form, mean: try inputs["mu\($0)", rank: 2], logVariance: try inputs["logvar\($0)", rank: 2])
    }
    return VariationalBatch(experts: experts) { codes, place in
      let outputs = codes.linear(weight: decoders[place].weight, bias: decoders[place].bias)
      return members[place].likelihood.logDensity(of: members[place].items, given: outputs, scale: scale)
        * members[place].weight
    }
  }
}
