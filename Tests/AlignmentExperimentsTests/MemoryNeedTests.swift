import AlignmentExperiments
import Datasets
import Diagnostics
import Encoders
import Kernels
import Methods
import Objectives
import Options
import Testing
import Training

@Suite struct MemoryNeedTests {
  private static let data: Result<AlignedData, UserError> = Result { () throws(UserError) in
    try MemoryNeedTests.aligned(50)
  }

  private static func aligned(_ count: Int, series: Int? = nil) throws(UserError) -> AlignedData {
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
        ]
          + (series.map { channels in
            ModalityColumn(
              modality: Modality(name: "movement", kind: .series(length: 2, channels: channels)),
              items: .numbers([Float](repeating: 1, count: count * 2 * (1 + channels))), rows: rows)
          }.map { [$0] } ?? []), labels: [:])
    }
    return try AlignedData(
      MultimodalDataset(
        name: "plain", train: split("train", count), validation: split("validation", 4), test: split("test", 4),
        classNames: [:], checksum: "plain"), options: DataOptions())
  }

  private func need(
    of data: AlignedData? = nil, _ change: (inout AlignmentSettings) -> Void
  ) throws -> MemoryNeed {
    var settings = AlignmentSettings()
    change(&settings)
    return MemoryNeed(settings, try data ?? Self.data.get())
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

  /// Where a loss takes rows some at a time, similarities need no more than a part of them, whatever the batch.
  @Test func lossesByRowsNeedNoSquare() throws {
    let data = try Self.aligned(40_000)
    func bytes(_ options: any OptionSection.Type, _ batch: Int, joints: Bool = false) throws -> Double {
      try need(of: data) {
        $0.method.name = EntryName(options)
        $0.training.batchSize = batch
        if joints { $0.method.options[GMCOptions.self].objective.negatives = .joints }
      }.bytes
    }
    let part: Double = 12 * Double(LossByRows.most)
    let square: Double = 12 * 32_768 * 32_768
    let further: Double = square - part
    for options in [CLIPOptions.self, SigLIPOptions.self, FDTOptions.self] as [any OptionSection.Type] {
      let (large, small) = (try bytes(options, 32_768), try bytes(options, 4_096))
      #expect(large == small, "\(options)")
    }
    let (vse, clip) = (try bytes(VSE.Options.self, 32_768), try bytes(CLIPOptions.self, 32_768))
    #expect(vse == clip + further)
    // Joint and single representations are twice as many rows.
    let gmc = try [512, 1_024, 2_048, 32_768].map { try bytes(GMCOptions.self, $0) }
    let doubled: Double = 12 * (2_048 * 2_048 - 1_024 * 1_024)
    #expect(gmc[1] == gmc[0] + doubled)
    #expect(gmc[3] == gmc[2])
    let joints = try bytes(GMCOptions.self, 32_768, joints: true)
    #expect(joints == gmc[3] + further)
    // Nothing is compared with each other.
    let fusion = (try bytes(FusionOptions.self, 2), try bytes(FusionOptions.self, 32_768))
    #expect(fusion.0 == fusion.1)
    // A queue is compared with some rows at a time.
    let moco = (try bytes(MoCoOptions.self, 16_384), try bytes(MoCoOptions.self, 32_768))
    #expect(moco.0 == moco.1)
  }

  @Test func chunksHoldFurtherGradients() throws {
    func bytes(chunks: Int, codes: Int) throws -> Double {
      try need {
        $0.method.name = EntryName(FDTOptions.self)
        $0.method.options[FDTOptions.self].codes = codes
        $0.model.dimensions = 64
        $0.training.chunks = chunks
      }.bytes
    }
    // A codebook has value, gradient and two moments; eight chunks hold log₂ 8 + 2 gradients more.
    let whole = try bytes(chunks: 1, codes: 2_000) - bytes(chunks: 1, codes: 1_000)
    let divided = try bytes(chunks: 8, codes: 2_000) - bytes(chunks: 8, codes: 1_000)
    let codes: Double = 4 * 1_000 * 64
    #expect(whole == 4 * codes)
    #expect(divided == 9 * codes)
  }

  /// The need counts the weights that an encoder of series has, but for its biases and gains.
  @Test(arguments: EncoderOptions.SeriesEncoder.allCases) func encodersOfSeriesCount(
    kind: EncoderOptions.SeriesEncoder
  ) throws {
    let (with, without) = (try Self.aligned(10, series: 5), try Self.aligned(10))
    func change(_ settings: inout AlignmentSettings) {
      settings.model.seriesEncoder = kind
      (settings.model.seriesDimensions, settings.model.seriesLayers) = (64, 3)
    }
    let (larger, smaller) = (try need(of: with, change).bytes, try need(of: without, change).bytes)
    let two: Int = 3 * 64 * (5 + 64) + 2 * 3 * 64 * 128
    let transformer: Int = 5 * 64 + 3 * 12 * 64 * 64
    let weights =
      switch kind {
      case .gru: two
      case .convolution: two + 5 * 64
      case .transformer: transformer
      }
    // Four bytes each, value, gradient, two moments and a twin's value.
    #expect(larger == smaller + Double(20 * weights))
    let refusal = #expect(throws: UserError.self) {
      try need(of: with) {
        change(&$0)
        $0.model.seriesDimensions = 4_096
      }.check(memory: 0x1p28)
    }
    #expect(refusal?.place == "model.seriesDimensions")
  }
}
