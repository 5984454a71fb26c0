import Datasets
import Diagnostics
import Evaluation
import Foundation
import Kernels
import Runs
import Training

/// Some observations of the reported side with what is nearest to them, as pictures beside each other.
///
/// Queries are evenly spread over the side from a beginning that the seed draws. Each of the three grids is a
/// `PictureGridFile`; those of retrieval need a space that images and captions share.
struct MCTExamples {
  /// For images: the training images nearest in features.
  static let neighboursName = "neighbours"
  /// For captions: the images found, and where its own stands.
  static let imagesName = "images-by-caption"
  /// For images: the captions found.
  static let captionsName = "captions-by-image"

  /// An observation that was found.
  private struct Hit {
    let row: Int
    let cosine: Float
  }

  let model: MCTModel
  let side: MCTData.Side
  let training: MCTFeatures
  let reported: MCTFeatures
  /// How many are shown for a query.
  private let nearest = 5

  /// Writes the files; none where no example is wanted.
  func write(to folder: URL) throws {
    let rows = queries
    guard !rows.isEmpty else { return }
    try writeNeighbours(of: rows, to: folder)
    guard let images = reported.imageCommon, let captions = reported.captionCommon else { return }
    try writeImages(of: rows, images: images, captions: captions, to: folder)
    try writeCaptions(of: rows, images: images, captions: captions, to: folder)
  }

  /// The rows that are shown.
  private var queries: [Int] {
    let count = min(model.settings.evaluation.examples, side.count)
    guard count > 0 else { return [] }
    var stream = RandomStream(seed: UInt64(bitPattern: Int64(model.state.seed)), name: "examples")
    let first = stream.below(side.count / count)
    return (0..<count).map { first + $0 * side.count / count }
  }

  private func writeNeighbours(of rows: [Int], to folder: URL) throws {
    let train = model.data.train
    let hits = hits(rows, queries: reported.image, candidates: training.image)
    let labelling = model.data.labellings.first
    let (own, others) = (labels(of: side), labels(of: train))
    var pictures: [Float] = []
    let lines = zip(rows, hits).map { row, hits in
      pictures += model.data.pixels([row], of: side) + model.data.pixels(hits.map(\.row), of: train)
      let same = own.isEmpty ? [] : hits.indices.filter { others[hits[$0].row] == own[row] }
      return PictureGridFile.Row(
        name: className(row, of: side) ?? "", captions: [name(row, of: side)] + words(hits, of: train),
        frames: frames(same))
    }
    var caption =
      "Each row is an image of the \(side.split.name) side with the training images nearest to it in features "
    caption += "before the heads, the nearest first, with their cosine."
    if let labelling { caption += " Framed: of the same \(labelling), which stands before the row." }
    try PictureGridFile(
      title: "nearest training images", caption: caption + spread, rows: lines,
      columnNames: ["query"] + numbers(hits[0]), kinds: labelling.map { ["the same \($0)"] }
    ).write(
      pictures: pictures, shape: shape(rows: rows.count, columns: 1 + hits[0].count), name: Self.neighboursName,
      to: folder)
  }

  private func writeImages(of rows: [Int], images: Matrix, captions: Matrix, to folder: URL) throws {
    let ranks = Retrieval(queries: captions, candidates: images).ranks
    let hits = hits(rows, queries: captions, candidates: images)
    let count = hits[0].count
    var pictures: [Float] = []
    let lines = zip(rows, hits).map { row, hits in
      pictures += blank(1) + model.data.pixels(hits.map(\.row) + [row], of: side)
      return PictureGridFile.Row(
        name: "",
        captions: [name(row, of: side)] + words(hits, of: side)
          + ["rank \(text(rank: ranks[row]))"],
        frames: frames(hits.indices.filter { hits[$0].row == row }), wordsOnly: [0])
    }
    try PictureGridFile(
      title: "images found by captions",
      caption:
        "Each row is a caption of the \(side.split.name) side with the images of the side that are nearest to it, "
        + "the nearest first, with their cosine and own captions. The right one is framed; it stands last with its rank "
        + "among \(side.count)." + spread,
      rows: lines, columnNames: ["caption"] + numbers(hits[0]) + ["its own"],
      kinds: ["the right one"]
    ).write(pictures: pictures, shape: shape(rows: rows.count, columns: count + 2), name: Self.imagesName, to: folder)
  }

