import Autograd
import Interchange
import Layers
import Objectives

extension ParityCheck {
  static func gru(_ inputs: CaseInputs) throws -> [String: Tensor] {
    let reference = inputs.reference
    let (x, w) = (try inputs["x", rank: 3], try inputs["w", rank: 3])
    let (inputWeight, hiddenWeight) = (try inputs["w_ih", rank: 2], try inputs["w_hh", rank: 2])
    let (inputBias, hiddenBias) = (try inputs["b_ih", rank: 1], try inputs["b_hh", rank: 1])
    let hidden = hiddenWeight.shape[1]
    try reference.require(
      inputWeight.shape == [3 * hidden, x.shape[2]] && hiddenWeight.shape[0] == 3 * hidden
        && inputBias.shape == [3 * hidden] && hiddenBias.shape == [3 * hidden]
        && w.shape == [x.shape[0], x.shape[1], hidden], "the weights do not fit")
    let y = x.gru(
      RecurrentWeights(
        inputWeight: inputWeight, hiddenWeight: hiddenWeight, inputBias: inputBias, hiddenBias: hiddenBias))
    return ["y": y, "loss": (y * w).sum()]
  }

  static func temporalConvolution(_ inputs: CaseInputs) throws -> [String: Tensor] {
    let reference = inputs.reference
    let (x, kernel, w) = (try inputs["x", rank: 3], try inputs["kernel", rank: 3], try inputs["w", rank: 3])
    let (gamma, beta) = (try inputs["gamma", rank: 1], try inputs["beta", rank: 1])
    let (stride, dilation) = (try reference.count("stride"), try reference.count("dilation"))
    let padding = try reference.count("padding", least: 0)
    let reach = (kernel.shape[2] - 1) * dilation + 1
    // A wider rim would be made of zeros alone, and of as many as the file likes.
    try reference.require(padding < reach, "a padding of \(padding) is not less than the kernel's reach of \(reach)")
    try reference.require(
      kernel.shape[1] == x.shape[1] && gamma.shape == [kernel.shape[0]] && beta.shape == gamma.shape
        && reach <= x.shape[2] + 2 * padding
        && w.shape == [x.shape[0], kernel.shape[0], (x.shape[2] + 2 * padding - reach) / stride + 1],
      "series, kernels and scales do not fit")
    let epsilon = try reference.number("eps")
    try reference.require(epsilon >= 0, "an eps of \(epsilon) is not a number from 0 on")
    let y = x.transposed([0, 2, 1]).convolvedInTime(
      weight: kernel.transposed([0, 2, 1]), stride: stride, dilation: dilation, padding: (padding, padding)
    ).batchNormalised(gain: gamma, bias: beta, statistics: .batch, epsilon: epsilon, rectified: true)
      .output.transposed([0, 2, 1])
    return ["y": y, "loss": (y * w).sum()]
  }

  static func crossModalTransformer(_ inputs: CaseInputs) throws -> [String: Tensor] {
    let reference = inputs.reference
    let (x, source, w) = (try inputs["x", rank: 3], try inputs["source", rank: 3], try inputs["w", rank: 3])
    let (layers, heads) = (try reference.count("layers"), try reference.count("heads"))
    let epsilon = try reference.number("eps")
    let width = x.shape[2]
    try reference.require(epsilon >= 0, "an eps of \(epsilon) is not a number from 0 on")
    try reference.require(
      width % heads == 0 && w.shape == x.shape && source.shape[0] == x.shape[0] && source.shape[2] == width,
      "series do not fit each other and \(heads) heads")
    func matrix(_ name: String, _ rows: Int, _ columns: Int) throws -> Tensor {
      let tensor = try inputs[name, rank: 2]
      try reference.require(tensor.shape == [rows, columns], "in.\(name) has shape \(tensor.shape)")
      return tensor
    }
    func vector(_ name: String, _ count: Int) throws -> Tensor {
      let tensor = try inputs[name, rank: 1]
      try reference.require(tensor.shape == [count], "in.\(name) has shape \(tensor.shape)")
      return tensor
    }
    func norm(_ name: String) throws -> NormWeights {
      NormWeights(gain: try vector("\(name)_w", width), bias: try vector("\(name)_b", width), epsilon: epsilon)
    }
    var y = CrossModalTransformer.embedded(x)
    let keys = CrossModalTransformer.embedded(source)
    var outputs = ["embedded": y]
    for layer in 0..<layers {
      let hidden = try inputs["ff1_\(layer)_b", rank: 1].count
      y = CrossModalLayer.apply(
        y, keys: keys, values: keys, heads: heads,
        attention: SelfAttentionWeights(
          project: try matrix("qkv\(layer)_w", 3 * width, width), projectBias: try vector("qkv\(layer)_b", 3 * width),
          output: try matrix("out\(layer)_w", width, width), outputBias: try vector("out\(layer)_b", width)),
        attentionNorm: try norm("ln\(layer)_0"),
        perceptron: PerceptronWeights(
          up: try matrix("ff1_\(layer)_w", hidden, width), upBias: try vector("ff1_\(layer)_b", hidden),
          down: try matrix("ff2_\(layer)_w", width, hidden), downBias: try vector("ff2_\(layer)_b", width)),
        perceptronNorm: try norm("ln\(layer)_1"), in: .evaluation)
      outputs["layer\(layer)"] = y
    }
    let last = try norm("ln")
    y = y.layerNormalised(gain: last.gain, bias: last.bias, epsilon: last.epsilon)
    outputs["y"] = y
    outputs["loss"] = (y * w).sum()
    return outputs
  }

  static func fusionRegression(_ inputs: CaseInputs) throws -> [String: Tensor] {
    let reference = inputs.reference
    guard let jointName = reference.file.metadata["joint"] else {
      try reference.require(false, "the metadata name no joint representation")
      return [:]
    }
    let joint = try inputs[jointName, rank: 2].l2Normalised()
    let names = reference.inputNames.filter { $0.hasPrefix("z") && $0 != jointName }
    let single = try names.map { try inputs[$0, rank: 2].l2Normalised() }
    try reference.require(
      !single.isEmpty && single.allSatisfy { $0.shape == joint.shape }, "representations differ in shape")
    let width = joint.shape[1]
    let square = (try inputs["reg1_w", rank: 2], try inputs["reg2_w", rank: 2])
    let biases = (try inputs["reg1_b", rank: 1], try inputs["reg2_b", rank: 1])
    let (weight, bias) = (try inputs["out_w", rank: 2], try inputs["out_b", rank: 1])
    let target = try inputs["target", rank: 2]
    try reference.require(
      square.0.shape == [width, width] && square.1.shape == [width, width] && biases.0.shape == [width]
        && biases.1.shape == [width] && weight.shape == [1, width] && bias.shape == [1]
        && target.shape == [joint.shape[0], 1], "the weights do not fit")
    let contrast = GMC(.init(temperature: try reference.number("temperature")))
      .loss(representations: single, joint: joint, names: names).total
    let prediction = ResidualRegression.predict(
      joint, PerceptronWeights(up: square.0, upBias: biases.0, down: square.1, downBias: biases.1), weight: weight,
      bias: bias)
    let l1 = l1Loss(prediction, target)
    return ["contrast": contrast, "prediction": prediction, "l1": l1, "loss": contrast + l1]
  }
}
