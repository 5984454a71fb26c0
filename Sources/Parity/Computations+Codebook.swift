import Autograd
import Diagnostics
import Interchange
import Objectives

extension ParityCheck {
  static func sparsemax(_ inputs: CaseInputs) throws -> [String: Tensor] {
    let (x, w) = (try inputs["x", rank: 2], try inputs["w", rank: 2])
    try inputs.reference.require(x.shape == w.shape, "in.x and in.w differ in shape")
    let y = x.sparsemax()
    return ["y": y, "loss": (y * w).sum()]
  }

  static func finiteDiscreteTokens(_ inputs: CaseInputs) throws -> [String: Tensor] {
    let reference = inputs.reference
    let tokens = try inputs["tokens", rank: 3]
    let (codebook, target) = (try inputs["codebook", rank: 2], try inputs["target", rank: 2])
    let (width, dimensions) = (tokens.shape[2], codebook.shape[1])
    let vectors = try Dictionary(
      uniqueKeysWithValues: ["ln1_w", "ln1_b", "fc1_b", "ln2_w", "ln2_b", "fc2_b"].map { ($0, try inputs[$0, rank: 1]) }
    )
    func vector(_ name: String, _ count: Int) throws -> Tensor {
      let vector = vectors[name] ?? Tensor([])
      try reference.require(vector.shape == [count], "in.\(name) has shape \(vector.shape), not [\(count)]")
      return vector
    }
    let (first, second) = (try inputs["fc1_w", rank: 2], try inputs["fc2_w", rank: 2])
    let (mask, maskShape) = try reference.integers("mask")
    try reference.require(
      first.shape == [dimensions, width] && second.shape == [dimensions, dimensions]
        && maskShape == Array(tokens.shape.dropLast()) && target.shape == [tokens.shape[0], dimensions],
      "tokens, weights, mask and target do not fit")
    let epsilon = reference.file.metadata["eps"] == nil ? 1e-5 : try reference.number("eps")
    try reference.require(epsilon >= 0 && epsilon.isFinite, "an eps of \(epsilon) is not a number from 0 on")
    let hidden = tokens.layerNormalised(
      gain: try vector("ln1_w", width), bias: try vector("ln1_b", width), epsilon: epsilon
    ).linear(weight: first, bias: try vector("fc1_b", dimensions)).gelu()
    let queries = hidden.layerNormalised(
      gain: try vector("ln2_w", dimensions), bias: try vector("ln2_b", dimensions), epsilon: epsilon
    ).linear(weight: second, bias: try vector("fc2_b", dimensions))
    let options = FiniteDiscreteTokens.Options(
      codes: codebook.shape[0], dimensions: dimensions,
      temperature: reference.file.metadata["temperature"] == nil ? 1 : try reference.number("temperature"),
      pooling: try reference.word("pooling", default: .max),
      attention: try reference.word("attention", default: .sparsemax),
      padding: try reference.word("padding", default: .zero))
    let grounding = FiniteDiscreteTokens.grounding(
      queries: queries, codebook: codebook, isReal: mask.map { $0 != 0 }, options: options)
    return [
      "feature": grounding.feature, "attention": grounding.attention, "loss": (grounding.feature * target).sum(),
    ]
  }
}
