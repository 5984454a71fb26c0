import Datasets
import Diagnostics
import Foundation
import Testing

struct ClipartDatasetTests {
  private static func svg(title: String, keywords: [String] = [], author: String = "Ann Other", fill: String = "red")
    -> String
  {
    """
    <?xml version="1.0"?>
    <svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"><metadata>
      <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:cc="http://web.resource.org/cc/"
        xmlns:dc="http://purl.org/dc/elements/1.1/"><cc:Work rdf:about="">
        <!-- <dc:title>not this</dc:title> -->
        <dc:title>\(title)</dc:title><dc:format>image/svg+xml</dc:format>
        <dc:subject><rdf:Bag>\(keywords.map { "<rdf:li>\($0)</rdf:li>" }.joined())<rdf:li></rdf:li></rdf:Bag></dc:subject>
        <dc:creator><cc:Agent><dc:title>\(author)</dc:title></cc:Agent></dc:creator>
        <dc:description>Two\n   lines &amp; signs</dc:description>
      </cc:Work></rdf:RDF></metadata><rect width="20" height="9" fill="\(fill)"/></svg>
    """
  }

  @Test func metadataIsRead() {
    let read = DrawingMetadata(
      Array(Self.svg(title: "A &lt;b&gt; &#x41;&#66; &amp; C&amp;#39;s", keywords: ["one", " two "]).utf8))
    #expect(read.title == "A <b> AB & C's")
    #expect(read.keywords == ["one", "two"] && read.people == ["Ann Other"])
    #expect(read.description == "Two lines & signs")
  }

  @Test func damagedMetadataIsReadAsFarAsItGoes() {
    let whole = Array(Self.svg(title: "A bird", keywords: ["wing"]).utf8)
    for length in stride(from: 0, to: whole.count, by: 7) {
      let read = DrawingMetadata(Array(whole.prefix(length)))
      #expect(read.title.isEmpty || read.title == "A bird")
    }
    for position in stride(from: 0, to: whole.count, by: 3) {
      var bytes = whole
      bytes[position] = UInt8(truncatingIfNeeded: 60 + position)
      _ = DrawingMetadata(bytes)
    }
    #expect(DrawingMetadata(Array("<metadata><dc:title>open".utf8)) == DrawingMetadata())
    #expect(DrawingMetadata(Array("<metadata></dc:title></x>text&</metadata>".utf8)) == DrawingMetadata())
  }

  private func drawing(_ path: String, _ title: String = "", digest: String? = nil, by people: [String] = [])
    -> ClipartRules.Drawing
  {
    var metadata = DrawingMetadata()
    (metadata.title, metadata.people) = (title, people)
    return ClipartRules.Drawing(path: path, digest: digest ?? path, metadata: metadata)
  }

