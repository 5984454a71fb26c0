import Diagnostics
import Foundation
import Kernels

/// The drawings of a folder with what the rules made of their captions, before and after the split.
struct ClipartDataset {
  private let options: ClipartSource
  private let drawings: [ClipartRules.Drawing]
  private let rules: ClipartRules
  private let pixels: [UInt8]
  private let looks: [Int]
  /// What is left out with any captions.
  private let omissions: [DatasetProvenance.Omission]
  private let note: String?

  /// Reads and draws all files.
  init(_ options: ClipartSource, cache: DatasetCache) throws(UserError) {
    self.options = options
    let folder = URL(fileURLWithPath: options.folder, isDirectory: true)
    let package = DebianPackage.clipart
    let mend = "install the Debian package \(package.name) (\(package.command)) or set folder"
    let paths = try FileTree.paths(in: folder, mend: mend).filter { $0.lowercased().hasSuffix(".svg") }
    guard !paths.isEmpty else { throw UserError(.data, "has no drawings", at: folder.path, mend: mend) }
    let files = paths.map { folder.appendingPathComponent($0) }
    let drawn = try DrawnPictures(files, side: options.imageSize, name: "clipart", cache: cache)
    let metadata = Self.metadata(files, digests: drawn.digests, cache: cache)
    let good = paths.indices.filter { drawn.faults[$0] == nil }
    var omissions: [DatasetProvenance.Omission] = []
    if let fault = drawn.faults.lazy.compactMap({ $0 }).first {
      guard !good.isEmpty else {
        throw UserError(.data, "no drawing can be read, the first: \(fault)", at: folder.path)
      }
      omissions.append(
        .init(reason: "drawings that cannot be drawn, the first: \(fault)", count: paths.count - good.count))
    }
    let drawings = good.map { place in
      ClipartRules.Drawing(path: paths[place], digest: drawn.digests[place], metadata: metadata[place])
    }
    let rules = ClipartRules(
      drawings, seriesLimit: options.seriesLimit, titleLimit: options.titleLimit, captionLimit: options.captionLimit)
    let size = DrawnPictures.resize(side: options.imageSize).elementCount
    pixels = good.flatMap { drawn.pixels[$0 * size..<($0 + 1) * size] }
    let allLooks = drawn.looks(side: options.imageSize)
    looks = good.map { allLooks[$0] }
    omissions.append(.init(reason: "copies of a drawing in another folder", count: rules.copies.count))
    (self.drawings, self.rules, self.omissions, note) = (drawings, rules, omissions, drawn.note)
  }

  /// What the files say of themselves, from the cache where it has the same files.
  private static func metadata(_ files: [URL], digests: [String], cache: DatasetCache) -> [DrawingMetadata] {
    var key = SHA256()
    key.update("metadata 2")
    for digest in digests { key.update(digest) }
    if let data = cache.read(name: "clipart-metadata", key: key.hexDigest),
      let known = try? JSONDecoder().decode([DrawingMetadata].self, from: data), known.count == files.count
    {
      return known
    }
    var metadata = [DrawingMetadata](repeating: DrawingMetadata(), count: files.count)
    metadata.withUnsafeMutableBufferPointer { metadata in
      Parallel.run(count: files.count) { part in
        for index in part where !digests[index].isEmpty {
          // What cannot be read any more has no title.
          guard let bytes = try? FolderTable.contents(of: files[index], limit: SVGFile.largestFile) else { continue }
          metadata[index] = DrawingMetadata(bytes)
        }
      }
    }
    let found = metadata
    if let data = try? JSONEncoder().encode(found) {
      _ = cache.write(data, name: "clipart-metadata", key: key.hexDigest)
    }
    return found
  }

