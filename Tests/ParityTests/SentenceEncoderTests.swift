import Diagnostics
import FileMutation
import Foundation
import Interchange
import Kernels
import Parity
import Pretrained
import Testing

/// Published text encoders: their embeddings are the reference's, and bad files are refused in one line.
@Suite struct SentenceEncoderTests {
  private static let tiny = Bundle.module.bundleURL.appending(path: "Pretrained/tiny-bert")

  private func copy(_ change: (URL) throws -> Void) throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.copyItem(at: Self.tiny, to: folder)
    try change(folder)
    return folder
  }

  private func message(_ change: (URL) throws -> Void) throws -> String {
    let folder = try copy(change)
    defer { try? FileManager.default.removeItem(at: folder) }
    do {
      _ = try SentenceEncoder(folder: folder)
      return "accepted"
    } catch {
      return "\(error)"
    }
  }

  @Test func tokensAndEmbeddingsAreTheReferences() throws {
    #expect(SentenceEncoder.isPublished(Self.tiny))
    let result = try ParityCheck.run(Self.tiny.appending(path: "reference.json"), model: Self.tiny)
    #expect(result.errors.count == 12)
    #expect(result.largestError < 1e-5, "\(result.worst) is off by \(result.largestError)")
    // Padding beside a longer text changes nothing.
    let encoder = try SentenceEncoder(folder: Self.tiny)
    let (alone, beside) = (encoder.texts(["blue"]), encoder.texts(["blue", "the discs on a square"]))
    #expect(zip(alone[row: 0], beside[row: 0]).allSatisfy { abs($0 - $1) < 1e-6 })
    #expect(throws: UserError.self) { try ParityCheck.run(Self.tiny.appending(path: "reference.json")) }
  }

  /// MiniLM itself, where somebody has it: `CONCORD_MINILM` names its folder.
  @Test func embeddingsOfMiniLMAreTheReferences() throws {
    let environment = ProcessInfo.processInfo.environment
    guard let folder = environment["CONCORD_MINILM"].map({ URL(filePath: $0) }),
      let shared = environment["CONCORD_REFERENCE"].map({ URL(filePath: $0) })
    else { return }
    let result = try ParityCheck.run(shared.appending(path: "pretrained/minilm-reference.json"), model: folder)
    #expect(result.largestError < 1e-4, "\(result.worst) is off by \(result.largestError)")
  }

  @Test func anImportedOneIsTheSame() throws {
    let target = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: target) }
    let imported = try SentenceEncoder.importing(Self.tiny, to: target)
    #expect(SentenceEncoder.isImported(target) && !PretrainedModel.isImported(target))
    let opened = try SentenceEncoder(folder: target)
    #expect(opened.description == imported.description && opened.description.checksum.count == 64)
    #expect(opened.texts(["red"]).values == imported.texts(["red"]).values)
    #expect(try SentenceEncoder(blank: target).texts(["red"]).columns == 12)
    #expect(throws: UserError.self) { try SentenceEncoder.importing(Self.tiny, to: target) }
  }

  @Test func whatDoesNotFitIsNamed() throws {
    let tensors = try message { folder in
      let file = folder.appending(path: "model.safetensors")
      var content = try SafetensorsFile(readingFrom: file)
      content.arrays["encoder.layer.0.attention.self.key.bias"] = nil
      content.arrays["embeddings.LayerNorm.weight"] = NumericArray([1] as [Float])
      content.arrays["extra"] = NumericArray([1] as [Float])
      try content.write(to: file)
    }
    for fault in [
      "3 tensors", "self.key.bias is missing", "embeddings.LayerNorm.weight has the shape", "extra is unknown",
    ] {
      #expect(tensors.contains(fault), "\(tensors)")
    }
    func replacing(_ file: String, _ old: String, _ new: String) throws -> String {
      try message { folder in
        let url = folder.appending(path: file)
        let text = try String(contentsOf: url, encoding: .utf8)
        #expect(text.contains(old))
        try text.replacing(old, with: new).write(to: url, atomically: true, encoding: .utf8)
      }
    }
    #expect(try replacing("config.json", #""gelu""#, #""relu""#).contains("`hidden_act` must be gelu"))
    #expect(
      try replacing("1_Pooling/config.json", #""pooling_mode_max_tokens": false"#, #""pooling_mode_max_tokens": true"#)
        .contains("pooling_mode_max_tokens"))
    #expect(try replacing("vocab.txt", "cafe\n", "").contains("15 tokens, the model 16"))
    #expect(
      try replacing("config.json", #""num_attention_heads": 3"#, #""num_attention_heads": 5"#).contains("contradict"))
    #expect(
      try message { try FileManager.default.removeItem(at: $0.appending(path: "vocab.txt")) }.contains("no vocabulary"))
  }

  /// Damaged weights, configurations and descriptions are read or refused, never the end of the program.
  @Test(arguments: ["config.json", "1_Pooling/config.json", "text-encoder.json"])
  func hostileFiles(name: String) throws {
    let target = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: target) }
    if name == "text-encoder.json" {
      _ = try SentenceEncoder.importing(Self.tiny, to: target)
    } else {
      try FileManager.default.copyItem(at: Self.tiny, to: target)
    }
    let file = target.appending(path: name)
    let words = ["hidden_size", "width", "null", "0", "-1", "1e9", "heads", "layers", "true", "{}", "positions"]
    let fuzz = FuzzRun(name, corpus: [[UInt8](try Data(contentsOf: file))], vocabulary: words, count: 150)
    let outcome = try fuzz(place: target.relativePath, seesTruncation: false) { bytes in
      try Data(bytes).write(to: file)
      _ = try SentenceEncoder(folder: target)
    }
    #expect(outcome.failures.isEmpty, "\(outcome.failures)")
  }
}
