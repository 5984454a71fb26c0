import Autograd
import Interchange
import Kernels
import Layers
import Objectives

extension ParityCheck {
  static func multimodalBlock(_ inputs: CaseInputs) throws -> [String: Tensor] {
    let (hidden, w) = (try inputs["hidden", rank: 3], try inputs["w", rank: 3])
    let context = try inputs["context", rank: 3]
    try inputs.reference.require(w.shape == hidden.shape, "in.w has shape \(w.shape), not \(hidden.shape)")
    let y = try block(hidden, masks: ("mask", "context_mask"), context: context, rows: nil, inputs)
    return ["y": y, "loss": (y * w).sum()]
  }

  static func imageTextContrast(_ inputs: CaseInputs) throws -> [String: Tensor] {
    let reference = inputs.reference
    let (image, text) = (try inputs["image", rank: 2], try inputs["text", rank: 2])
    let (imageTwin, textTwin) = (try inputs["image_m", rank: 2], try inputs["text_m", rank: 2])
    let (imageQueue, textQueue) = (try inputs["image_queue", rank: 2], try inputs["text_queue", rank: 2])
    let (temperature, alpha) = (try inputs["temperature", rank: 0], try reference.number("alpha"))
    try reference.require(
      [text, imageTwin, textTwin].allSatisfy { $0.shape == image.shape }
        && [imageQueue, textQueue].allSatisfy { $0.shape[1] == image.shape[1] }, "vectors differ in shape")
    try reference.require(temperature.scalar > 0 && (0...1).contains(alpha), "temperature or alpha out of range")
    let (u, v) = (image.l2Normalised(), text.l2Normalised())
    let (imageKeys, textKeys) = (imageTwin.l2Normalised(), textTwin.l2Normalised())
    let toText = BLIPContrast.direction(
      u, twin: imageKeys, keys: textKeys, queue: textQueue, temperature: temperature, alpha: alpha)
    let toImage = BLIPContrast.direction(
      v, twin: textKeys, keys: imageKeys, queue: imageQueue, temperature: temperature, alpha: alpha)
    return [
      "i2t": toText.loss, "t2i": toImage.loss, "loss": (toText.loss + toImage.loss) * 0.5,
      "negative_text_weights": BLIPMatching.weights(toText.logits),
      "negative_image_weights": BLIPMatching.weights(toImage.logits),
    ]
  }

  static func imageTextMatching(_ inputs: CaseInputs) throws -> [String: Tensor] {
    let reference = inputs.reference
    let (text, image) = (try inputs["text", rank: 3], try inputs["image", rank: 3])
    let batch = text.shape[0]
    func negatives(_ name: String) throws -> [Int32?] {
      let (values, shape) = try reference.integers(name)
      try reference.require(
        shape == [batch] && values.allSatisfy { (0..<Int32(batch)).contains($0) }, "in.\(name) does not fit the batch")
      return values
    }
    try reference.require(image.shape[0] == batch, "texts and images are of different batches")
    try reference.require(
      try reference.count("match_class", least: 0) == Int(BLIPMatching.match), "the class of a match must be 1")
    let pairs = BLIPMatching.Pairs(
      negativePictures: try negatives("negative_image"), negativeTexts: try negatives("negative_text"))
    let y = try block(
      text, masks: ("text_mask", nil), context: image, rows: (pairs.texts, pairs.pictures), inputs)
    let logits = try layer("itm", y.selecting(0, axis: 1), inputs)
    try reference.require(logits.shape[1] == 2, "in.itm_w has \(logits.shape[1]) rows, not 2")
    return ["logits": logits, "loss": BLIPMatching.loss(logits, pairs)]
  }

  /// The block of a file's weights, on some rows of texts and contexts.
  private static func block(
    _ hidden: Tensor, masks: (own: String, context: String?), context: Tensor,
    rows: (texts: [Int32], contexts: [Int32])?,
    _ inputs: CaseInputs
  ) throws -> Tensor {
    let reference = inputs.reference
    let (batch, length, width) = (hidden.shape[0], hidden.shape[1], hidden.shape[2])
    let (heads, epsilon) = (try reference.count("heads"), try reference.number("eps"))
    try reference.require(epsilon >= 0, "an eps of \(epsilon) is not a number from 0 on")
    try reference.require(
      width % heads == 0 && context.shape[0] == batch, "texts and contexts do not fit each other and \(heads) heads")
    func attention(_ name: String, _ columns: Int) throws -> ContextAttentionWeights {
      ContextAttentionWeights(
        query: try inputs.dense("\(name)_q", width, width), key: try inputs.dense("\(name)_k", width, columns),
        value: try inputs.dense("\(name)_v", width, columns), output: try inputs.dense("\(name)_out", width, width))
    }
    func norm(_ name: String) throws -> NormWeights { try inputs.norm(name, width, epsilon: epsilon) }
    func mask(_ name: String, _ wanted: [Int], rows: [Int32]?) throws -> [Bool] {
      let (values, shape) = try reference.integers(name)
      try reference.require(shape == wanted, "in.\(name) has shape \(shape)")
      let chosen = rows?.map { Int($0) } ?? Array(0..<shape[0])
      return chosen.flatMap { row in values[row * shape[1]..<(row + 1) * shape[1]].map { $0 != 0 } }
    }
    let inner = try inputs["ff1_b", rank: 1].count
    let (up, down) = (try inputs.dense("ff1", inner, width), try inputs.dense("ff2", width, inner))
    let weights = MultimodalTextBlock.Weights(
      attention: try attention("self", width), attentionNorm: try norm("self_ln"),
      context: try attention("cross", context.shape[2]), contextNorm: try norm("cross_ln"),
      perceptron: PerceptronWeights(up: up.weight, upBias: up.bias, down: down.weight, downBias: down.bias),
      perceptronNorm: try norm("ff_ln"))
    let looked = weights.context.looked(at: context)
    let texts = rows.map { rows in
      hidden.reshaped(to: [batch, length * width]).gatheringRows(rows.texts)
        .reshaped(to: [rows.texts.count, length, width])
    }
    return MultimodalTextBlock.apply(
      texts ?? hidden, weights, heads: heads,
      mask: AttentionMask(
        isCausal: reference.file.metadata["causal"] == "True",
        allowedKeys: try mask(masks.own, [batch, length], rows: rows?.texts)),
      context: (
        states: rows.map { looked.gathering($0.contexts) } ?? looked,
        isReal: try masks.context.map { try mask($0, [batch, context.shape[1]], rows: nil) }
      ), in: .evaluation)
  }
}
