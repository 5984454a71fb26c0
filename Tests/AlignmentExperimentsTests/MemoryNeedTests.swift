import AlignmentExperiments
import Datasets
import Diagnostics
import Encoders
import Kernels
import Methods
import Options
import Testing
import Training

@Suite struct MemoryNeedTests {
  private static let data: Result<AlignedData, UserError> = Result { () throws(UserError) in
    func split(_ name: String, _ count: Int) -> MultimodalSplit {
      let rows = (0..<Int32(count)).map { $0 }
      return MultimodalSplit(
        name: name,
        columns: [
          ModalityColumn(
            modality: Modality(name: "picture", kind: .image(height: 8, width: 8, channels: 1)),
            items: .numbers([Float](repeating: 0.5, count: count * 64)), rows: rows),
          ModalityColumn(
            modality: Modality(name: "strokes", kind: .vector(count: 4)),
            items: .numbers([Float](repeating: 0, count: count * 4)), rows: rows),
        ], labels: [:])
    }
    return try AlignedData(
      MultimodalDataset(
        name: "plain", train: split("train", 50), validation: split("validation", 4), test: split("test", 4),
        classNames: [:], checksum: "plain"), options: DataOptions())
  }

  private func need(_ change: (inout AlignmentSettings) -> Void) throws -> MemoryNeed {
    var settings = AlignmentSettings()
    change(&settings)
    return MemoryNeed(settings, try Self.data.get())
  }

  private func refusal(memory: Double, _ change: (inout AlignmentSettings) -> Void) throws -> UserError? {
    let need = try need(change)
    return #expect(throws: UserError.self) { try need.check(memory: memory) }
  }

  @Test func whatFitsIsNotRefused() throws {
    #expect(throws: Never.self) { try need { _ in }.check(memory: 0x1p30) }
    #expect(MemoryNeed.machine > 0x1p26)
  }

  @Test func theGreatestBlockIsNamed() throws {
    let codes = try refusal(memory: 0x1p30) {
      $0.method.name = EntryName(FDTOptions.self)
      $0.method.options[FDTOptions.self].codes = 1_048_576
      $0.model.dimensions = 256
    }
    #expect(
      codes?.description
        == "method.fdt.codes: a codebook of 1048576 × 256 take 4.0 GiB, and this machine has 1.0 GiB; make it smaller")
    let queue = try refusal(memory: 0x1p30) {
      $0.method.name = EntryName(MoCoOptions.self)
      $0.method.options[MoCoOptions.self].queueSize = 1_000_000
      $0.model.dimensions = 1024
    }
    #expect(queue?.place == "method.moco.queueSize")
    let layers = try refusal(memory: 0x1p20) { $0.model.imageLayers = 12 }
    #expect(layers?.place == "model.imageDimensions")
    let widths = try refusal(memory: 0x1p20) { $0.model.vectorDimensions = [4096, 4096] }
    #expect(widths?.place == "model.vectorDimensions" && widths?.what.contains("dense layers [4096, 4096]") == true)
  }

  @Test func aMethodThatIsNotNamedTakesNothing() throws {
    let need = try need { $0.method.options[FDTOptions.self].codes = 1_048_576 }
    #expect(throws: Never.self) { try need.check(memory: 0x1p30) }
  }

  @Test func aBatchIsNoLargerThanTheTrainingSide() throws {
    let need = try need { $0.training.batchSize = 1_000_000 }
    #expect(throws: Never.self) { try need.check(memory: 0x1p30) }
  }
}
