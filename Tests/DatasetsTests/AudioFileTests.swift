import Datasets
import Diagnostics
import Foundation
import SampleFolders
import Testing

struct AudioFileTests {
  private func bytes(
    _ samples: [Float], rate: Int, channels: Int = 1, format: SampleFiles.SoundFormat = .wav
  ) throws -> [UInt8] {
    var bytes: [UInt8] = []
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("a")
      try SampleFiles.writeSound(samples, to: file, rate: rate, channels: channels, format: format)
      bytes = [UInt8](try Data(contentsOf: file))
    }
    return bytes
  }

  @Test(arguments: [SampleFiles.SoundFormat.wav, .floatWav, .flac])
  func mixesChannelsDown(format: SampleFiles.SoundFormat) throws {
    // Left 0.5 and right −0.25 are 0.125 together.
    let samples = (0..<10_000).map { $0 % 2 == 0 ? Float(0.5) : -0.25 }
    let file = try AudioFile(bytes(samples, rate: 22_050, channels: 2, format: format), place: "a")
    #expect(file.sampleRate == 22_050 && file.channels == 2 && file.samples.count == 5000)
    #expect(file.samples.allSatisfy { abs($0 - 0.125) < 1e-4 })
  }

  @Test func refusesDamageAndOtherFiles() throws {
    let tone = SampleFiles.tone(frequency: 440, rate: 8000, seconds: 1)
    for format in [SampleFiles.SoundFormat.wav, .flac] {
      let whole = try bytes(tone, rate: 8000, format: format)
      #expect(try AudioFile(whole, place: "a").samples.count == 8000)
      for length in [0, 10, 30, whole.count / 2] {
        let error = #expect(throws: UserError.self, "\(format) of \(length) bytes") {
          try AudioFile(Array(whole.prefix(length)), place: "a")
        }
        #expect(error?.place == "a" && error?.kind == .data)
      }
    }
    #expect(throws: UserError.self) { try AudioFile(Array("not a sound".utf8), place: "a") }
    var broken = tone
    broken[77] = .nan
    let error = #expect(throws: UserError.self) {
      try AudioFile(bytes(broken, rate: 8000, format: .floatWav), place: "a")
    }
    #expect(error?.what == "sample 77 is not a finite number")
    #expect(throws: UserError.self) { try AudioFile(bytes([], rate: 8000), place: "a") }
  }

  @Test(arguments: [(SampleFiles.SoundFormat.vorbis, 22_050), (.opus, 48_000)])
  func compressedRecordingsAreRead(format: SampleFiles.SoundFormat, rate: Int) throws {
    let tone = SampleFiles.tone(frequency: 440, rate: rate, seconds: 0.5)
    let whole = try bytes(tone, rate: rate, format: format)
    let file = try AudioFile(whole, place: "a")
    #expect(file.sampleRate == rate && abs(file.samples.count - tone.count) < rate / 20)
    let power = file.samples.map { $0 * $0 }.reduce(0, +) / Float(file.samples.count)
    #expect(abs(power - 0.125) < 0.03)
    // A page that is cut is seen, whatever is left of it.
    for length in [whole.count - 1, whole.count - 30, whole.count / 2] {
      #expect(throws: UserError.self, "\(length) bytes") { try AudioFile(Array(whole.prefix(length)), place: "a") }
    }
    #expect(throws: UserError.self) { try AudioFile(Array(whole.prefix(60)), place: "a") }
  }

  @Test(
    arguments: [
      (Array("GIF89a".utf8), "a GIF picture"), ([0, 0, 0, 32] + Array("ftypM4A ".utf8), "M4A (AAC)"),
      (Array("<!DOCTYPE html><html>".utf8), "a web page"), (Array("not a sound".utf8), "text"), ([], "empty"),
    ] as [([UInt8], String)]) func otherFilesAreNamedByTheirContent(bytes: [UInt8], name: String)
  {
    let error = #expect(throws: UserError.self) { try AudioFile(bytes, place: "a.wav") }
    #expect(error?.what == "not a recording that libsndfile knows, but \(name)")
    #expect(error?.mend?.hasPrefix("save it as one of WAV, FLAC, AIFF, Ogg Vorbis") == true)
  }

  @Test func flippedBytesNeverCrash() throws {
    for format in [SampleFiles.SoundFormat.wav, .flac, .vorbis] {
      let whole = try bytes(SampleFiles.tone(frequency: 440, rate: 8000, seconds: 0.1), rate: 8000, format: format)
      for position in 0..<min(whole.count, 400) {
        var bytes = whole
        bytes[position] ^= UInt8(truncatingIfNeeded: 1 + 37 * position)
        if let file = try? AudioFile(bytes, place: "a") { #expect(!file.samples.isEmpty) }
      }
    }
  }
}

struct ResamplerTests {
  @Test func keepsTonesBelowTheLimit() {
    for (from, to) in [(44_100, 16_000), (8000, 16_000), (16_000, 15_999), (48_000, 8000)] {
      let tone = SampleFiles.tone(frequency: 1000, rate: from, seconds: 0.25)
      let result = Resampler(from: from, to: to)(tone)
      let wanted = SampleFiles.tone(frequency: 1000, rate: to, seconds: 0.25)
      #expect(abs(result.count - wanted.count) <= 1)
      // The ends feel the silence around.
      let middle = 200..<min(result.count, wanted.count) - 200
      #expect(!middle.isEmpty && middle.allSatisfy { abs(result[$0] - wanted[$0]) < 2e-3 }, "\(from) to \(to)")
    }
  }

  @Test func removesTonesAboveTheLimit() {
    let result = Resampler(from: 48_000, to: 8000)(SampleFiles.tone(frequency: 5000, rate: 48_000, seconds: 0.25))
    #expect(result[200..<result.count - 200].allSatisfy { abs($0) < 1e-3 })
  }

  @Test func leavesASignalOfTheSameRate() {
    #expect(Resampler(from: 8000, to: 8000)([1, 2, 3]) == [1, 2, 3])
    #expect(Resampler(from: 8000, to: 16_000)([]).isEmpty)
  }
}
