import Datasets
import Diagnostics
import FileMutation
import Foundation
import SampleFolders
import Testing

/// Thousands of damaged files of data sets of one's own: each is right by its format, or refused with one line.
@Suite struct HostileFolderTests {
  @Test func pictures() throws {
    let pixels = (0..<24 * 17 * 3).map { UInt8(truncatingIfNeeded: $0 * $0 / 7) }
    let inks = (0..<24 * 17 * 4).map { UInt8(truncatingIfNeeded: $0 * 3) }
    let corpus = [
      try PNGFile(width: 24, height: 17, pixels: pixels).encoded(),
      try PNGFile(width: 17, height: 8, channels: 1, pixels: Array(pixels[..<136])).encoded(),
      SampleFiles.jpeg(width: 24, height: 17, pixels: pixels, orientation: 6),
      SampleFiles.jpeg(width: 24, height: 17, pixels: pixels, isProgressive: true),
      SampleFiles.jpeg(width: 24, height: 17, channels: 4, pixels: inks),
    ].map { [UInt8]($0) }
    let fuzz = FuzzRun("picture", corpus: corpus, count: 1_500)
    let outcome = try fuzz(place: "f", seesTruncation: false) { bytes in
      let image = try ImageFile(bytes, place: "f", atLeast: 8)
      // A JPEG may lack the mark of its end; nothing of the picture may.
      let whole = corpus.first { $0.count > bytes.count && $0.starts(with: bytes) }
      if let whole, try image != ImageFile(whole, place: "f", atLeast: 8) {
        throw FuzzRun.Violation("a file that is cut short is another picture")
      }
      if image.pixels.count != 3 * image.width * image.height || image.width * image.height > 8256 * bytes.count {
        throw FuzzRun.Violation("\(image.width) × \(image.height) pixels out of \(bytes.count) bytes")
      }
    }
    #expect(outcome.failures.isEmpty)
    #expect(outcome.accepted > 0)
  }

  /// The header of a PNG of 8192 × 8192 pixels, and not much else.
  @Test func aPictureThatClaimsMoreThanItsBytesCanHold() throws {
    let small = [UInt8](
      try PNGFile(width: 8, height: 8, channels: 1, pixels: [UInt8](repeating: 9, count: 64)).encoded())
    var header = Array(small[..<33])
    header.replaceSubrange(16..<24, with: [0, 0, 32, 0, 0, 0, 32, 0])
    header.replaceSubrange(29..<33, with: Self.checksum(header[12..<29]))
    let error = #expect(throws: UserError.self) { try ImageFile(header + small[33...], place: "f") }
    #expect(error?.what.hasPrefix("8192 × 8192 pixels are claimed, more than ") == true)
  }

