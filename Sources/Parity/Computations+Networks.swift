import Autograd
import Interchange
import Kernels

extension ParityCheck {
  static func convolution(_ inputs: CaseInputs) throws -> [String: Tensor] {
    let reference = inputs.reference
    let (x, w) = (try inputs["x", rank: 4], try inputs["w", rank: 4])
    let (gamma, beta) = (try inputs["gamma", rank: 1], try inputs["beta", rank: 1])
    let stride = try reference.count("stride")
    let padding = try reference.count("padding", least: 0)
    // A wider rim would be made of zeros alone, and of as many as the file likes.
    try reference.require(
      padding < min(w.shape[2], w.shape[3]), "a padding of \(padding) is not less than the kernel's \(w.shape[2...])")
    try reference.require(
      w.shape[1] == x.shape[1] && gamma.shape == [w.shape[0]] && beta.shape == [w.shape[0]]
        && w.shape[2] <= x.shape[2] + 2 * padding && w.shape[3] <= x.shape[3] + 2 * padding,
      "images, kernels and scales do not fit")
    let epsilon = try reference.number("eps")
    try reference.require(epsilon >= 0 && epsilon.isFinite, "an eps of \(epsilon) is not a number from 0 on")
    let normal = x.transposed([0, 2, 3, 1]).convolved(
      weight: w.transposed([0, 2, 3, 1]), stride: (stride, stride), padding: ImagePadding(padding))
    let y = normal.batchNormalised(
      gain: gamma, bias: beta, statistics: .batch, epsilon: epsilon, rectified: true
    ).output
    return ["y": y.transposed([0, 3, 1, 2]), "loss": y.squared().mean()]
  }

  static func attention(_ inputs: CaseInputs) throws -> [String: Tensor] {
    let reference = inputs.reference
    let x = try inputs["x", rank: 3]
    let width = x.shape[2]
    let heads = try reference.count("heads")
    let (weight, bias) = (try inputs["qkv_w", rank: 2], try inputs["qkv_b", rank: 1])
    let (outWeight, outBias) = (try inputs["out_w", rank: 2], try inputs["out_b", rank: 1])
    try reference.require(
      width % heads == 0 && weight.shape == [3 * width, width] && bias.shape == [3 * width]
        && outWeight.shape == [width, width] && outBias.shape == [width], "the weights do not fit \(heads) heads")
    let isCausal = reference.file.metadata["causal"].map { $0.lowercased() == "true" } ?? false
    let attended = x.linear(weight: weight, bias: bias)
      .selfAttention(heads: heads, mask: AttentionMask(isCausal: isCausal))
    let y = attended.linear(weight: outWeight, bias: outBias)
    return ["y": y, "loss": y.squared().mean()]
  }

  static func lstm(_ inputs: CaseInputs) throws -> [String: Tensor] {
    let reference = inputs.reference
    let x = try inputs["x", rank: 3]
    let (inputWeight, hiddenWeight) = (try inputs["w_ih", rank: 2], try inputs["w_hh", rank: 2])
    let (inputBias, hiddenBias) = (try inputs["b_ih", rank: 1], try inputs["b_hh", rank: 1])
    let hidden = hiddenWeight.shape[1]
    try reference.require(
      inputWeight.shape == [4 * hidden, x.shape[2]] && hiddenWeight.shape[0] == 4 * hidden
        && inputBias.shape == [4 * hidden] && hiddenBias.shape == [4 * hidden], "the weights do not fit")
    let y = x.lstm(
      RecurrentWeights(
        inputWeight: inputWeight, hiddenWeight: hiddenWeight, inputBias: inputBias, hiddenBias: hiddenBias))
    return ["y": y, "loss": y.squared().mean()]
  }
}
