import Diagnostics
import FileMutation
import Foundation
import Interchange
import Parity
import Testing

/// Reference cases whose shapes and settings do not fit: each is computed, or refused with one line.
@Suite struct HostileCaseTests {
  /// Every case with small inputs; the values do not matter.
  private static let cases:
    [(name: String, inputs: [String: [Int]], integers: [String: [Int]], settings: [String: String])] = [
      ("gmc", ["image": [3, 2], "text": [3, 2], "joint": [3, 2]], [:], ["temperature": "0.1", "joint": "joint"]),
      ("gmc_joint_negatives", ["a": [3, 2], "joint": [3, 2]], [:], ["temperature": "0.1", "joint": "joint"]),
      ("clip_info_nce", ["u": [3, 2], "v": [3, 2], "logit_scale": []], [:], [:]),
      ("nt_xent", ["a": [3, 2], "b": [3, 2]], [:], ["temperature": "0.5"]),
      ("siglip", ["u": [3, 2], "v": [3, 2], "logit_scale": [], "logit_bias": []], [:], [:]),
      ("vse_sum", ["u": [3, 2], "v": [3, 2]], [:], ["margin": "0.2"]),
      ("vse_max", ["u": [3, 2], "v": [3, 2]], [:], ["margin": "0.2"]),
      ("triplet", ["anchor": [3, 2], "positive": [3, 2], "negative": [3, 2]], [:], ["margin": "0.2"]),
      ("moco_info_nce", ["query": [3, 2], "key": [3, 2], "queue": [4, 2]], [:], ["temperature": "0.1"]),
      (
        "mct_tag", ["query": [3, 2], "key": [3, 2], "queue": [4, 2]], ["tags": [3, 5], "queue_tags": [4, 5]],
        ["temperature": "0.1", "threshold": "0.5"]
      ),
      (
        "mct_inter_hinge", ["query": [3, 2], "key": [3, 2], "queue": [4, 2]], [:],
        ["margin": "0.2", "reduction": "mean"]
      ),
      ("sparsemax", ["x": [2, 4], "w": [2, 4]], [:], [:]),
      (
        "fdt_head",
        [
          "tokens": [2, 3, 4], "codebook": [6, 5], "target": [2, 5], "ln1_w": [4], "ln1_b": [4], "fc1_w": [5, 4],
          "fc1_b": [5], "ln2_w": [5], "ln2_b": [5], "fc2_w": [5, 5], "fc2_b": [5],
        ], ["mask": [2, 3]], ["temperature": "1", "pooling": "max", "attention": "sparsemax", "padding": "zero"]
      ),
      (
        "conv2d_batchnorm_relu", ["x": [2, 3, 4, 4], "w": [2, 3, 3, 3], "gamma": [2], "beta": [2]], [:],
        ["stride": "1", "padding": "1", "eps": "1e-5"]
      ),
      (
        "causal_attention", ["x": [2, 3, 4], "qkv_w": [12, 4], "qkv_b": [12], "out_w": [4, 4], "out_b": [4]], [:],
        ["heads": "2", "causal": "true"]
      ),
      ("lstm", ["x": [2, 3, 4], "w_ih": [8, 4], "w_hh": [8, 2], "b_ih": [8], "b_hh": [8]], [:], [:]),
      (
        "gru", ["x": [2, 3, 4], "w": [2, 3, 2], "w_ih": [6, 4], "w_hh": [6, 2], "b_ih": [6], "b_hh": [6]], [:], [:]
      ),
      (
        "temporal_conv1d", ["x": [2, 3, 6], "kernel": [2, 3, 2], "gamma": [2], "beta": [2], "w": [2, 2, 5]], [:],
        ["stride": "1", "dilation": "1", "padding": "0", "eps": "1e-5"]
      ),
      (
        "mult_crossmodal",
        [
          "x": [2, 3, 4], "source": [2, 4, 4], "w": [2, 3, 4], "ln0_0_w": [4], "ln0_0_b": [4], "ln0_1_w": [4],
          "ln0_1_b": [4], "qkv0_w": [12, 4], "qkv0_b": [12], "out0_w": [4, 4], "out0_b": [4], "ff1_0_w": [8, 4],
          "ff1_0_b": [8], "ff2_0_w": [4, 8], "ff2_0_b": [4], "ln_w": [4], "ln_b": [4],
        ], [:], ["layers": "1", "heads": "2", "eps": "1e-5"]
      ),
      (
        "fusion_l1",
        [
          "z0": [3, 2], "z1": [3, 2], "reg1_w": [2, 2], "reg1_b": [2], "reg2_w": [2, 2], "reg2_b": [2],
          "out_w": [1, 2], "out_b": [1], "target": [3, 1],
        ], [:], ["temperature": "0.3", "joint": "z1"]
      ),
      (
        "soft_attention_caption",
        [
          "features": [2, 3, 4], "embedding": [5, 3], "w_ih": [8, 7], "w_hh": [8, 2], "b_ih": [8], "b_hh": [8],
          "init_h_w": [2, 4], "init_h_b": [2], "init_c_w": [2, 4], "init_c_b": [2], "att_v_w": [6, 4], "att_v_b": [6],
          "att_h_w": [6, 2], "att_h_b": [6], "att_w": [1, 6], "att_b": [1], "gate_w": [4, 2], "gate_b": [4],
          "out_w": [5, 2], "out_b": [5],
        ], ["captions": [2, 3], "lengths": [2]], ["penalty_weight": "1"]
      ),
      (
        "prefix_lm",
        [
          "visual": [2, 3, 5], "embedding": [6, 4], "positions": [5, 4], "proj1_w": [4, 5], "proj1_b": [4],
          "proj2_w": [4, 4], "proj2_b": [4], "ln1_w": [4], "ln1_b": [4], "ln2_w": [4], "ln2_b": [4], "ln_f_w": [4],
          "ln_f_b": [4], "qkv_w": [12, 4], "qkv_b": [12], "out_w": [4, 4], "out_b": [4], "ff1_w": [8, 4],
          "ff1_b": [8], "ff2_w": [4, 8], "ff2_b": [4], "head_w": [6, 4],
        ], ["ids": [2, 2], "answer": [2, 2]], ["heads": "2", "eps": "1e-5", "pad": "0"]
      ),
      (
        "med_block", block.merging(["hidden": [2, 3, 4], "context": [2, 2, 3], "w": [2, 3, 4]]) { own, _ in own },
        ["mask": [2, 3], "context_mask": [2, 2]], ["heads": "2", "eps": "1e-12", "causal": "False"]
      ),
      (
        "blip_itc",
        [
          "image": [3, 2], "text": [3, 2], "image_m": [3, 2], "text_m": [3, 2], "image_queue": [4, 2],
          "text_queue": [4, 2], "temperature": [],
        ], [:], ["alpha": "0.4"]
      ),
      (
        "blip_itm",
        block.merging(["text": [2, 3, 4], "image": [2, 2, 3], "itm_w": [2, 4], "itm_b": [2]]) { own, _ in own },
        ["text_mask": [2, 3], "negative_image": [2], "negative_text": [2]],
        ["heads": "2", "eps": "1e-12", "match_class": "1"]
      ),
      (
        "vilbert_coattention", connection, ["vision_mask": [2, 2], "text_mask": [2, 3]],
        ["heads": "2", "eps": "1e-12"]
      ),
      ("grouped_retrieval", ["scores": [2, 4]], ["caption_image": [4]], ["cutoffs": "1,2"]),
    ]

