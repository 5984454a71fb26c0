import Diagnostics
import Foundation

/// The stamps of a folder with their decoded files, before and after the split.
struct StampDataset {
  /// The recordings of one modality: its items and which stamp has which.
  private struct Recordings {
    let name: String
    var values: [Float]
    let places: [Int?]
    let digests: [String?]
  }

  private let options: StampSource
  private var stamps: [Stamp]
  private let pixels: [UInt8]
  private let looks: [Int]
  private let pictureDigests: [String]
  private var recordings: [Recordings] = []
  private let list: StampList
  private let omissions: [DatasetProvenance.Omission]
  private var notes: [String] = []

  /// Reads all files.
  init(_ options: StampSource, cache: DatasetCache) throws(UserError) {
    self.options = options
    let list = try StampList(folder: URL(fileURLWithPath: options.folder, isDirectory: true))
    try list.check(options.languages, among: list.captionCounts, what: "a caption", key: "languages")
    try list.check(options.speech, among: list.speechCounts, what: "speech", key: "speech")
    var omissions = list.omissions
    let drawn = try DrawnPictures(list.stamps.map(\.picture), side: options.imageSize, name: "stamps", cache: cache)
    let good = list.stamps.indices.filter { drawn.faults[$0] == nil }
    guard !good.isEmpty else {
      let first = drawn.faults.lazy.compactMap { $0 }.first
      throw UserError(.data, "no picture can be read, the first: \(first?.description ?? "")", at: options.folder)
    }
    if let fault = drawn.faults.lazy.compactMap({ $0 }).first {
      omissions.append(
        .init(reason: "pictures that cannot be read, the first: \(fault)", count: list.stamps.count - good.count))
    }
    stamps = good.map { list.stamps[$0] }
    let size = DrawnPictures.resize(side: options.imageSize).elementCount
    pixels = good.flatMap { drawn.pixels[$0 * size..<($0 + 1) * size] }
    let allLooks = drawn.looks(side: options.imageSize)
    looks = good.map { allLooks[$0] }
    pictureDigests = good.map { drawn.digests[$0] }
    (self.list, self.omissions) = (list, omissions)
    notes += drawn.note.map { [$0] } ?? []
    for language in options.speech { try read("speech-\(language)", cache) { $0.speech[language] } }
    if options.withSound, stamps.contains(where: { $0.sound != nil }) { try read("sound", cache) { $0.sound } }
  }

  /// Decodes the recordings of one modality.
  private mutating func read(_ name: String, _ cache: DatasetCache, _ file: (Stamp) -> URL?) throws(UserError) {
    let window = max(2, options.sampleRate / 20)
    var length = 2
    while length < 2 * window { length *= 2 }
    let spectrogram = LogMelSpectrogram(
      sampleRate: options.sampleRate, frames: options.frames, bands: options.bands, windowLength: window,
      transformLength: length)
    let owners = stamps.indices.filter { file(stamps[$0]) != nil }
    let rate = options.sampleRate
    let features = FileFeatures<Float>(
      owners.compactMap { file(stamps[$0]) }, name: "stamps-\(name)",
      settings: "audio \(rate) \(options.frames) \(options.bands) \(window)",
      elementCount: options.frames * options.bands, cache: cache
    ) { bytes, place throws(UserError) in
      let recording = try AudioFile(bytes, place: place)
      return .init(
        values: spectrogram.spectrogram(of: recording.samples(at: rate)),
        size: SIMD2(Int32(recording.sampleRate), Int32(recording.samples.count)))
    }
    var (places, digests) = (
      [Int?](repeating: nil, count: stamps.count), [String?](repeating: nil, count: stamps.count)
    )
    for (place, owner) in owners.enumerated() where features.faults[place] == nil {
      places[owner] = place
      digests[owner] = features.digests[place]
    }
    if let fault = features.faults.lazy.compactMap({ $0 }).first {
      notes.append(
        "\(features.faults.count { $0 != nil }) recordings of `\(name)` cannot be read and count as missing, the first: "
          + "\(fault)")
      guard places.contains(where: { $0 != nil }) else {
        throw UserError(.data, "no recording of `\(name)` can be read, the first: \(fault)", at: options.folder)
      }
    }
    notes += features.note.map { [$0] } ?? []
    recordings.append(Recordings(name: name, values: features.values, places: places, digests: digests))
  }

