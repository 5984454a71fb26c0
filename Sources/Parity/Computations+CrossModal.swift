import Autograd
import Kernels
import Layers

extension ParityCheck {
  /// ViLBERT's connection layer.
  static func coAttention(_ inputs: CaseInputs) throws -> [String: Tensor] {
    let reference = inputs.reference
    let (vision, text) = (try inputs["vision", rank: 3], try inputs["text", rank: 3])
    let (heads, epsilon) = (try reference.count("heads"), try reference.number("eps"))
    try reference.require(epsilon >= 0, "an eps of \(epsilon) is not a number from 0 on")
    try reference.require(vision.shape[0] == text.shape[0], "vision and text are of different batches")
    func mask(_ name: String, of states: Tensor) throws -> [Bool] {
      let (values, shape) = try reference.integers(name)
      try reference.require(shape == Array(states.shape.dropLast()), "in.\(name) has shape \(shape)")
      return values.map { $0 != 0 }
    }
    let inner = try inputs["t_q_w", rank: 2].shape[0]
    try reference.require(inner % heads == 0, "\(heads) heads do not divide a width of \(inner)")
    /// The part of stream `s`, which is `width` wide and looks at stream `o`.
    func stream(_ s: String, _ width: Int, lookingAt o: String, _ other: Int) throws -> PostNormBlock.Weights {
      let hidden = try inputs["\(s)_ff1_b", rank: 1].count
      let (up, down) = (try inputs.dense("\(s)_ff1", hidden, width), try inputs.dense("\(s)_ff2", width, hidden))
      return PostNormBlock.Weights(
        attention: ContextAttentionWeights(
          query: try inputs.dense("\(s)_q", inner, width), key: try inputs.dense("\(o)_k", inner, other),
          value: try inputs.dense("\(o)_v", inner, other), output: try inputs.dense("\(s)_out", width, inner)),
        attentionNorm: try inputs.norm("\(s)_ln", width, epsilon: epsilon),
        perceptron: PerceptronWeights(up: up.weight, upBias: up.bias, down: down.weight, downBias: down.bias),
        perceptronNorm: try inputs.norm("\(s)_ff_ln", width, epsilon: epsilon))
    }
    let weights = (
      vision: try stream("v", vision.shape[2], lookingAt: "t", text.shape[2]),
      text: try stream("t", text.shape[2], lookingAt: "v", vision.shape[2])
    )
    let found = CoAttention.apply(
      vision: vision, text: text, weights, heads: heads,
      masks: (isRegion: try mask("vision_mask", of: vision), isWord: try mask("text_mask", of: text)), in: .evaluation)
    let (visionWeights, textWeights) = (try inputs["w_vision", rank: 3], try inputs["w_text", rank: 3])
    try reference.require(
      visionWeights.shape == vision.shape && textWeights.shape == text.shape, "the loss's weights do not fit")
    return [
      "vision": found.vision, "text": found.text,
      "loss": (found.vision * visionWeights).sum() + (found.text * textWeights).sum(),
    ]
  }
}

extension CaseInputs {
  /// The dense layer of a name, `[rows, columns]`.
  func dense(_ name: String, _ rows: Int, _ columns: Int) throws -> DenseWeights {
    let (weight, bias) = (try self["\(name)_w", rank: 2], try self["\(name)_b", rank: 1])
    try reference.require(
      weight.shape == [rows, columns] && bias.shape == [rows], "in.\(name)_w has shape \(weight.shape)")
    return (weight, bias)
  }

  /// The layer norm of a name.
  func norm(_ name: String, _ width: Int, epsilon: Float) throws -> NormWeights {
    let (gain, bias) = (try self["\(name)_w", rank: 1], try self["\(name)_b", rank: 1])
    try reference.require(gain.shape == [width] && bias.shape == [width], "in.\(name)_w has shape \(gain.shape)")
    return NormWeights(gain: gain, bias: bias, epsilon: epsilon)
  }
}