  /// The weights of a block of width 4 on contexts of width 3.
  private static var block: [String: [Int]] {
    var shapes = ["ff1_w": [5, 4], "ff1_b": [5], "ff2_w": [4, 5], "ff2_b": [4]]
    for name in ["self_ln", "cross_ln", "ff_ln"] { (shapes["\(name)_w"], shapes["\(name)_b"]) = ([4], [4]) }
    for name in ["self_q", "self_k", "self_v", "self_out", "cross_q", "cross_k", "cross_v", "cross_out"] {
      shapes["\(name)_w"] = ["cross_k", "cross_v"].contains(name) ? [4, 3] : [4, 4]
      shapes["\(name)_b"] = [4]
    }
    return shapes
  }

  /// ViLBERT's connection layer of streams 3 and 4 wide.
  private static var connection: [String: [Int]] {
    var shapes = ["vision": [2, 2, 3], "text": [2, 3, 4], "w_vision": [2, 2, 3], "w_text": [2, 3, 4]]
    for (stream, width) in [("v", 3), ("t", 4)] {
      for name in ["q", "k", "v"] {
        (shapes["\(stream)_\(name)_w"], shapes["\(stream)_\(name)_b"]) = ([4, width], [4])
      }
      (shapes["\(stream)_out_w"], shapes["\(stream)_out_b"]) = ([width, 4], [width])
      (shapes["\(stream)_ff1_w"], shapes["\(stream)_ff1_b"]) = ([5, width], [5])
      (shapes["\(stream)_ff2_w"], shapes["\(stream)_ff2_b"]) = ([width, 5], [width])
      for name in ["ln", "ff_ln"] {
        (shapes["\(stream)_\(name)_w"], shapes["\(stream)_\(name)_b"]) = ([width], [width])
      }
    }
    return shapes
  }

