import Autograd
import Diagnostics
import Interchange
import Layers
import Objectives
import TextGeneration

extension ParityCheck {
  static func softAttentionCaption(_ inputs: CaseInputs) throws -> [String: Tensor] {
    let reference = inputs.reference
    let (features, embedding) = (try inputs["features", rank: 3], try inputs["embedding", rank: 2])
    let (captions, shape) = try reference.integers("captions")
    let (lengths, lengthShape) = try reference.integers("lengths")
    let batch = features.shape[0]
    try reference.require(
      shape.count == 2 && shape[0] == batch && shape[1] > 1 && lengthShape == [batch]
        && lengths.allSatisfy { $0 > 0 && $0 <= shape[1] }
        && captions.allSatisfy { $0 >= 0 && Int($0) < embedding.shape[0] }, "captions and lengths do not fit")
    let memory = RecurrentWeights(
      inputWeight: try inputs["w_ih", rank: 2], hiddenWeight: try inputs["w_hh", rank: 2],
      inputBias: try inputs["b_ih", rank: 1], hiddenBias: try inputs["b_hh", rank: 1])
    let (width, words, hidden) = (features.shape[2], embedding.shape[1], memory.hiddenWeight.shape[1])
    try reference.require(
      memory.inputWeight.shape == [4 * hidden, words + width] && memory.hiddenWeight.shape == [4 * hidden, hidden]
        && memory.inputBias.shape == [4 * hidden] && memory.hiddenBias.shape == [4 * hidden],
      "the weights of the memory do not fit")
    let compared = try inputs["att_v_b", rank: 1].count
    func dense(_ name: String, _ from: Int, _ to: Int) throws -> SoftAttention.Dense {
      let (weight, bias) = (try inputs["\(name)_w", rank: 2], try inputs["\(name)_b", rank: 1])
      try reference.require(
        weight.shape == [to, from] && bias.shape == [to], "in.\(name)_w has shape \(weight.shape), not \([to, from])")
      return (weight, bias)
    }
    let soft = SoftAttention(
      initialHidden: try dense("init_h", width, hidden), initialCell: try dense("init_c", width, hidden),
      regions: try dense("att_v", width, compared), state: try dense("att_h", hidden, compared),
      score: try dense("att", compared, 1), gate: try dense("gate", hidden, width), memory: memory)
    let output = try dense("out", hidden, embedding.shape[0])
    let steps = shape[1] - 1
    let taken = (0..<batch).flatMap { row in captions[row * shape[1]..<row * shape[1] + steps] }
    let found = soft.unrolled(
      embedding.gatheringRows(taken).reshaped(to: [batch, steps, words]), soft.look(at: features))
    let logits = found.states.reshaped(to: [batch * steps, hidden]).linear(weight: output.weight, bias: output.bias)
    let labels = (0..<batch * steps).map { index -> Int32? in
      let (row, step) = (index / steps, index % steps)
      return step < Int(lengths[row]) - 1 ? captions[row * shape[1] + step + 1] : nil
    }
    let losses = TokenCrossEntropy.loss(logits, labels: labels)
    let (penalty, attention) = SoftAttention.penalty(found.attention, steps: lengths.map { Int($0) - 1 })
    return [
      "alpha": attention, "penalty": penalty, "token_loss": losses.each.reshaped(to: [batch, steps]),
      "loss": losses.loss + penalty * (try reference.number("penalty_weight")),
    ]
  }

  static func prefixLanguageModel(_ inputs: CaseInputs) throws -> [String: Tensor] {
    let reference = inputs.reference
    let (visual, embedding) = (try inputs["visual", rank: 3], try inputs["embedding", rank: 2])
    let (ids, shape) = try reference.integers("ids")
    let (answer, answerShape) = try reference.integers("answer")
    let (batch, prefix, width) = (visual.shape[0], visual.shape[1], embedding.shape[1])
    let heads = try reference.count("heads")
    try reference.require(
      shape.count == 2 && shape[0] == batch && shape[1] > 0 && answerShape == shape
        && ids.allSatisfy { $0 >= 0 && Int($0) < embedding.shape[0] } && width % heads == 0,
      "ids and answer do not fit")
    let pad = Int32(try reference.count("pad", least: 0))
    let epsilon = try reference.number("eps")
    try reference.require(epsilon >= 0, "eps must not be negative")
    let projected = try layer("proj2", layer("proj1", visual, inputs).gelu(), inputs)
    try reference.require(projected.shape[2] == width, "the projector gives \(projected.shape)")
    func given(_ name: String, _ shape: [Int], as other: [Int]? = nil) throws -> Parameter {
      let tensor = try inputs[name, rank: shape.count]
      try reference.require(tensor.shape == shape, "in.\(name) has shape \(tensor.shape), not \(shape)")
      return Parameter(given: other.map { tensor.reshaped(to: $0) } ?? tensor)
    }
    func dense(_ name: String, _ from: Int, _ to: Int) throws -> Linear {
      Linear(weight: try given("\(name)_w", [to, from]), bias: try given("\(name)_b", [to]))
    }
    func norm(_ name: String) throws -> LayerNorm {
      LayerNorm(
        gain: try given("\(name)_w", [width]), bias: try given("\(name)_b", [width]),
        epsilon: epsilon)
    }
    let block = TransformerBlock(
      attentionNorm: try norm("ln1"),
      attention: MultiHeadAttention(
        project: try dense("qkv", width, 3 * width), output: try dense("out", width, width), heads: heads),
      perceptronNorm: try norm("ln2"),
      perceptron: MLP(
        layers: [
          try dense("ff1", width, inputs["ff1_b", rank: 1].count),
          try dense("ff2", inputs["ff1_b", rank: 1].count, width),
        ], activation: .gelu))
    let length = prefix + shape[1]
    let places = try inputs["positions", rank: 2].shape[0]
    try reference.require(places >= length, "\(places) positions for \(length)")
    let model = CausalTransformer(
      embedding: Embedding(table: try given("embedding", embedding.shape)),
      positions: try given("positions", [places, width], as: [1, places, width]),
      transformer: Transformer(blocks: [block], norm: try norm("ln_f")),
      output: Linear(weight: try given("head_w", embedding.shape), bias: nil))
    let states = model(prefix: projected, ids, batch: batch, in: .evaluation)
    let real = (0..<batch).flatMap { row in
      [Float](repeating: 1, count: prefix)
        + ids[row * shape[1]..<(row + 1) * shape[1]].map { $0 == pad ? Float(0) : 1 }
    }
    // The position before a word predicts it.
    let predicting = states.slice(axis: 1, (prefix - 1)..<(length - 1)).reshaped(to: [ids.count, width])
    let found = TokenCrossEntropy.loss(
      model.logits(predicting), labels: ids.indices.map { answer[$0] == 1 ? ids[$0] : nil })
    return [
      "hidden": states * Tensor(real, shape: [batch, length, 1]), "token_loss": found.each.reshaped(to: shape),
      "loss": found.loss,
    ]
  }
}

/// A value of a case in the place of a parameter's own.
private final class GivenValue: ParameterAdaptation {
  let change: Tensor
  init(_ change: Tensor) { self.change = change }
}

extension Parameter {
  /// A parameter that is a tensor of a case, so that gradients of a module flow to it.
  fileprivate convenience init(given tensor: Tensor) {
    self.init(Tensor(repeating: 0, shape: tensor.shape))
    isTrainable = false
    adaptation = GivenValue(tensor)
  }
}
