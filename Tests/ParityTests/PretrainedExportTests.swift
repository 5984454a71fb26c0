import Datasets
import Diagnostics
import Foundation
import Interchange
import Kernels
import Pretrained
import Testing

/// Models written in the layouts of Python's libraries: what was read comes back bit for bit.
@Suite struct PretrainedExportTests {
  private static let tiny = Bundle.module.bundleURL.appending(path: "Pretrained/tiny-gelu")
  private static let shared: URL? = {
    let named = ProcessInfo.processInfo.environment["CONCORD_REFERENCE"].map { URL(filePath: $0) }
    return named?.appending(path: "pretrained")
  }()

  private func withFolder(_ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "concord-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder)
  }

  /// The tensors of a folder without buffers of positions' numbers, and how they are stored.
  private func weights(_ folder: URL, _ name: String) throws -> ([String: NumericArray], SafetensorsFile.FloatStorage) {
    let data = try Data(contentsOf: folder.appending(path: name))
    let file = try SafetensorsFile(data: data)
    return (
      file.arrays.filter { !$0.key.hasSuffix("position_ids") }, try SafetensorsFile.floatStorage(of: data, name: name)
    )
  }

  /// The small model, whose end token is the largest one where that is asked for.
  private func copy(to folder: URL, endIsLargest: Bool, storage: SafetensorsFile.FloatStorage = .float32) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let text = try String(contentsOf: Self.tiny.appending(path: "config.json"), encoding: .utf8)
    #expect(text.contains("\"eos_token_id\": 800"))
    let changed = endIsLargest ? text.replacing("\"eos_token_id\": 800", with: "\"eos_token_id\": 2") : text
    try Data(changed.utf8).write(to: folder.appending(path: "config.json"))
    let file = try SafetensorsFile(readingFrom: Self.tiny.appending(path: "model.safetensors"))
    try file.encoded(storage).write(to: folder.appending(path: "model.safetensors"))
  }

  @Test(arguments: [SafetensorsFile.FloatStorage.float32, .float16, .bfloat16])
  func bothLayoutsComeBackBitForBit(storage: SafetensorsFile.FloatStorage) throws {
    try withFolder { folder in
      let (source, model) = (folder.appending(path: "source"), folder.appending(path: "model"))
      try copy(to: source, endIsLargest: true, storage: storage)
      let imported = try PretrainedModel.importing(source, to: model)
      let original = try weights(source, "model.safetensors")
      #expect(original.1 == storage)

      let same = folder.appending(path: "same")
      let files = try PretrainedModel.export(model, to: .transformers, in: same)
      #expect(files.map(\.lastPathComponent) == ["model.safetensors", "config.json", "preprocessor_config.json"])
      let written = try weights(same, "model.safetensors")
      #expect(written.0 == original.0 && written.1 == storage)

      let other = folder.appending(path: "other")
      _ = try PretrainedModel.export(model, to: .openCLIP, in: other)
      let openModel = folder.appending(path: "open")
      let again = try PretrainedModel.importing(other, to: openModel)
      let back = folder.appending(path: "back")
      _ = try PretrainedModel.export(openModel, to: .transformers, in: back)
      let returned = try weights(back, "model.safetensors")
      #expect(returned.0 == original.0 && returned.1 == storage)

      let once = try PretrainedModel(folder: same)
      let own = imported.description.configuration
      for found in [again, once] {
        let configuration = found.description.configuration
        #expect(
          configuration.image == own.image && configuration.text == own.text && configuration.readout == own.readout
            && configuration.picture == own.picture && configuration.dimensions == own.dimensions)
        let side = own.picture.side
        let pixels = (0..<2 * side * side * 3).map { Float($0 % 17) / 8 - 1 }
        #expect(found.images(pixels, count: 2).values == imported.images(pixels, count: 2).values)
        #expect(found.texts([[5, 7, 899]]).values == imported.texts([[5, 7, 899]]).values)
      }
    }
  }

  @Test func whatDoesNotFitIsRefusedByName() throws {
    try withFolder { folder in
      let (source, target) = (folder.appending(path: "source"), folder.appending(path: "target"))
      try copy(to: source, endIsLargest: false)
      let error = #expect(throws: UserError.self) {
        try PretrainedModel.export(source, to: .openCLIP, in: target)
      }
      #expect(
        error?.what == "the end token 800 is not the largest, for which the layout of open_clip has no place"
          && error?.mend == "use --to transformers")
      let own = #expect(throws: UserError.self) {
        try PretrainedModel.export(source, to: .transformers, in: source, overwriting: true)
      }
      #expect(own?.kind == .usage)
      _ = try PretrainedModel.export(source, to: .transformers, in: target)
      let there = #expect(throws: UserError.self) { try PretrainedModel.export(source, to: .transformers, in: target) }
      #expect(there?.kind == .inputOutput)
    }
  }

  @Test func positionsOfAnotherSizeStaySo() throws {
    try withFolder { folder in
      let (source, model) = (folder.appending(path: "source"), folder.appending(path: "model"))
      try copy(to: source, endIsLargest: true)
      let side = try PretrainedModel(folder: source).description.storedSide * 2
      let imported = try PretrainedModel.importing(source, to: model, side: side)
      let target = folder.appending(path: "target")
      _ = try PretrainedModel.export(model, to: .openCLIP, in: target)
      let found = try PretrainedModel(folder: target)
      #expect(found.description.storedSide == side && found.description.configuration.picture.side == side)
      let pixels = (0..<side * side * 3).map { Float($0 % 13) / 6 - 1 }
      #expect(found.images(pixels, count: 1).values == imported.images(pixels, count: 1).values)
    }
  }

  @Test func theReferencesOfBothLayoutsAreEachOther() throws {
    guard let shared = Self.shared, FileManager.default.fileExists(atPath: shared.path) else { return }
    let (hf, open) = (shared.appending(path: "tiny-hf"), shared.appending(path: "tiny-openclip"))
    try withFolder { folder in
      _ = try PretrainedModel.export(hf, to: .openCLIP, in: folder)
      #expect(
        try weights(folder, "open_clip_model.safetensors").0 == weights(open, "open_clip_model.safetensors").0)
      _ = try PretrainedModel.export(open, to: .transformers, in: folder)
      #expect(try weights(folder, "model.safetensors").0 == weights(hf, "model.safetensors").0)
    }
    // Half precision is stored as it was.
    let half = shared.appending(path: "tiny-zeroshot")
    try withFolder { folder in
      _ = try PretrainedModel.export(half, to: .openCLIP, in: folder)
      let (found, original) = try (
        weights(folder, "open_clip_model.safetensors"), weights(half, "open_clip_model.safetensors")
      )
      #expect(found.0 == original.0 && found.1 == .float16 && original.1 == .float16)
    }
  }
}