  private static let texts = [
    "0", "-1", "1e-45", "1e38", "3", "16777215", "99999999999999999999", "nan", "inf", "", "0.5", "2", "sum", "softmax",
    "mean", "none", "image",
  ]

  /// A case whose arrays and settings are changed at random.
  private static func damaged(_ seed: UInt64) throws -> Mutator.Mutation {
    var random = SplitMix(seed: seed)
    let one = random.one(of: cases)
    var arrays: [String: NumericArray] = ["out.loss": NumericArray([1] as [Float], shape: [])]
    for (name, shape) in one.inputs {
      arrays["in.\(name)"] = NumericArray((0..<shape.reduce(1, *)).map { Float($0 % 7) - 2.5 }, shape: shape)
    }
    for (name, shape) in one.integers {
      arrays["in.\(name)"] = NumericArray((0..<shape.reduce(1, *)).map { Int32($0 % 2) }, shape: shape)
    }
    var settings = one.settings
    settings["case"] = one.name
    var steps = [one.name]
    let names = arrays.keys.sorted()
    let keys = settings.keys.filter { $0 != "case" }.sorted()
    for _ in 0..<random.below(4) {
      let name = random.one(of: names)
      switch random.below(6) {
      case 0, 1:
        let shape = (0..<random.below(5)).map { _ in random.below(5) }
        arrays[name] = NumericArray((0..<shape.reduce(1, *)).map { Float($0) }, shape: shape)
        steps.append("\(name) has shape \(shape)")
      case 2:
        // Two inputs that must fit each other change together.
        let shape = (0..<1 + random.below(3)).map { _ in random.below(4) }
        for name in names where arrays[name]?.shape == arrays[names[0]]?.shape {
          arrays[name] = NumericArray([Float](repeating: 0, count: shape.reduce(1, *)), shape: shape)
        }
        steps.append("arrays as \(names[0]) have shape \(shape)")
      case 3 where !keys.isEmpty:
        let (key, text) = (random.one(of: keys), random.one(of: texts))
        settings[key] = text
        steps.append("\(key) is \(text)")
      case 3, 4:
        let value = random.one(of: [.nan, .infinity, -.infinity, 3e38, 0, -0.0] as [Float])
        let shape = arrays[name]?.shape ?? []
        arrays[name] = NumericArray([Float](repeating: value, count: shape.reduce(1, *)), shape: shape)
        steps.append("\(name) is \(value)")
      default: arrays[name] = nil
      }
    }
    return Mutator.Mutation(bytes: [UInt8](SafetensorsFile(arrays: arrays, metadata: settings).encoded()), steps: steps)
  }

  @Test func aPaddingBeyondTheKernelIsRefused() throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "concord-\(UUID().uuidString).safetensors")
    defer { try? FileManager.default.removeItem(at: url) }
    let kernels = NumericArray([Float](repeating: 1, count: 9), shape: [1, 1, 3, 3])
    let one = NumericArray([1] as [Float])
    try SafetensorsFile(
      arrays: ["in.x": kernels, "in.w": kernels, "in.gamma": one, "in.beta": one],
      metadata: ["case": "conv2d_batchnorm_relu", "stride": "1", "padding": "16777215", "eps": "1e-5"]
    ).write(to: url)
    let error = #expect(throws: UserError.self) { try ParityCheck.run(url) }
    #expect(error?.what == "a padding of 16777215 is not less than the kernel's [3, 3]")
  }

  @Test func anEpsilonBelowZeroIsRefused() throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "concord-\(UUID().uuidString).safetensors")
    defer { try? FileManager.default.removeItem(at: url) }
    let kernels = NumericArray([Float](repeating: 1, count: 9), shape: [1, 1, 3, 3])
    let one = NumericArray([1] as [Float])
    try SafetensorsFile(
      arrays: ["in.x": kernels, "in.w": kernels, "in.gamma": one, "in.beta": one],
      metadata: ["case": "conv2d_batchnorm_relu", "stride": "1", "padding": "1", "eps": "-1"]
    ).write(to: url)
    let error = #expect(throws: UserError.self) { try ParityCheck.run(url) }
    #expect(error?.what == "an eps of -1.0 is not a number from 0 on")
  }

  @Test func casesThatDoNotFit() throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "concord-\(UUID().uuidString).safetensors")
    defer { try? FileManager.default.removeItem(at: url) }
    let run = FuzzRun("parity case", count: 1_000) { try Self.damaged($0) }
    let outcome = try run(place: url.lastPathComponent) { bytes in
      try Data(bytes).write(to: url)
      let result = try ParityCheck.run(url)
      if result.largestError.isNaN { throw FuzzRun.Violation("an error that is not a number") }
    }
    #expect(outcome.failures.isEmpty)
    #expect(outcome.accepted > 0)
  }
}