  private func writeCaptions(of rows: [Int], images: Matrix, captions: Matrix, to folder: URL) throws {
    let ranks = Retrieval(queries: images, candidates: captions).ranks
    let hits = hits(rows, queries: images, candidates: captions)
    let count = hits[0].count
    var pictures: [Float] = []
    let lines = zip(rows, hits).map { row, hits in
      pictures += model.data.pixels([row], of: side) + blank(count)
      return PictureGridFile.Row(
        name: "rank \(text(rank: ranks[row]))",
        captions: [name(row, of: side)] + words(hits, of: side),
        frames: frames(hits.indices.filter { hits[$0].row == row }), wordsOnly: Array(1...count))
    }
    try PictureGridFile(
      title: "captions found by images",
      caption:
        "Each row is an image of the \(side.split.name) side over its caption, with the captions of the side that "
        + "are nearest to it, the nearest first, with their cosine. The right one is framed; before the row stands its "
        + "rank among \(side.count)." + spread,
      rows: lines, columnNames: ["image"] + numbers(hits[0]), kinds: ["the right one"]
    ).write(pictures: pictures, shape: shape(rows: rows.count, columns: count + 1), name: Self.captionsName, to: folder)
  }

  private var spread: String { " Queries are evenly spread over the side." }

  /// For each query the nearest candidates, the nearest first.
  private func hits(_ rows: [Int], queries: Matrix, candidates: Matrix) -> [[Hit]] {
    let cosines = queries.gathering(rows).normalisingRows().multiplied(
      by: candidates.normalisingRows(), transposingOther: true)
    return rows.indices.map { place in
      let order = (0..<candidates.rows).sorted { (cosines[place, $1], $0) < (cosines[place, $0], $1) }
      return order.prefix(nearest).map { Hit(row: $0, cosine: cosines[place, $0]) }
    }
  }

  /// Frames of the only kind around some of what was found, which stands behind the query.
  private func frames(_ places: [Int]) -> [Int: Int]? {
    places.isEmpty ? nil : Dictionary(uniqueKeysWithValues: places.map { ($0 + 1, 0) })
  }

  /// The names of the columns of what was found.
  private func numbers(_ hits: [Hit]) -> [String] { hits.indices.map { "\($0 + 1)" } }

  private func words(_ hits: [Hit], of side: MCTData.Side) -> [String] {
    hits.map { hit in
      let cosine = String(format: "%.2f", hit.cosine).replacing("-", with: "−")
      return "\(cosine) \(name(hit.row, of: side))"
    }
  }

  private func blank(_ count: Int) -> [Float] {
    let (height, width, channels) = model.data.imageSize
    return [Float](repeating: 1, count: count * height * width * channels)
  }

  private func shape(rows: Int, columns: Int) -> [Int] {
    let (height, width, channels) = model.data.imageSize
    return [rows, columns, height, width, channels]
  }

  /// What an observation is called: its caption, else its class, else its identifier or number.
  private func name(_ row: Int, of side: MCTData.Side) -> String {
    if let caption = model.data.caption(row, of: side) { return caption }
    if let name = className(row, of: side) { return name }
    return side.split.identifiers.indices.contains(row) ? side.split.identifiers[row] : "\(side.split.name) \(row)"
  }

  /// The classes of a side under the first labelling; empty where there is none.
  private func labels(of side: MCTData.Side) -> [Int] {
    model.data.labellings.first.map { model.data.labels($0, of: side) } ?? []
  }

  private func className(_ row: Int, of side: MCTData.Side) -> String? {
    guard let labelling = model.data.labellings.first, let label = side.split.labels[labelling]?[row] else {
      return nil
    }
    return model.data.dataset.classNames[labelling]?[Int(label)]
  }

  /// A rank, which ties may make half of a whole number.
  private func text(rank: Double) -> String { rank == rank.rounded() ? "\(Int(rank))" : "\(rank)" }
}