  /// Splits the stamps and makes columns of each side.
  func dataset(fold: DataFold? = nil) throws(UserError) -> MultimodalDataset {
    let tree = ClassTree(paths: stamps.map(\.path))
    let families = self.families
    let sides = tree.sides(
      families: families, validation: options.validationFraction, test: options.testFraction, seed: options.splitSeed,
      dataset: StampSource.key, fold: fold)
    guard sides.allSatisfy({ !$0.isEmpty }) else {
      throw UserError(
        .data, "the split \(sides.map(\.count)) leaves a side without stamps", at: "testFraction",
        mend: "give validationFraction and testFraction other values")
    }
    let tags = TagSets(
      words: tree.folders.map { Set($0.map(Self.word)) }, training: sides[0], families: families.numbers,
      minimumUses: options.minimumTagUses, most: 512)
    let captions = options.languages.map { language in
      (name: "caption-\(language)", texts: stamps.map { $0.captions[language] ?? "" })
    }
    let learnt = captions.map { caption in sides[0].map { caption.texts[$0] }.filter { !$0.isEmpty } }
    let tokenisers = learnt.map { SubwordTokeniser(texts: $0, vocabularySize: options.vocabularySize) }
    let lengths = zip(tokenisers, learnt).map { options.captionLength ?? $0.length(holding: $1) }
    let kind = ModalityKind.spectrogram(frames: options.frames, bands: options.bands)
    let sounds = recordings.map { recordings in
      var values = recordings.values
      StandardisedBands.standardise(
        &values, size: kind.elementCount, bands: options.bands, training: sides[0].compactMap { recordings.places[$0] })
      return values
    }
    let splits = zip(["train", "validation", "test"], sides).map { name, members in
      var columns = [ModalityColumn.pictures(pixels, side: options.imageSize, places: members)]
      for (caption, (tokeniser, length)) in zip(captions, zip(tokenisers, lengths)) {
        columns.append(
          .texts(members.map { caption.texts[$0] }, tokeniser: tokeniser, length: length, named: caption.name))
      }
      for (recordings, values) in zip(recordings, sounds) {
        columns.append(
          .numbers(values, places: members.map { recordings.places[$0] }, kind: kind, named: recordings.name))
      }
      columns.append(tags.column(members))
      return MultimodalSplit(
        name: name, columns: columns,
        labels: [
          "category": members.map { tree.categories.numbers[$0] },
          "subcategory": members.map { tree.subcategories.numbers[$0] },
        ], identifiers: members.map { stamps[$0].path },
        texts: Dictionary(uniqueKeysWithValues: captions.map { ($0.name, $0.texts) }).mapValues { texts in
          members.map { texts[$0] }
        }, families: members.map { families.names[families.numbers[$0]] })
    }
    return MultimodalDataset(
      name: StampSource.key, train: splits[0], validation: splits[1], test: splits[2],
      classNames: [
        "category": tree.categories.names.map(Self.word),
        "subcategory": tree.subcategories.names.map {
          $0.split(separator: "/").map { Self.word(String($0)) }.joined(separator: ", ")
        },
      ], checksum: checksum, tokenisers: Dictionary(uniqueKeysWithValues: zip(captions.map(\.name), tokenisers)),
      tagNames: ["tags": tags.names], provenance: provenance(families: families.names.count, tags: tags, fold: fold),
      pictureForms: ["image": PictureForm(DrawnPictures.resize(side: options.imageSize))])
  }

  /// Stamps that share a picture, a caption or a recording.
  private var families: (numbers: [Int], names: [String]) {
    var shared: [[Int?]] = [looks, FamilySplit.numbers(of: pictureDigests)]
    for language in options.languages {
      let numbers = FamilySplit.numbers(of: stamps.map { $0.captions[language]?.lowercased() ?? "" })
      shared.append(zip(numbers, stamps).map { number, stamp in stamp.captions[language] == nil ? nil : number })
    }
    for recordings in recordings {
      let numbers = FamilySplit.numbers(of: recordings.digests)
      shared.append(zip(numbers, recordings.digests).map { number, digest in digest == nil ? nil : number })
    }
    return FamilySplit.families(names: stamps.map(\.path), shared: shared)
  }

  /// The digest of all files and texts that were read, with the options that decide what is made of them.
  private var checksum: String {
    var hash = SHA256()
    hash.update("stamps 1 \(options.imageSize) \(options.sampleRate) \(options.frames) \(options.bands)\n")
    for (index, stamp) in stamps.enumerated() {
      hash.update("\(stamp.path) \(pictureDigests[index])\n")
      for language in options.languages { hash.update("\(language) \(stamp.captions[language] ?? "")\n") }
      for recordings in recordings { hash.update("\(recordings.name) \(recordings.digests[index] ?? "")\n") }
    }
    return hash.hexDigest
  }

  private func provenance(families: Int, tags: TagSets, fold: DataFold?) -> DatasetProvenance {
    func list(_ counts: [String: Int]) -> String {
      counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(12).map { "\($0.key) \($0.value)" }
        .joined(separator: ", ")
    }
    let own = [
      "split by family, seed \(options.splitSeed)\(fold.map { ", \($0.text)" } ?? ""): \(families) families of stamps that "
        + "share a picture, a caption or a recording",
      "captions in \(self.list.captionCounts.count) languages: \(list(self.list.captionCounts)), …",
      "speech in \(self.list.speechCounts.count) languages: \(list(self.list.speechCounts)); voices as shipped, of which "
        + "some may be synthetic",
      "\(tags.emptyCount) stamps have no tag",
    ]
    return DatasetProvenance(
      sources: [
        .init(
          name: "Tux Paint stamps", publisher: "Debian package \(DebianPackage.stamps.name); tuxpaint.org",
          licence: "GPL-2 or later")
      ], omissions: omissions, notes: own + notes, picturesMayBePublished: false)
  }

  /// The name of a folder as words: `body_parts` is `body parts`.
  private static func word(_ folder: String) -> String {
    folder.map { $0 == "_" || $0 == "-" ? " " : String($0) }.joined().trimmingCharacters(in: .whitespaces)
  }
}
