import Datasets
import Diagnostics
import FileMutation
import Foundation
import Testing

/// Thousands of damaged source files: each is right by its format, or refused with one line.
@Suite struct HostileSourceTests {
  /// Has a reader of paths read damaged bytes.
  private func fuzz(
    _ fuzz: FuzzRun, seesTruncation: Bool = true, read: (URL, Int) throws -> Void
  ) throws -> FuzzRun.Outcome {
    var outcome: FuzzRun.Outcome?
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("f")
      outcome = try fuzz(place: file.path, seesTruncation: seesTruncation) { bytes in
        try Data(bytes).write(to: file)
        try read(file, bytes.count)
      }
    }
    return try #require(outcome)
  }

  /// gzip of an array `[5, 4, 3]`.
  private let gzip = [UInt8](
    Data(
      base64Encoded: "H4sIAAAAAAACAy2KAQoAMAgChTbYs/t5nTLBkzTplaSLDy41HATJhqlMCnNy++EPSbhi+ZqxTAAAAA==") ?? Data())

  @Test func idxAndGzip() throws {
    let plain: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 1, 9, 8, 7, 6, 5, 4]
    let labels: [UInt8] = [0, 0, 8, 1, 0, 0, 0, 4, 1, 2, 3, 4]
    let run = FuzzRun("idx", corpus: [plain, labels, gzip], count: 1_500)
    let outcome = try fuzz(run) { file, count in
      let array = try IDXFile(contents: DataFile.contents(of: file), place: file.path)
      if array.values.count != array.shape.reduce(1, *) || array.values.count > 1032 * count {
        throw FuzzRun.Violation("\(array.values.count) values of shape \(array.shape)")
      }
    }
    #expect(outcome.failures.isEmpty)
  }

  @Test func aGzipFileMayHaveSeveralMembersAndNothingElse() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("f")
      try Data(gzip + gzip).write(to: file)
      let content = try DataFile.contents(of: file)
      #expect(content.count == 152 && content[76...].elementsEqual(content[..<76]))
      for tail: [UInt8] in [[0], Array("more".utf8), Array(gzip.dropLast())] {
        try Data(gzip + tail).write(to: file)
        #expect(throws: UserError.self) { try DataFile.contents(of: file) }
      }
    }
  }

  @Test func wave() throws {
    func bytes(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }
    func wave(_ data: [UInt8], format: UInt16, size: UInt16, extra: [UInt8] = []) -> [UInt8] {
      var body = Array("WAVEfmt ".utf8) + bytes(UInt32(16)) + bytes(format) + bytes(UInt16(1)) + bytes(UInt32(8000))
      body += bytes(8000 * UInt32(size)) + bytes(size) + bytes(8 * size) + extra
      body += Array("data".utf8) + bytes(UInt32(data.count)) + data
      return Array("RIFF".utf8) + bytes(UInt32(body.count)) + body
    }
    let corpus = [
      wave((0..<200).flatMap { bytes(Int16($0 * 100)) }, format: 1, size: 2),
      wave((0..<100).flatMap { bytes(Float($0 / 100).bitPattern) }, format: 3, size: 4),
      wave([0, 255, 128, 3], format: 1, size: 1, extra: Array("LIST".utf8) + bytes(UInt32(4)) + Array("INFO".utf8)),
    ]
    let run = FuzzRun("wave", corpus: corpus, count: 1_500)
    let outcome = try fuzz(run) { file, count in
      let samples = try WaveFile.samples(of: file, sampleRate: 8000)
      if samples.isEmpty || samples.count > count { throw FuzzRun.Violation("\(samples.count) samples") }
      if !samples.allSatisfy(\.isFinite) { throw FuzzRun.Violation("a sample is not a number") }
    }
    #expect(outcome.failures.isEmpty)
    #expect(outcome.accepted > 0)
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("f")
      for whole in corpus {
        for length in 0..<whole.count {
          try Data(whole[..<length]).write(to: file)
          #expect(throws: UserError.self, "\(length)") { try WaveFile.samples(of: file, sampleRate: 8000) }
        }
      }
      try Data(wave(bytes(Float.nan.bitPattern), format: 3, size: 4)).write(to: file)
      #expect(throws: UserError.self) { try WaveFile.samples(of: file, sampleRate: 8000) }
    }
  }

  private let pen = """
    .INCLUDE dene.doc

    .LEXICON "0" "1" "2"
    .HIERARCHY DIGIT

    .SEGMENT DIGIT 0-1 ? "8"
    .COMMENT 8 6 138
    .PEN_DOWN
     273  323
     272  327
    .PEN_UP
    .DT 100
    .PEN_DOWN
     -5 6
    .PEN_UP
    .DT 100

    .SEGMENT DIGIT 2 ? "0"
    .COMMENT 0 6 138
    .PEN_DOWN
     1 1
     999999 -999999
    .PEN_UP
    .DT 100
    """

  @Test func penFiles() throws {
    let words = [".SEGMENT", ".PEN_DOWN", ".PEN_UP", "DIGIT", "\"9\"", "0-4294967295", "9-0", "-", "99999999"]
    let run = FuzzRun("unipen", corpus: [Array(pen.utf8)], vocabulary: words, count: 2_000)
    let outcome = try run(place: "f", seesTruncation: false) { bytes in
      for digit in try UnipenFile.digits(in: bytes, place: "f") {
        let points = PenTrajectory.resampled(digit.strokes, count: 100)
        if !(0...9).contains(digit.digit) || digit.strokes.contains(where: \.isEmpty) || points.count != 200 {
          throw FuzzRun.Violation("the digit \(digit)")
        }
        if !points.allSatisfy({ $0.isFinite && abs($0) <= 1.001 }) { throw FuzzRun.Violation("the points \(points)") }
      }
    }
    #expect(outcome.failures.isEmpty)
  }

  @Test func aPenFileThatIsCutShortHasNoHalfDigit() throws {
    let bytes = Array(pen.utf8)
    let whole = try UnipenFile.digits(in: bytes, place: "f")
    for length in bytes.indices {
      guard let digits = try? UnipenFile.digits(in: Array(bytes[..<length]), place: "f") else { continue }
      #expect(digits == Array(whole.prefix(digits.count)), "\(length)")
    }
  }

  private let emoji = """
    # emoji-test.txt
    # group: Smileys & Emotion

    # subgroup: face-smiling
    1F600                   ; fully-qualified     # 😀 E1.0 grinning face
    263A                    ; unqualified         # ☺ E0.6 smiling face
    # group: Component
    # subgroup: skin-tone
    1F3FB                   ; component           # 🏻 E1.0 light skin tone
    # group: Flags
    # subgroup: flag
    1F3F3 FE0F 200D 1F308   ; fully-qualified     # 🏳️‍🌈 E4.0 rainbow flag

    #EOF
    """

  @Test func emojiLists() throws {
    let words = ["fully-qualified", "unqualified", "FFFFFFFFFFFFFFFF", "110000", "D800", "0", "group", "subgroup", ";"]
    let run = FuzzRun("emoji list", corpus: [Array(emoji.utf8)], vocabulary: words, count: 1_500)
    let outcome = try run(place: "f") { bytes in
      for one in try EmojiList.emoji(in: bytes, place: "f") {
        _ = (one.annotationKey, one.toneless, one.family, one.identifier)
        if one.scalars.isEmpty || one.group.isEmpty || one.subgroup.isEmpty {
          throw FuzzRun.Violation("the emoji \(one)")
        }
      }
    }
    #expect(outcome.failures.isEmpty)
  }

  private let annotations = """
    <?xml version="1.0" encoding="UTF-8" ?>
    <!DOCTYPE ldml SYSTEM "../../common/dtd/ldml.dtd">
    <ldml>
    \t<annotations>
    \t\t<!-- a comment -->
    \t\t<annotation cp="😀">face | grin | grinning face</annotation>
    \t\t<annotation cp="😀" type="tts" draft="contributed">grinning face</annotation>
    \t\t<annotation cp="&amp;" type="tts">a &quot;b&quot; &#x41;&#66;</annotation>
    \t\t<annotation cp="🙃" type="tts">↑↑↑</annotation>
    \t</annotations>
    </ldml>
    """

  @Test func annotationFiles() throws {
    let words = ["annotation", "annotations", "cp", "type", "tts", "&#x110000;", "&#0;", "&a", "<!--", "-->", "ldml"]
    let run = FuzzRun("annotations", corpus: [Array(annotations.utf8)], vocabulary: words, count: 1_500)
    let outcome = try run(place: "f") { bytes in
      var file = AnnotationFile()
      try file.add(bytes, place: "f")
      let texts = Array(file.names.keys) + file.names.values + file.keywords.flatMap { [$0.key] + $0.value }
      if texts.contains(where: { $0.unicodeScalars.contains("\0") }) {
        throw FuzzRun.Violation("a zero byte in a text")
      }
    }
    #expect(outcome.failures.isEmpty)
  }
}
