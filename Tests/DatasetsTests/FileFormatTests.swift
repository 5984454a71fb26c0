import Datasets
import Diagnostics
import Foundation
import Testing

struct DataFileTests {
  /// gzip of `hello hello hello hello\n`.
  private let gzip: [UInt8] = [
    31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 203, 72, 205, 201, 201, 87, 200, 64, 39, 185, 0, 0, 136, 89, 11, 24, 0, 0, 0,
  ]

  @Test func inflatesGzipAndLeavesOtherFiles() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("a")
      try Data(gzip).write(to: file)
      #expect(try DataFile.contents(of: file) == Array("hello hello hello hello\n".utf8))
      try Data([5, 6]).write(to: file)
      #expect(try DataFile.contents(of: file) == [5, 6])
    }
  }

  @Test func refusesDamageAndExcess() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("a")
      try Data(gzip.dropLast(9)).write(to: file)
      #expect(throws: UserError.self) { try DataFile.contents(of: file) }
      var flipped = gzip
      flipped[gzip.count - 6] ^= 1
      try Data(flipped).write(to: file)
      #expect(throws: UserError.self) { try DataFile.contents(of: file) }
      try Data(gzip).write(to: file)
      #expect(throws: UserError.self) { try DataFile.contents(of: file, limit: 23) }
      #expect(try DataFile.contents(of: file, limit: 30).count == 24)
      let error = #expect(throws: UserError.self) {
        try DataFile.contents(of: folder.appendingPathComponent("none"))
      }
      #expect(error?.kind == .inputOutput)
    }
  }
}

struct IDXFileTests {
  private let header: [UInt8] = [0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3]

  @Test func readsSizesAndValues() throws {
    let file = try IDXFile(contents: header + [1, 2, 3, 4, 5, 6], place: "f")
    #expect(file.shape == [2, 3])
    #expect(Array(file.values) == [1, 2, 3, 4, 5, 6])
  }

  @Test func refusesOtherContent() {
    let wrong: [[UInt8]] = [
      [], [0, 0, 9, 1, 0, 0, 0, 0], [0, 0, 8, 2, 0, 0], header + [1], header + [1, 2, 3, 4, 5, 6, 7],
      [0, 0, 8, 3] + [UInt8](repeating: 255, count: 12),
    ]
    for bytes in wrong {
      let error = #expect(throws: UserError.self) { try IDXFile(contents: bytes, place: "f") }
      #expect(error?.place == "f")
    }
  }
}

struct UnipenFileTests {
  @Test func readsStrokes() throws {
    let text = """
      .INCLUDE dene.doc
      .SEGMENT DIGIT 0-1 ? "8"
      .COMMENT 8 6 138
      .PEN_DOWN
       273  323
       -2  0
      .PEN_UP
      .DT 100
      .PEN_DOWN
       5 6
      .PEN_UP

      .SEGMENT DIGIT 2 ? "0"
      .PEN_DOWN
       1 1
      .PEN_UP
      """
    let digits = try UnipenFile.digits(in: Array(text.utf8), place: "f")
    #expect(
      digits == [
        PenDigit(digit: 8, strokes: [[SIMD2(273, 323), SIMD2(-2, 0)], [SIMD2(5, 6)]]),
        PenDigit(digit: 0, strokes: [[SIMD2(1, 1)]]),
      ])
    #expect(try UnipenFile.digits(in: [], place: "f").isEmpty)
  }

  @Test func namesTheLineOfAMistake() {
    let cases = [
      (".SEGMENT DIGIT 0 ? \"8\"\n.PEN_DOWN\n1 2 3\n", "f:3"), (".SEGMENT DIGIT 0 ? 8\n", "f:1"),
      (".PEN_DOWN\n", "f:1"), (".SEGMENT DIGIT 0 ? \"8\"\n.SEGMENT DIGIT 1 ? \"9\"\n", "f:2"),
      (".SEGMENT DIGIT 0 ? \"8\"\n.PEN_DOWN\n1 two\n", "f:3"),
    ]
    for (text, place) in cases {
      let error = #expect(throws: UserError.self) { try UnipenFile.digits(in: Array(text.utf8), place: "f") }
      #expect(error?.place == place)
    }
  }
}

struct PenTrajectoryTests {
  @Test func spacesPointsByArcLength() {
    // 2 to the right, then 2 up, in unequal steps: five points at arc lengths 0, 1, 2, 3, 4.
    let strokes: [[SIMD2<Float>]] = [[SIMD2(0, 0), SIMD2(0.5, 0), SIMD2(2, 0)], [SIMD2(2, 2)]]
    let points = PenTrajectory.resampled(strokes, count: 5)
    #expect(points == [-1, -1, 0, -1, 1, -1, 1, 0, 1, 1])
  }

