import Diagnostics
import Foundation
import Interchange
import Parity
import Testing

/// The folder of reference values: named by the environment, or beside the package.
private let referenceFolder: URL? = {
  let named = ProcessInfo.processInfo.environment["CONCORD_REFERENCE"].map { URL(filePath: $0) }
  let beside = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "shared")
  let folder = (named ?? beside).appending(path: "parity")
  return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
}()

@Suite struct ParityTests {
  @Test(
    .enabled(if: referenceFolder != nil, "no reference values: set CONCORD_REFERENCE to a folder that has parity/"),
    arguments: [
      "gmc", "gmc_joint_negatives", "clip_info_nce", "nt_xent", "sparsemax", "conv2d_batchnorm_relu",
      "causal_attention", "lstm", "moco_info_nce", "mct_tag", "mct_inter_hinge", "fdt_head", "vse_sum", "vse_max",
      "triplet", "siglip", "gru", "temporal_conv1d", "mult_crossmodal", "fusion_l1", "ddpg_actor_critic", "mvae",
      "mopoe",
      "jmvae_kl", "mmvae_iwae", "mmvae_iwae.normal", "mmvae_iwae.tight", "mmvae_iwae.normal-tight",
      "vq_straight_through",
      "vq_ema_step", "token_cross_entropy", "token_cross_entropy.plain", "gelu_quick", "cross_attention",
      "cross_attention.packed", "lstm_caption", "lstm_caption.tied",
      "soft_attention_caption", "prefix_lm", "med_block", "med_block.causal", "blip_itc", "blip_itm",
      "vilbert_coattention", "grouped_retrieval",
    ])
  func caseAgreesWithReference(name: String) throws {
    let folder = try #require(referenceFolder)
    let result = try ParityCheck.run(folder.appending(path: "\(name).safetensors"))
    #expect(result.passes, "\(result.worst) is off by \(result.largestError)")
    #expect(result.errors.count >= 2)
  }

  private func write(_ file: SafetensorsFile) throws -> URL {
    let url = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).safetensors")
    try file.write(to: url)
    return url
  }

  /// sparsemax([1, .8, .1, −.5]) = [.6, .4, 0, 0]; its gradient for w is the weights less their mean on the support.
  private func sparsemaxCase(loss: Float = 0.6 * 0.3 - 0.4 * 0.2, case name: String = "sparsemax") -> SafetensorsFile {
    SafetensorsFile(
      arrays: [
        "in.x": NumericArray([1, 0.8, 0.1, -0.5] as [Float], shape: [1, 4]),
        "in.w": NumericArray([0.3, -0.2, 0.5, 1] as [Float], shape: [1, 4]),
        "out.y": NumericArray([0.6, 0.4, 0, 0] as [Float], shape: [1, 4]),
        "out.loss": NumericArray([loss], shape: []),
        "grad.x": NumericArray([0.25, -0.25, 0, 0] as [Float], shape: [1, 4]),
      ], metadata: ["case": name])
  }

  @Test func handComputedCasePasses() throws {
    let url = try write(sparsemaxCase())
    defer { try? FileManager.default.removeItem(at: url) }
    let result = try ParityCheck.run(url)
    #expect(result.passes)
    #expect(Set(result.errors.keys) == ["out.y", "out.loss", "grad.x"])
  }

  @Test func wrongValueFails() throws {
    let url = try write(sparsemaxCase(loss: 0.11))
    defer { try? FileManager.default.removeItem(at: url) }
    let result = try ParityCheck.run(url)
    #expect(!result.passes)
    #expect(result.worst == "out.loss")
  }

  @Test func unknownCaseIsNamed() throws {
    let url = try write(sparsemaxCase(case: "sparsmax"))
    defer { try? FileManager.default.removeItem(at: url) }
    let error = #expect(throws: UserError.self) { try ParityCheck.run(url) }
    #expect(error?.description.contains("unknown case \"sparsmax\"; did you mean sparsemax?") == true)
    #expect(error?.kind == .data)
  }

  @Test func missingInputIsNamed() throws {
    var file = sparsemaxCase()
    file.arrays["in.w"] = nil
    let url = try write(file)
    defer { try? FileManager.default.removeItem(at: url) }
    let error = #expect(throws: UserError.self) { try ParityCheck.run(url) }
    #expect(error?.description.contains("in.w") == true)
  }

  @Test func expectedShapeThatDiffersIsAnError() throws {
    var file = sparsemaxCase()
    file.arrays["out.y"] = NumericArray([0.6, 0.4, 0] as [Float], shape: [1, 3])
    let url = try write(file)
    defer { try? FileManager.default.removeItem(at: url) }
    #expect(throws: UserError.self) { try ParityCheck.run(url) }
  }
}
