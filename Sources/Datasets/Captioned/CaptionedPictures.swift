import Diagnostics
import Foundation

/// The pictures of a published set with their captions, as lists; picture files are read when they are needed.
///
/// | modality | kind |
/// | --- | --- |
/// | `image` | `imageSize` × `imageSize` × 3 in 0…1, the middle square |
/// | `caption` | tokens, see ``SubwordTokeniser`` |
/// | `tags` | multi-hot, where there are tags |
///
/// A picture with five captions is five observations that share the picture. Training sees each of them, or takes the five
/// for one whose caption is drawn, as ``TrainingCaptions`` says.
struct CaptionedPictures {
  static let image = "image"
  static let caption = "caption"
  static let tags = "tags"

  /// The set's name.
  let name: String
  /// The folder that the pictures' files are relative to.
  let folder: URL
  /// The pictures of training, validation and test.
  let sides: [[CaptionedPicture]]
  /// What each tag means; nil without tags.
  let tagNames: [String]?
  /// The digest of the files of annotations.
  let checksum: String
  /// Where the set is published.
  let source: DatasetProvenance.Source
  /// Facts for a reader.
  let notes: [String]

  /// What the lists are, whatever becomes of their texts.
  var identity: DataIdentity { DataIdentity(name: name, checksum: checksum) }

  /// Makes a data set of the lists.
  ///
  /// - Throws: `UserError` where a side has no picture with a caption, or a picture's file is missing.
  func dataset(_ form: CaptionedForm) throws(UserError) -> MultimodalDataset {
    var blank = 0
    let captioned = sides.map { side in
      side.compactMap { picture -> CaptionedPicture? in
        var picture = picture
        let count = picture.captions.count
        picture.captions.removeAll { TextIdentity.canonical($0).isEmpty }
        blank += count - picture.captions.count
        return picture.captions.isEmpty ? nil : picture
      }
    }
    let silent = zip(sides, captioned).reduce(0) { $0 + $1.0.count - $1.1.count }
    let names = ["train", "validation", "test"]
    for (side, pictures) in zip(names, captioned) where pictures.isEmpty {
      throw UserError(.data, "no picture with a caption is on the \(side) side", at: folder.path)
    }
    try checkFiles(captioned)
    let tokeniser = SubwordTokeniser(
      texts: captioned[0].lazy.flatMap(\.captions), vocabularySize: form.vocabularySize,
      minimumCount: form.minimumPieceCount)
    let pictureForm = PictureForm(ImageResize(side: form.imageSize))
    let pairs = captioned.map { CaptionedPairs($0) }
    let splits = names.indices.map { side in
      split(names[side], captioned[side], pairs[side], pictureForm, tokeniser, length: form.captionLength)
    }
    let counts = zip(captioned, pairs).map { "\($0.count) with \($1.captions.count) captions" }
    return MultimodalDataset(
      name: name, train: splits[0], validation: splits[1], test: splits[2], classNames: [:], checksum: checksum,
      tokenisers: [Self.caption: tokeniser], tagNames: tagNames.map { [Self.tags: $0] } ?? [:],
      provenance: DatasetProvenance(
        sources: [source],
        omissions: [
          .init(reason: "pictures without a caption", count: silent), .init(reason: "empty captions", count: blank),
        ].filter { $0.count > 0 },
        notes: ["pictures: \(counts.joined(separator: ", ")) (train, validation, test)"] + notes),
      pictureForms: [Self.image: pictureForm],
      alternatives: form.trainingCaptions == .drawn ? pairs[0].owners : nil)
  }

  private func checkFiles(_ sides: [[CaptionedPicture]]) throws(UserError) {
    let files = sides.joined().map { folder.appendingPathComponent($0.file) }
    let missing = files.filter { !FileManager.default.fileExists(atPath: $0.path) }
    guard let first = missing.first else { return }
    throw UserError(
      .inputOutput,
      "\(missing.count) of the \(files.count) pictures that the captions name \(missing.count == 1 ? "is" : "are") missing"
        + (missing.count == 1 ? "" : ", the first of them this"), at: first.path,
      mend: "unpack all pictures of \(name) there")
  }

  /// Pictures that stay in their files, each with all its captions.
  private func split(
    _ name: String, _ pictures: [CaptionedPicture], _ pairs: CaptionedPairs, _ form: PictureForm,
    _ tokeniser: SubwordTokeniser, length: Int
  ) -> MultimodalSplit {
    let files = PictureFiles(pictures.map { .file(folder.appendingPathComponent($0.file)) }, form: form)
    let owners = pairs.owners.map { Int32($0) }
    var columns = [
      ModalityColumn(modality: Modality(name: Self.image, kind: files.kind), stream: files, rows: owners),
      ModalityColumn(
        modality: Modality(
          name: Self.caption, kind: .tokens(length: length, vocabulary: tokeniser.vocabularyCount)),
        items: .tokens(tokeniser.encode(pairs.captions, length: length)),
        rows: owners.indices.map { Int32($0) }),
    ]
    if let tagNames {
      columns.append(
        ModalityColumn(
          modality: Modality(name: Self.tags, kind: .tags(count: tagNames.count)),
          items: .numbers(
            pictures.flatMap { picture in
              var vector = [Float](repeating: 0, count: tagNames.count)
              for tag in picture.tags ?? [] { vector[tag] = 1 }
              return vector
            }), rows: owners))
    }
    let identifiers = pairs.owners.indices.map { pair in
      let owner = pairs.owners[pair]
      return "\(pictures[owner].identifier)#\(pair - pairs.firsts[owner])"
    }
    // What shares a picture or a caption is one family.
    let families = FamilySplit.families(
      names: pairs.owners.map { pictures[$0].identifier },
      shared: [pairs.owners, FamilySplit.numbers(of: pairs.captions.map(TextIdentity.canonical))])
    return MultimodalSplit(
      name: name, columns: columns, labels: [:], identifiers: identifiers, texts: [Self.caption: pairs.captions],
      families: families.numbers.map { families.names[$0] })
  }
}

/// The pairs of pictures and captions, picture by picture.
struct CaptionedPairs: Sendable {
  /// The picture of each pair.
  let owners: [Int]
  /// The first pair of each picture.
  let firsts: [Int]
  /// The caption of each pair.
  let captions: [String]

  init(_ pictures: [CaptionedPicture]) {
    var (owners, firsts): ([Int], [Int]) = ([], [])
    for (index, picture) in pictures.enumerated() {
      firsts.append(owners.count)
      owners += repeatElement(index, count: picture.captions.count)
    }
    (self.owners, self.firsts) = (owners, firsts)
    captions = pictures.flatMap(\.captions)
  }
}
