import Datasets
import Diagnostics
import Foundation
import SampleFolders
import Testing

/// Makes tar files block by block.
private struct TarBuilder {
  var data = Data()

  static func field(_ text: String, _ length: Int) -> [UInt8] {
    Array(text.utf8) + [UInt8](repeating: 0, count: max(0, length - text.utf8.count))
  }

  /// A header in ustar form, its checksum over all bytes with the checksum's own as spaces.
  static func header(_ name: String, size: Int, type: Character, prefix: String = "") -> [UInt8] {
    var block = field(name, 100) + field("0000644", 8) + field("0000000", 8) + field("0000000", 8)
    block += field(String(repeating: "0", count: 11 - String(size, radix: 8).count) + String(size, radix: 8), 12)
    block += field("00000000000", 12) + [UInt8](repeating: 32, count: 8) + Array(String(type).utf8)
    block += field("", 100) + field("ustar", 6) + Array("00".utf8) + field("", 32) + field("", 32)
    block += field("0000000", 8) + field("0000000", 8) + field(prefix, 155) + field("", 12)
    let sum = block.reduce(0) { $0 + Int($1) }
    let digits = String(sum, radix: 8)
    block.replaceSubrange(148..<156, with: field(String(repeating: "0", count: 6 - digits.count) + digits, 7) + [32])
    return block
  }

  mutating func add(_ name: String, _ content: [UInt8], type: Character = "0", prefix: String = "") {
    data.append(contentsOf: Self.header(name, size: content.count, type: type, prefix: prefix))
    data.append(contentsOf: content)
    data.append(contentsOf: [UInt8](repeating: 0, count: (512 - content.count % 512) % 512))
  }

  mutating func add(_ name: String, _ text: String) { add(name, Array(text.utf8)) }

  mutating func end() { data.append(contentsOf: [UInt8](repeating: 0, count: 1024)) }
}

private final class Folder {
  let url = FileManager.default.temporaryDirectory.appending(path: "concord-\(UUID().uuidString)")

  init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(at: url) }

  func write(_ data: Data, _ name: String) throws -> URL {
    let file = url.appending(path: name)
    try data.write(to: file)
    return file
  }
}

@Suite struct TarFileTests {
  @Test func namesSizesAndContents() throws {
    let folder = try Folder()
    var builder = TarBuilder()
    let long = String(repeating: "n", count: 130) + ".txt"
    builder.add("a/", [], type: "5")
    builder.add("a/one.txt", "first")
    builder.add("empty.txt", "")
    builder.add("two.bin", [UInt8](repeating: 7, count: 513), prefix: "deep/er")
    builder.add("././@LongLink", Array(long.utf8) + [0], type: "L")
    builder.add(String(long.prefix(100)), Array("gnu".utf8))
    let record = "path=\(long)\n"
    let length = record.utf8.count + 4
    builder.add("pax", Array("13 mtime=123\n\(length) \(record)".utf8), type: "x")
    builder.add("short", Array("pax".utf8))
    builder.end()
    let tar = try TarFile(file: try folder.write(builder.data, "a.tar"))
    #expect(tar.entries.map(\.name) == ["a/one.txt", "empty.txt", "deep/er/two.bin", long, long])
    #expect(tar.entries.map(\.size) == [5, 0, 513, 3, 3])
    #expect(try tar.entries.map { try tar.contents(of: $0).count } == [5, 0, 513, 3, 3])
    #expect(try tar.contents(of: tar.entries[0]) == Array("first".utf8))
    #expect(try tar.contents(of: tar.entries[4]) == Array("pax".utf8))
  }

  @Test func tarOfTheSystemIsRead() throws {
    let folder = try Folder()
    _ = try folder.write(Data("one".utf8), "one.txt")
    _ = try folder.write(Data(repeating: 1, count: 5000), "two.jpg")
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.currentDirectoryURL = folder.url
    process.arguments = ["tar", "cf", "all.tar", "one.txt", "two.jpg"]
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    let tar = try TarFile(file: folder.url.appending(path: "all.tar"))
    #expect(tar.entries.map(\.name) == ["one.txt", "two.jpg"] && tar.entries.map(\.size) == [3, 5000])
  }

  @Test func damageIsNamed() throws {
    let folder = try Folder()
    var builder = TarBuilder()
    builder.add("a.txt", [UInt8](repeating: 65, count: 600))
    func error(_ data: Data) throws -> String {
      let file = try folder.write(data, "bad.tar")
      return #expect(throws: UserError.self) { try TarFile(file: file) }?.description ?? ""
    }
    #expect(try error(builder.data.prefix(900)).contains("bad.tar: the tar file is cut short"))
    #expect(try error(Data()).contains("is cut short"))
    var broken = builder.data
    broken[3] ^= 1
    #expect(try error(broken).contains("the header at byte 0 is not a tar header"))
    #expect(try error(Data(repeating: 65, count: 2048)).contains("is not a tar header"))
    let missing = #expect(throws: UserError.self) { try TarFile(file: folder.url.appending(path: "none.tar")) }
    #expect(missing?.kind == .inputOutput)
  }

