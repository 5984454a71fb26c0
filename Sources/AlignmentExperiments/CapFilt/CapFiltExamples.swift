import Datasets
import Foundation
import Runs

/// Pictures with the captions that the filter keeps and drops.
struct CapFiltExamples {
  /// The most pictures of wrong captions, and of right ones.
  private static let most = 6

  let parts: WebCaptions
  let data: AlignedData
  /// What was written for each picture of the web.
  let written: [String]
  /// Whether the caption of each picture of the web is kept.
  let isKept: [Bool]
  /// Whether what was written is kept, where something was.
  let writtenIsKept: [Int: Bool]

  /// Writes the file of a figure; nothing where pictures cannot be shown or the data keep no texts.
  func write(to folder: URL) throws {
    guard case .image(let height, let width, let channels) = data.modalities[parts.places.image].kind,
      [1, 3].contains(channels), let first = parts.web.indices.first, !parts.texts(of: first).own.isEmpty
    else { return }
    func spread(_ places: [Int]) -> [Int] {
      places.count <= Self.most ? places : (0..<Self.most).map { places[$0 * places.count / Self.most] }
    }
    let places =
      spread(parts.web.indices.filter { parts.isWrong[$0] }) + spread(parts.web.indices.filter { !parts.isWrong[$0] })
    guard !places.isEmpty,
      case .numbers(let pixels) = try data.items(
        of: parts.places.image, at: places.map { parts.web[$0] }, in: .train)
    else { return }
    let size = height * width * channels
    let blank = [Float](repeating: 1, count: size)
    let rows = places.map { place in
      let texts = parts.texts(of: place)
      return PictureGridFile.Row(
        name: parts.isWrong[place] ? "wrong" : "right", captions: [texts.own, texts.has, written[place]],
        frames: [1: isKept[place] ? 0 : 1, 2: writtenIsKept[place] == true ? 0 : 1], wordsOnly: [1, 2])
    }
    try PictureGridFile(
      title: "captions that the filter judged",
      caption:
        "Each row is a picture of the training side over the caption that people gave it, the caption that it has in the noisy "
        + "set, which is wrong or right, and what the captioner wrote for it. Frames say what the filter does with both. "
        + "Pictures are evenly spread over those of wrong captions and those of right ones.",
      rows: rows, columnNames: ["picture", "caption", "written"], kinds: ["kept", "dropped"],
      mayBePublished: data.dataset.provenance.picturesMayBePublished
    ).write(
      pictures: places.indices.flatMap { pixels[$0 * size..<($0 + 1) * size] + blank + blank },
      shape: [places.count, 3, height, width, channels], name: "capfilt", to: folder)
  }
}