  @Test func keepsTheAspectRatio() {
    let points = PenTrajectory.resampled([[SIMD2(10, 10), SIMD2(14, 11)]], count: 2)
    #expect(points == [-1, -0.25, 1, 0.25])
  }

  @Test func answersZerosForAPoint() {
    #expect(PenTrajectory.resampled([[SIMD2(3, 4), SIMD2(3, 4)]], count: 2) == [0, 0, 0, 0])
    #expect(PenTrajectory.resampled([], count: 2) == [0, 0, 0, 0])
  }
}

struct WaveFileTests {
  private func wave(_ samples: [Int16], rate: UInt32 = 8000, channels: UInt16 = 1) -> Data {
    func bytes(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }
    let size = UInt32(samples.count * 2)
    var data = Array("RIFF".utf8) + bytes(36 + size) + Array("WAVEfmt ".utf8) + bytes(UInt32(16))
    data += bytes(UInt16(1)) + bytes(channels) + bytes(rate) + bytes(rate * 2 * UInt32(channels))
    data += bytes(2 * channels) + bytes(UInt16(16)) + Array("data".utf8) + bytes(size)
    return Data(data + samples.flatMap { bytes($0) })
  }

  @Test func readsSamples() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("a.wav")
      try wave([0, 16384, -32768]).write(to: file)
      #expect(try WaveFile.samples(of: file, sampleRate: 8000) == [0, 0.5, -1])
    }
  }

  @Test func refusesOtherRecordings() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("a.wav")
      for data in [wave([0, 1], rate: 16000), wave([0, 1], channels: 2), wave([]), Data([1, 2, 3])] {
        try data.write(to: file)
        let error = #expect(throws: UserError.self) { try WaveFile.samples(of: file, sampleRate: 8000) }
        #expect(error?.place == file.path)
      }
    }
  }
}

struct LogMelSpectrogramTests {
  @Test func transformsAHandComputedExample() {
    let fourier = FourierTransform(length: 4)
    var real: [Float] = [1, 2, 3, 4]
    var imaginary: [Float] = [0, 0, 0, 1]
    fourier.transform(real: &real, imaginary: &imaginary)
    // The FFT of [1, 2, 3, 4] is [10, −2+2i, −2, −2−2i]; that of i·δ₃ is i·[1, i, −1, −i].
    for (value, expected) in zip(real, [10, -3, -2, -1] as [Float]) { #expect(abs(value - expected) < 1e-6) }
    for (value, expected) in zip(imaginary, [1, 2, -1, -2] as [Float]) { #expect(abs(value - expected) < 1e-6) }
  }

  @Test func putsAToneInItsBand() {
    let transform = LogMelSpectrogram()
    for frequency in [500.0, 1000, 3000] {
      let tone = (0..<4001).map { Float(sin(2 * Double.pi * frequency * Double($0) / 8000)) }
      let values = transform.spectrogram(of: tone)
      #expect(values.count == 32 * 128)
      let mel = 2595 * log10(1 + frequency / 700)
      let expected = mel / (2595 * log10(1 + 4000.0 / 700)) * 129 - 1
      for frame in [0, 1, 16, 31] {
        let row = values[frame * 128..<(frame + 1) * 128]
        let peak = row.indices.max { row[$0] < row[$1] }! - frame * 128
        #expect(abs(Double(peak) - expected) <= 1, "\(frequency) Hz in frame \(frame)")
      }
    }
  }

  @Test func keepsTheFramesInTime() {
    // A tone in the second half only: early frames are quiet, late ones loud, whatever the length and the loudness.
    for (length, level) in [(4000, Float(1)), (18_000, 0.01)] {
      let samples = (0..<length).map { $0 < length / 2 ? 0 : level * Float(sin(0.7 * Double($0))) }
      let values = LogMelSpectrogram().spectrogram(of: samples)
      func loudness(_ frame: Int) -> Float { values[frame * 128..<(frame + 1) * 128].max()! }
      #expect(loudness(5) < -11)
      #expect(loudness(26) > 0)
      #expect(loudness(27) > 0)
    }
  }

  @Test func takesSilenceAndShortRecordings() {
    let transform = LogMelSpectrogram()
    #expect(transform.spectrogram(of: []).allSatisfy { $0 == Float(log(1e-5)) || abs($0 - log(1e-5)) < 1e-3 })
    #expect(transform.spectrogram(of: [0.5, -0.5]).allSatisfy { $0.isFinite })
  }
}
