import Autograd
import Diagnostics
import Interchange
import Objectives

extension ParityCheck {
  static func tokenCrossEntropy(_ inputs: CaseInputs) throws -> [String: Tensor] {
    let reference = inputs.reference
    let logits = try inputs["logits", rank: 3]
    let (labels, shape) = try reference.integers("labels")
    let vocabulary = logits.shape[2]
    try reference.require(shape == Array(logits.shape.dropLast()), "in.labels has shape \(shape)")
    let ignored = Int32(try reference.number("ignore_index"))
    try reference.require(
      labels.allSatisfy { $0 == ignored || (0..<Int32(vocabulary)).contains($0) }, "a label is no word")
    let smoothing = try reference.number("label_smoothing")
    try reference.require((0..<1).contains(smoothing), "label_smoothing must be in 0..<1")
    let found = TokenCrossEntropy.loss(
      logits.reshaped(to: [labels.count, vocabulary]), labels: labels.map { $0 == ignored ? nil : $0 },
      smoothing: smoothing)
    return ["loss": found.loss, "token_loss": found.each.reshaped(to: shape)]
  }

  static func quickGELU(_ inputs: CaseInputs) throws -> [String: Tensor] {
    let (x, w) = (try inputs["x", rank: 2], try inputs["w", rank: 2])
    try inputs.reference.require(x.shape == w.shape, "in.x and in.w differ in shape")
    let y = x.quickGELU()
    return ["y": y, "loss": (y * w).sum()]
  }

  static func crossAttention(_ inputs: CaseInputs) throws -> [String: Tensor] {
    let reference = inputs.reference
    let (query, context) = (try inputs["query", rank: 3], try inputs["context", rank: 3])
    let (w, heads) = (try inputs["w", rank: 3], try reference.count("heads"))
    let (mask, shape) = try reference.integers("mask")
    try reference.require(shape == Array(context.shape.dropLast()), "in.mask has shape \(shape)")
    try reference.require(context.shape[0] == query.shape[0], "query and context are of different batches")
    let (queries, keys, values): (Tensor, Tensor, Tensor)
    if reference.file.metadata["projections"] == "separate" {
      queries = try layer("q", query, inputs)
      keys = try layer("k", context, inputs)
      values = try layer("v", context, inputs)
    } else {
      let (weight, bias) = (try inputs["qkv_w", rank: 2], try inputs["qkv_b", rank: 1])
      let width = query.shape[2]
      try reference.require(
        weight.shape == [3 * width, width] && bias.shape == [3 * width] && context.shape[2] == width,
        "in.qkv_w has shape \(weight.shape)")
      func part(_ place: Int, _ input: Tensor) -> Tensor {
        let rows = (place * width)..<((place + 1) * width)
        return input.linear(weight: weight.slice(rows), bias: bias.slice(rows))
      }
      (queries, keys, values) = (part(0, query), part(1, context), part(2, context))
    }
    try reference.require(queries.shape[2] % heads == 0 && keys.shape == values.shape, "the heads do not fit")
    let attended = Tensor.attention(
      query: queries, key: keys, value: values, heads: heads,
      mask: AttentionMask(allowedKeys: mask.map { $0 != 0 }))
    let y = try layer("out", attended, inputs)
    try reference.require(w.shape == y.shape, "in.w has shape \(w.shape), not \(y.shape)")
    return ["y": y, "loss": (y * w).sum()]
  }

  static func recurrentCaption(_ inputs: CaseInputs) throws -> [String: Tensor] {
    let reference = inputs.reference
    let embedding = try inputs["embedding", rank: 2]
    let (captions, shape) = try reference.integers("captions")
    let (lengths, lengthShape) = try reference.integers("lengths")
    try reference.require(
      shape.count == 2 && lengthShape == [shape[0]] && lengths.allSatisfy { $0 > 0 && $0 <= shape[1] }
        && captions.allSatisfy { $0 >= 0 && Int($0) < embedding.shape[0] }, "captions and lengths do not fit")
    let (batch, steps) = (shape[0], shape[1])
    let first = try layer("img", try inputs["image", rank: 2], inputs)
    try reference.require(first.shape == [batch, embedding.shape[1]], "the picture does not fit the embedding")
    // The picture is the first step's input, then come the words but for the last.
    let before = (0..<batch).flatMap { row in captions[row * steps..<(row + 1) * steps - 1] }
    let words = embedding.gatheringRows(before).reshaped(to: [batch, steps - 1, embedding.shape[1]])
    let sequence = Tensor.concatenated([first.reshaped(to: [batch, 1, embedding.shape[1]]), words], axis: 1)
    let weights = RecurrentWeights(
      inputWeight: try inputs["w_ih", rank: 2], hiddenWeight: try inputs["w_hh", rank: 2],
      inputBias: try inputs["b_ih", rank: 1], hiddenBias: try inputs["b_hh", rank: 1])
    let hidden = weights.hiddenWeight.shape[1]
    try reference.require(
      weights.inputWeight.shape == [4 * hidden, embedding.shape[1]] && weights.hiddenWeight.shape[0] == 4 * hidden
        && weights.inputBias.shape == [4 * hidden] && weights.hiddenBias.shape == [4 * hidden],
      "the weights do not fit")
    let output = inputs.tensors["out_w"] == nil ? embedding : try inputs["out_w", rank: 2]
    let bias = try inputs["out_b", rank: 1]
    try reference.require(
      output.shape == [embedding.shape[0], hidden] && bias.shape == [embedding.shape[0]], "the output does not fit")
    let logits = sequence.lstm(weights).reshaped(to: [batch * steps, hidden]).linear(weight: output, bias: bias)
    let labels = (0..<batch * steps).map { index -> Int32? in
      index % steps < Int(lengths[index / steps]) ? captions[index] : nil
    }
    let found = TokenCrossEntropy.loss(logits, labels: labels)
    return ["loss": found.loss, "token_loss": found.each.reshaped(to: shape)]
  }

  /// The dense layer of a name.
  static func layer(_ name: String, _ input: Tensor, _ inputs: CaseInputs) throws -> Tensor {
    let (weight, bias) = (try inputs["\(name)_w", rank: 2], try inputs["\(name)_b", rank: 1])
    try inputs.reference.require(
      weight.shape[1] == input.shape.last && bias.shape == [weight.shape[0]],
      "in.\(name)_w has shape \(weight.shape) for an input of \(input.shape)")
    return input.linear(weight: weight, bias: bias)
  }
}