  @Test func aTarThatWasCutAnywhereIsRefused() throws {
    let folder = try Folder()
    var builder = TarBuilder()
    builder.add("a.txt", "x")
    builder.add("b.txt", "y")
    // Behind the first content, in its padding, at the padding's end, in the second header, and before the mark.
    for length in [513, 700, 1024, 1200, 2048] {
      let file = try folder.write(builder.data.prefix(length), "a.tar")
      let error = #expect(throws: UserError.self) { try TarFile(file: file) }
      #expect(error?.what.contains("cut short") == true && error?.mend == "fetch or make it again", "\(length)")
    }
    builder.end()
    #expect(try TarFile(file: try folder.write(builder.data, "a.tar")).entries.count == 2)
  }
}

@Suite struct WebDatasetShardsTests {
  private func shards(_ folder: Folder) throws {
    var first = TarBuilder()
    first.add("000.jpg", [1, 2, 3])
    first.add("000.json", "{}")
    first.add("000.txt", " a dog \n")
    first.add("001.jpg", [4])
    first.add("002.txt", "no picture")
    first.add("dir.d/003.seg.txt", "not a caption")
    first.add("dir.d/003.PNG", [5, 6])
    first.add("dir.d/003.txt", "a cat")
    first.end()
    var second = TarBuilder()
    second.add("004.jpeg", [7])
    second.add("004.txt", "a bird")
    second.add("005.jpg", [8])
    second.add("005.txt", "\n")
    second.end()
    _ = try folder.write(second.data, "b.tar")
    _ = try folder.write(first.data, "a.tar")
    _ = try folder.write(Data("x".utf8), "notes.txt")
  }

  @Test func samplesAreFilesOfOneKey() throws {
    let folder = try Folder()
    try shards(folder)
    let set = try WebDatasetShards(folder: folder.url)
    #expect(set.files.map(\.lastPathComponent) == ["a.tar", "b.tar"])
    #expect(set.captions == ["a dog", "a cat", "a bird"])
    #expect(set.pictures.map(\.shard) == [0, 0, 1])
    #expect(try set.pictures.map { try set.contents(of: $0) } == [[1, 2, 3], [5, 6], [7]])
    #expect(set.withoutCaption == 2 && set.withoutPicture == 1)
  }

  private func picture(_ value: UInt8) -> [UInt8] {
    [UInt8](SampleFiles.jpeg(width: 16, height: 16, pixels: [UInt8](repeating: value, count: 16 * 16 * 3)))
  }

  /// Sixteen samples, of which two lack a caption and two a picture that can be read.
  private func samples(_ folder: Folder) throws -> ShardSource {
    var builder = TarBuilder()
    for i in 0..<16 {
      let bad = i == 3 || i == 6
      builder.add("\(i + 100).jpg", bad ? Array("no picture".utf8) : picture(UInt8(10 * i)))
      if i != 9, i != 12 { builder.add("\(i + 100).txt", "caption \(i)") }
    }
    builder.end()
    _ = try folder.write(builder.data, "a.tar")
    var source = ShardSource()
    (source.folder, source.imageSize, source.minimumPieceCount) = (folder.url.path, 16, 1)
    (source.validationCount, source.testCount) = (2, 2)
    return source
  }

  @Test func whatIsLeftOutOfShardsIsCounted() throws {
    let folder = try Folder()
    var source = try samples(folder)
    let request = DataRequest(cacheFolder: folder.url.appending(path: "cache"))
    let refused = try source.load(request)
    #expect(refused.train.count == 10)
    #expect(refused.provenance.omissions == [.init(reason: "without a caption", count: 2)])
    let error = #expect(throws: UserError.self) { try refused.train.readItems(of: "image", at: 0..<10) }
    #expect(error?.mend == "mend it, or set data.shards.broken=omitted")
    source.broken = .omitted
    // The second time the cache knows which are good.
    for _ in 0..<2 {
      let set = try source.load(request)
      #expect(set.train.count == 8 && set.checksum == refused.checksum)
      #expect(set.provenance.omissions.map(\.count) == [2, 2])
      #expect(
        set.provenance.omissions[1].reason.hasPrefix("whose picture cannot be read, the first: \(folder.url.path)"))
      guard case .numbers(let pixels) = try set.train.readItems(of: "image", at: 0..<8) else { return }
      #expect(pixels.count == 8 * 768 && set.train.texts["caption"]?.contains("caption 3") == false)
    }
    #expect(try source.identity(request).checksum == refused.checksum)
  }

  @Test func aPictureThatIsReplacedByOneOfItsSizeIsNoticed() throws {
    let folder = try Folder()
    let source = try samples(folder)
    let before = try source.identity(DataRequest())
    let file = folder.url.appending(path: "a.tar")
    var data = try Data(contentsOf: file)
    data[600] ^= 1
    try data.write(to: file)
    #expect(try source.identity(DataRequest()).changes(since: before) == ["a.tar has changed"])
  }

  @Test func aFolderWithoutSamplesIsAnError() throws {
    let folder = try Folder()
    let empty = #expect(throws: UserError.self) { try WebDatasetShards(folder: folder.url) }
    #expect(empty?.what == "no .tar file")
    var builder = TarBuilder()
    builder.add("000.jpg", [1])
    builder.end()
    _ = try folder.write(builder.data, "a.tar")
    let bare = #expect(throws: UserError.self) { try WebDatasetShards(folder: folder.url) }
    #expect(bare?.what == "no sample has both a picture and a caption")
  }
}