  /// Splits the drawings and makes columns of each side.
  func dataset(fold: DataFold? = nil) throws(UserError) -> MultimodalDataset {
    let families = self.families
    let (sides, omissions) = try split(families: families, fold: fold)
    let used = sides.joined().sorted()
    let tree = ClassTree(paths: used.map { drawings[$0].path })
    let places = Dictionary(uniqueKeysWithValues: used.enumerated().map { ($1, $0) })
    func classes(_ names: NumberedNames, _ members: [Int]) -> [Int32] {
      members.compactMap { places[$0] }.map { names.numbers[$0] }
    }
    let cleaned = rules.captions
    let trained = sides[0].map { options.captions == .cleaned ? cleaned[$0] : drawings[$0].rawCaption }
    let tokeniser = SubwordTokeniser(texts: trained, vocabularySize: options.vocabularySize)
    let length = options.captionLength ?? tokeniser.length(holding: trained)
    let tags = TagSets(
      words: drawings.map { Self.keywords($0.metadata) }, training: sides[0], families: families.numbers,
      minimumUses: options.minimumTagUses, most: 1024)
    let splits = zip(["train", "validation", "test"], sides).map { name, members in
      let captions = name == "train" ? trained : members.map { cleaned[$0] }
      return MultimodalSplit(
        name: name,
        columns: [
          .pictures(pixels, side: options.imageSize, places: members),
          .texts(captions, tokeniser: tokeniser, length: length, named: "caption"), tags.column(members),
        ],
        labels: [
          "category": classes(tree.categories, members), "subcategory": classes(tree.subcategories, members),
        ], identifiers: members.map { drawings[$0].path }, texts: ["caption": captions],
        families: members.map { families.names[families.numbers[$0]] })
    }
    let own = [
      "split by family, seed \(options.splitSeed)\(fold.map { ", \($0.text)" } ?? ""): \(Set(used.map { families.numbers[$0] }).count) families of drawings "
        + "that look or are called the same, or belong to a numbered series",
      "training captions: \(options.captions.rawValue)",
      "\(used.count { tags.isEmpty($0) }) of \(used.count) drawings have no tag",
    ]
    return MultimodalDataset(
      name: ClipartSource.key, train: splits[0], validation: splits[1], test: splits[2],
      classNames: [
        "category": tree.categories.names.map(Self.words), "subcategory": tree.subcategories.names.map(Self.words),
      ], checksum: checksum, tokenisers: ["caption": tokeniser], tagNames: ["tags": tags.names],
      provenance: DatasetProvenance(
        sources: [
          .init(
            name: "Open Clip Art Library", publisher: "Debian package \(DebianPackage.clipart.name); openclipart.org",
            licence: "public domain")
        ], omissions: omissions.filter { $0.count > 0 }, notes: own + rules.notes + (note.map { [$0] } ?? [])),
      pictureForms: ["image": PictureForm(DrawnPictures.resize(side: options.imageSize))])
  }

  /// The sides of the drawings that the rules keep; with `all` captions the others join the training side, but for those
  /// whose family is on another.
  private func split(
    families: (numbers: [Int], names: [String]), fold: DataFold?
  ) throws(UserError) -> (sides: [[Int]], omissions: [DatasetProvenance.Omission]) {
    let kept = rules.kept
    let tree = ClassTree(paths: kept.map { drawings[$0].path })
    let own = FamilySplit.numbers(of: kept.map { families.numbers[$0] })
    var names: [String] = []
    for (place, number) in own.enumerated() where number == names.count {
      names.append(families.names[families.numbers[kept[place]]])
    }
    var sides = tree.sides(
      families: (own, names), validation: options.validationFraction, test: options.testFraction,
      seed: options.splitSeed, dataset: ClipartSource.key, fold: fold
    ).map { side in side.map { kept[$0] } }
    guard sides.allSatisfy({ !$0.isEmpty }) else {
      throw UserError(
        .data, "the split \(sides.map(\.count)) leaves a side without drawings", at: "testFraction",
        mend: "give validationFraction and testFraction other values")
    }
    guard options.captions == .all else { return (sides, omissions + rules.omissions) }
    let held = Set((sides[1] + sides[2]).map { families.numbers[$0] })
    let others = Set(drawings.indices).subtracting(kept).subtracting(rules.copies)
    let joined = others.filter { !held.contains(families.numbers[$0]) }
    sides[0] = (sides[0] + joined).sorted()
    return (
      sides, omissions + [.init(reason: "of a family that is held out", count: others.count - joined.count)]
    )
  }

  /// Drawings that share their file, their look, their caption or their series.
  private var families: (numbers: [Int], names: [String]) {
    let captions = FamilySplit.numbers(of: rules.captions.map(ClipartRules.plain))
    return FamilySplit.families(
      names: drawings.map(\.path),
      shared: [
        looks, FamilySplit.numbers(of: drawings.map(\.digest)), FamilySplit.numbers(of: drawings.map(\.series)),
        zip(captions, rules.captions).map { $1.isEmpty ? nil : $0 },
      ])
  }

  /// The digest of what was read, and of the size it was made into; the other options are the recipe's. Whatever captions
  /// are trained with, the same drawings are held out with the same captions.
  private var checksum: String {
    var hash = SHA256()
    hash.update("clipart 2 \(options.imageSize)\n")
    for (index, drawing) in drawings.enumerated() {
      hash.update("\(drawing.path) \(drawing.digest) \(rules.captions[index])\n")
    }
    return hash.hexDigest
  }

  /// Keywords in lower case without people's names and what a program wrote by mistake (`hash`, `HASH(0x…)`).
  static func keywords(_ metadata: DrawingMetadata) -> Set<String> {
    let people = Set(metadata.people.map(ClipartRules.plain))
    return Set(metadata.keywords.map { words(ClipartRules.plain($0)) })
      .filter { ClipartRules.hasWord($0) && !$0.hasPrefix("hash") && !people.contains($0) }
  }

  private static func words(_ name: String) -> String {
    name.map { $0 == "_" ? " " : $0 == "/" ? ", " : String($0) }.joined()
  }
}
