import Datasets
import Diagnostics
import Foundation
import SampleFolders
import Testing

struct StampDatasetTests {
  private func load(
    count: Int = 60, options change: (inout StampSource) -> Void = { _ in }, files: (URL) throws -> Void = { _ in }
  ) throws -> MultimodalDataset {
    var result: Result<MultimodalDataset, any Error>?
    try withTemporaryFolder { folder in
      let stamps = folder.appendingPathComponent("stamps")
      try SampleStamps.write(to: stamps, count: count)
      try files(stamps)
      var source = StampSource()
      (source.folder, source.imageSize, source.frames, source.bands) = (stamps.path, 8, 4, 6)
      source.sampleRate = 8000
      change(&source)
      result = Result { try source.load(DataRequest(cacheFolder: folder.appendingPathComponent("cache"))) }
    }
    return try #require(result).get()
  }

  private func splits(_ dataset: MultimodalDataset) -> [MultimodalSplit] {
    [dataset.train, dataset.validation, dataset.test]
  }

  @Test func everyStampHasWhatLiesBesideIt() throws {
    let dataset = try load()
    #expect(
      dataset.modalities.map(\.name) == [
        "image", "caption-en", "caption-ko", "speech-fr", "speech-es", "sound", "tags",
      ])
    var seen: Set<String> = []
    for split in splits(dataset) {
      for (row, identifier) in split.identifiers.enumerated() {
        seen.insert(identifier)
        let index = try #require(Int(identifier.split(separator: "_").last ?? ""))
        #expect(split.isPresent("image", at: row) && split.isPresent("caption-en", at: row))
        #expect(split.isPresent("caption-ko", at: row) == (index % 5 != 3), "\(identifier)")
        // The French of 6 is a copy.
        #expect(split.isPresent("speech-fr", at: row) == (index % 7 != 5), "\(identifier)")
        #expect(split.isPresent("speech-es", at: row) == (index % 2 == 0), "\(identifier)")
        #expect(split.isPresent("sound", at: row) == (index % 10 == 0), "\(identifier)")
        let korean = try #require(split.texts["caption-ko"])[row]
        #expect(korean.isEmpty == (index % 5 == 3))
        #expect(try #require(split.texts["caption-en"])[row].hasPrefix("A "))
      }
    }
    #expect(seen.count == 60)
    #expect(dataset.classNames["category"] == ["animals", "food", "vehicles"])
    #expect(dataset.classNames["subcategory"] == ["animals, birds", "animals, fish", "food, fruit", "vehicles"])
    #expect(dataset.tagNames["tags"]?.sorted() == ["animals", "birds", "fish", "food", "fruit", "vehicles"])
    #expect(!dataset.provenance.picturesMayBePublished)
  }

  @Test func stampsThatShareAnythingStayTogether() throws {
    for seed in 0..<4 {
      let dataset = try load(count: 40) { $0.splitSeed = UInt64(seed) }
      var sides: [Int: String] = [:]
      for split in splits(dataset) {
        for identifier in split.identifiers {
          sides[try #require(Int(identifier.split(separator: "_").last ?? ""))] = split.name
        }
      }
      for (first, second) in [(0, 4), (1, 5), (2, 6)] { #expect(sides[first] == sides[second], "\(first), \(second)") }
    }
  }

  @Test func bandsAreStandardisedByTraining() throws {
    let dataset = try load()
    let column = dataset.train.column(of: "speech-fr")
    guard case .numbers(let values) = column.items else { return #expect(Bool(false), "no numbers") }
    // Every observation counts, whoever else has an equal recording.
    let size = column.modality.kind.elementCount
    let items = column.rows.filter { $0 != ModalityColumn.absent }.map { Int($0) * size }
    #expect(values.count < items.count * size)
    for band in 0..<6 {
      let own = items.flatMap { start in
        stride(from: start + band, to: start + size, by: 6).map { Double(values[$0]) }
      }
      let mean = own.reduce(0, +) / Double(own.count)
      #expect(abs(mean) < 1e-4, "band \(band)")
      let square = own.map { $0 * $0 }.reduce(0, +) / Double(own.count)
      #expect(abs(square - 1) < 1e-3 || square < 1e-9, "band \(band)")
    }
  }

  @Test func languagesAreThoseThatThereAre() throws {
    let dataset = try load {
      $0.languages = ["fr"]
      $0.speech = []
      $0.withSound = false
    }
    #expect(dataset.modalities.map(\.name) == ["image", "caption-fr", "tags"])
    let error = #expect(throws: UserError.self) { try load { $0.languages = ["en", "xx"] } }
    #expect(error?.what == "no stamp has a caption in `xx`" && error?.place == "languages")
    #expect(error?.mend == "there is en, fr, ko")
    let speech = #expect(throws: UserError.self) { try load { $0.speech = ["de"] } }
    #expect(speech?.what == "no stamp has speech in `de`" && speech?.mend == "there is fr, es")
  }

  @Test func brokenFilesCountAsMissingAndAllOfThemAreAnError() throws {
    let dataset = try load(files: { folder in
      try Data("broken".utf8).write(to: folder.appending(path: "food/fruit/apple_2_desc_es.wav"))
      try Data("broken".utf8).write(to: folder.appending(path: "vehicles/car_3.png"))
    })
    #expect(splits(dataset).map(\.count).reduce(0, +) == 59)
    let notes = dataset.provenance.notes.joined(separator: "\n")
    #expect(notes.contains("1 recordings of `speech-es` cannot be read and count as missing, the first: "))
    #expect(dataset.provenance.omissions.contains { $0.count == 1 && $0.reason.contains("car_3.png") })
    let error = #expect(throws: UserError.self) {
      try load(
        count: 12,
        files: { folder in
          let names = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
          for name in names where name.hasSuffix("_desc_fr.ogg") {
            try Data([0x1a, 0x45, 0xdf, 0xa3] + [UInt8](repeating: 7, count: 99)).write(
              to: folder.appending(path: name))
          }
        })
    }
    #expect(error?.what.hasPrefix("no recording of `speech-fr` can be read, the first: ") == true)
    #expect(error?.what.contains("but Matroska or WebM") == true, "\(error?.what ?? "")")
  }

  @Test func withoutThePackageTheCommandIsNamed() {
    var source = StampSource()
    source.folder = "/nowhere/stamps"
    let error = #expect(throws: UserError.self) { try source.load(DataRequest()) }
    #expect(error?.place == "/nowhere/stamps")
    #expect(error?.mend?.contains("sudo apt-get install tuxpaint-stamps-default") == true)
  }

  @Test(.enabled(if: DebianPackage.stamps.location != nil && SVGFile.isAvailable, "the package is not installed"))
  func thePackageHasWhatItHad() throws {
    var source = StampSource()
    // Speech alone takes long to decode.
    (source.speech, source.withSound, source.imageSize) = ([], false, 8)
    let dataset = try source.load(DataRequest(cacheFolder: FileManager.default.temporaryDirectory))
    #expect(splits(dataset).map(\.count).reduce(0, +) > 900)
    #expect(dataset.classNames["category"]?.count == 16)
    #expect(dataset.test.column(of: "caption-ko").absentCount < 10)
  }
}