  @Test func eachRuleDropsWhatItSays() {
    let drawings =
      [
        drawing("animals/frog.svg", "A frog", digest: "f"), drawing("animals/wet/frog.svg", "A frog", digest: "f"),
        drawing("people/john_smith_01.svg", "John Smith", by: ["John Smith"]),
        drawing("people/old_hat_john_smi_02.svg", "HASH(0x85caca8)", by: ["John Smith"]),
        drawing("shapes/a1_2.svg", "12"), drawing("tools/saw.svg", "Clipart by Jo Doe - bow_saw"),
      ] + (1...9).map { drawing("stars/star_\($0)pt.svg", "gramastar") }
      + ["kite", "LampPost", "desk", "rug"].map { drawing("things/\($0).svg", "House set") }
      + ["one", "two", "six"].map { drawing("trees/\($0).svg", "Tree") }
    let rules = ClipartRules(drawings, seriesLimit: 2, titleLimit: 3, captionLimit: 2)
    // Of the copies the deeper one.
    #expect(!rules.kept.contains(0) && rules.captions[1] == "A frog")
    // A person's name; the file is called after nobody else.
    #expect(rules.captions[2] == "john smith")
    #expect(rules.captions[3] == "old hat")
    #expect(rules.captions[4] == "" && !rules.kept.contains(4))
    #expect(rules.captions[5] == "bow saw")
    #expect(rules.kept.filter { (6..<15).contains($0) } == [6, 7] && rules.captions[6] == "gramastar")
    #expect(rules.captions[15..<19] == ["kite", "lamp post", "desk", "rug"])
    #expect(rules.kept.filter { $0 >= 19 } == [19, 20])
    #expect(rules.copies == [0])
    #expect(
      rules.omissions == [
        .init(reason: "beyond the first 2 of a numbered series, generated shapes among them", count: 7),
        .init(reason: "without a word in title and file name", count: 1),
        .init(reason: "beyond the first 2 with the same caption", count: 1),
      ])
    #expect(
      rules.notes == [
        "titles not used, words of the file name instead: 4 on more than 3 drawings, 1 a person's name, 2 without a word"
      ])
  }

  @Test func withoutThePackageTheCommandIsNamed() {
    var source = ClipartSource()
    source.folder = "/nowhere/svg"
    let error = #expect(throws: UserError.self) { try source.load(DataRequest()) }
    #expect(error?.mend?.contains("sudo apt-get install openclipart-svg") == true)
  }

  @Test(.enabled(if: SVGFile.isAvailable, "librsvg is not installed"), arguments: ClipartSource.Captions.allCases)
  func aFolderBecomesADataset(captions: ClipartSource.Captions) throws {
    try withTemporaryFolder { folder in
      let files = folder.appendingPathComponent("svg")
      let kinds = [("animals", "Bird", "wing"), ("food", "Apple", "fruit"), ("tools", "Saw", "iron")]
      for index in 0..<60 {
        let (category, name, keyword) = kinds[index % 3]
        let place = files.appending(path: "\(category)/kind\(index % 2 == 0 ? "" : "/deep")")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        let letters = String(UnicodeScalar(UInt8(97 + index % 26))) + String(UnicodeScalar(UInt8(97 + index / 26)))
        let text = Self.svg(
          title: index < 12 ? "Gallery of Ann" : "\(name) \(letters)\(letters)",
          keywords: [keyword, "hash", "Ann Other"],
          fill: "rgb(\(4 * index),90,30)")
        try Data(text.utf8).write(to: place.appending(path: "\(name)-of-\(letters)x.svg"))
      }
      try Data("<svg".utf8).write(to: files.appending(path: "animals/broken.svg"))
      var source = ClipartSource()
      (source.folder, source.imageSize, source.minimumTagUses, source.captions) = (files.path, 8, 5, captions)
      let request = DataRequest(cacheFolder: folder.appendingPathComponent("cache"))
      let dataset = try source.load(request)
      let splits = [dataset.train, dataset.validation, dataset.test]
      #expect(splits.map(\.count).reduce(0, +) == 60)
      #expect(dataset.tagNames["tags"]?.sorted() == ["fruit", "iron", "wing"])
      #expect(dataset.classNames["category"] == ["animals", "food", "tools"])
      #expect(dataset.provenance.omissions.contains { $0.count == 1 && $0.reason.contains("broken.svg") })
      let galleries = splits.map { $0.texts["caption"]?.count { $0 == "Gallery of Ann" } ?? 0 }
      // A title that stands on twelve drawings is that of a collection; held-out captions are always cleaned.
      #expect(galleries[1] == 0 && galleries[2] == 0 && (galleries[0] > 0) == (captions != .cleaned))
      // The second time all comes from the cache.
      #expect(try source.load(request).checksum == dataset.checksum)
      // Whatever is trained with, the same is held out, so that methods can be compared.
      source.captions = .cleaned
      let cleaned = try source.load(request)
      #expect(cleaned.checksum == dataset.checksum)
      #expect(cleaned.test.identifiers == dataset.test.identifiers && cleaned.test.texts == dataset.test.texts)
    }
  }

  @Test(.enabled(if: DebianPackage.clipart.location != nil && SVGFile.isAvailable, "the package is not installed"))
  func drawingsOfThePackageSayWhatTheyAre() throws {
    let folder = try #require(DebianPackage.clipart.location)
    let file = folder.appending(path: "shapes/jigsaw/jigsaw_blue_07.svg")
    let read = DrawingMetadata([UInt8](try Data(contentsOf: file)))
    #expect(read.title == "Clipart by Nicu Buculei - jigsaw_red_10")
    #expect(read.keywords == ["jigsaw", "shape"] && read.people == ["Nicu Buculei"])
  }
}