  /// PNG's CRC-32, bit by bit.
  private static func checksum(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var remainder = UInt32.max
    for byte in bytes {
      remainder ^= UInt32(byte)
      for _ in 0..<8 { remainder = remainder >> 1 ^ (remainder & 1 == 1 ? 0xedb8_8320 : 0) }
    }
    return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: ~remainder >> $0) }
  }

  /// Animated pictures: what is accepted is of the size that was asked for.
  @Test func clips() throws {
    var part = SampleClips.GIFFrame(width: 5, pixels: (0..<20).map { UInt8($0 % 4) })
    (part.left, part.top, part.transparent, part.disposal, part.isInterlaced) = (3, 2, 2, 3, true)
    part.colors = [[1, 2, 3], [40, 50, 60], [7, 8, 9], [200, 201, 202]]
    let colors: [[UInt8]] = (0..<16).map { [UInt8($0 * 16), UInt8($0), 9] }
    let whole = SampleClips.GIFFrame(width: 9, pixels: (0..<63).map { UInt8($0 % 16) })
    let gif = SampleClips.gif(width: 9, height: 7, colors: colors, frames: [whole, part, part])
    var first = SampleClips.PNGFrame(width: 9, pixels: (0..<252).map { UInt8(truncatingIfNeeded: $0 * 5) })
    first.disposal = 2
    var second = SampleClips.PNGFrame(width: 3, pixels: (0..<24).map { UInt8($0 * 9) })
    (second.left, second.top, second.isBlended, second.disposal) = (4, 3, true, 1)
    let png = SampleClips.apng(width: 9, height: 7, frames: [first, second, second])
    let fuzz = FuzzRun("clip", corpus: [gif, png], count: 2_000)
    let outcome = try fuzz(place: "f") { bytes in
      let clip = try VideoClip(
        bytes, file: URL(filePath: "f"), frames: 2, resize: ImageResize(side: 8), path: nil)
      if clip.pixels.count != 2 * 8 * 8 * 3 || clip.frameCount < 1 || clip.frameCount > bytes.count {
        throw FuzzRun.Violation("\(clip.pixels.count) numbers of \(clip.frameCount) frames out of \(bytes.count) bytes")
      }
    }
    #expect(outcome.failures.isEmpty)
    #expect(outcome.accepted > 0)
  }

  @Test func sounds() throws {
    var corpus: [[UInt8]] = []
    try withTemporaryFolder { folder in
      let tone = SampleFiles.tone(frequency: 440, rate: 8000, seconds: 0.1)
      for (format, channels) in [(SampleFiles.SoundFormat.wav, 1), (.floatWav, 2), (.flac, 1), (.flac, 2)] {
        let file = folder.appendingPathComponent("f")
        try SampleFiles.writeSound(tone, to: file, rate: 8000, channels: channels, format: format)
        corpus.append([UInt8](try Data(contentsOf: file)))
      }
    }
    let fuzz = FuzzRun("sound", corpus: corpus, count: 1_000)
    let outcome = try fuzz(place: "f") { bytes in
      let sound = try AudioFile(bytes, place: "f")
      if sound.samples.isEmpty || sound.samples.count > AudioFile.mostSeconds * sound.sampleRate {
        throw FuzzRun.Violation("\(sound.samples.count) samples")
      }
      if !sound.samples.allSatisfy(\.isFinite) { throw FuzzRun.Violation("a sample is not a number") }
    }
    #expect(outcome.failures.isEmpty)
    #expect(outcome.accepted > 0)
  }

  @Test func tables() throws {
    let corpus = [
      "file,caption,tags,shape\r\na.jpg,\"a red, \"\"round\"\" disc\",red;disc,disc\r\nb.jpg,\"two\nlines\",,square\r\n",
      "id\tactivity\tsplit\ns0\treading\ttrain\ns1\ttyping\ttest\n", "one\n1\n\n2",
    ].map { Array($0.utf8) }
    let fuzz = FuzzRun(
      "table", corpus: corpus, vocabulary: ["\"", "\"\"", ",", ",,,,", "\t", "file", "caption"], count: 2_000)
    // A row that ends early may be a shorter one.
    let outcome = try fuzz(place: "f", seesTruncation: false) { bytes in
      for delimiter: Character in [",", "\t"] {
        let table = try TableFile(bytes, delimiter: delimiter, place: "f")
        if table.rows.contains(where: { $0.cells.count != table.columns.count }) {
          throw FuzzRun.Violation("a ragged row")
        }
        if Set(table.columns).count != table.columns.count { throw FuzzRun.Violation("a column that stands twice") }
        let size = table.rows.reduce(0) { $0 + $1.cells.reduce(0) { $0 + $1.utf8.count } }
        if size > bytes.count { throw FuzzRun.Violation("more text than the file has") }
      }
    }
    #expect(outcome.failures.isEmpty)
    #expect(outcome.accepted > 0)
  }

  private let description = """
    name: "words"
    table: table.tsv
    delimiter: "\\t"
    identifier: id
    modalities:
      gaze: { kind: array, file: gaze.npy, as: vector }
      motion: { kind: array, file: motion.npy, as: spectrogram }
      place: { kind: text, column: activity, length: 6 }
    labels: [activity]
    minimumClassSize: 1
    split: { column: split, validationFraction: 0.2 }
    missing: refused
    broken: omitted
    """

  private let words = [
    "name", "table", "modalities", "labels", "split", "image", "sound", "text", "tags", "numbers", "array", "column",
    "columns", "file", "size", "length", "as", "vector", "seed", "group", "stratify", "null", "[]", "{}", "gaze.npy",
    "table.tsv", "/dev/zero", "motion.npy",
  ]

  /// Damages the description of a folder; then the data set loads, or one line says why not.
  @Test func descriptions() throws {
    try withTemporaryFolder { folder in
      try SampleFolder.writeArrays(to: folder, count: 60)
      let file = folder.appendingPathComponent(FolderDataset.descriptionFile)
      let cache = DatasetCache(folder: folder.appendingPathComponent("cache"))
      try Data(description.utf8).write(to: file)
      #expect(try FolderDataset.load(folder: folder, cache: cache).train.identifiers.count > 0)
      let fuzz = FuzzRun("dataset.yaml", corpus: [Array(description.utf8)], vocabulary: words, count: 400)
      let outcome = try fuzz(place: "", kinds: [.data, .inputOutput], seesTruncation: false) { bytes in
        try Data(bytes).write(to: file)
        _ = try FolderDataset.load(folder: folder, cache: cache)
      }
      #expect(outcome.failures.isEmpty)
      #expect(outcome.accepted > 0)
    }
  }

  /// Damages the files that a right description names.
  @Test func contents() throws {
    try withTemporaryFolder { folder in
      try SampleFolder.writeArrays(to: folder, count: 60)
      let cache = DatasetCache(folder: folder.appendingPathComponent("cache"))
      try Data(description.utf8).write(to: folder.appendingPathComponent(FolderDataset.descriptionFile))
      for name in ["table.tsv", "motion.npy"] {
        let file = folder.appendingPathComponent(name)
        let whole = try Data(contentsOf: file)
        let fuzz = FuzzRun(
          "folder's \(name)", corpus: [[UInt8](whole)], vocabulary: ["train", "test", "val"], count: 300)
        let outcome = try fuzz(place: "", seesTruncation: false) { bytes in
          try Data(bytes).write(to: file)
          _ = try FolderDataset.load(folder: folder, cache: cache)
        }
        #expect(outcome.failures.isEmpty)
        try whole.write(to: file)
      }
    }
  }
}
