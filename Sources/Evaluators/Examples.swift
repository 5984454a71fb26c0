import Datasets
import Evaluation
import Foundation
import Kernels
import Options
import Runs

/// Some observations of the reported side with what is nearest to them, as pictures beside each other.
///
/// Queries are evenly spread over the side from a beginning that the seed draws. Each of the three grids is a
/// `PictureGridFile`; those of retrieval need a space that pictures and captions share.
public struct ExamplesEvaluator: Evaluator {
  /// `examples`
  public static var key: String { "examples" }
  /// In a few words.
  public static var summary: String { "pictures with their neighbours and with what retrieval finds, as figures" }

  /// The observations that are shown.
  public var count = 8
  /// How many are shown beside each.
  public var nearest = 5

  /// The defaults.
  public init() {}

  /// What the numbers must be.
  public var requirements: [OptionRequirement] {
    [.count("count", count, atLeast: 0, atMost: 100), .count("nearest", nearest, atMost: 20)]
  }

  /// No table; writes the files.
  public func tables(of model: FrozenModel, after earlier: [EvaluationTable]) throws -> [EvaluationTable] {
    guard let folder = model.folder, let image = model.data.image, count > 0, model.data.count(model.side) > 0,
      let training = try model.features(of: image, on: .train),
      let reported = try model.features(of: image, on: model.side),
      case .image(let height, let width, let channels) = model.data.modalities[image].kind, [1, 3].contains(channels)
    else { return [] }
    var grids = ExampleGrids(
      options: self, model: model, image: image, pictureShape: [height, width, channels], folder: folder)
    try grids.writeNeighbours(reported: reported, training: training)
    guard let caption = model.data.captions.first,
      let images = try model.representations(of: model.side, by: [image]),
      let captions = try model.representations(of: model.side, by: [caption])
    else { return [] }
    grids.caption = caption
    try grids.writeImages(images: images, captions: captions)
    try grids.writeCaptions(images: images, captions: captions)
    return []
  }
}

/// The grids of one model.
private struct ExampleGrids {
  /// An observation that was found.
  private struct Hit {
    let row: Int
    let cosine: Float
  }

  let options: ExamplesEvaluator
  let model: FrozenModel
  let image: Int
  var caption: Int?
  let pictureShape: [Int]
  let folder: URL

  init(options: ExamplesEvaluator, model: FrozenModel, image: Int, pictureShape: [Int], folder: URL) {
    (self.options, self.model, self.image) = (options, model, image)
    (self.pictureShape, self.folder) = (pictureShape, folder)
  }

  private var data: AlignedData { model.data }
  private var side: AlignedData.Side { model.side }
  private var sideCount: Int { data.count(side) }

  /// The rows that are shown, of all or of those that are queries.
  private func queries(of relevance: Relevance? = nil) -> [Int] {
    let all = relevance?.queries ?? Array(0..<sideCount)
    let count = min(options.count, all.count)
    var stream = RandomStreams.stream("examples", seed: model.seed)
    let first = stream.below(all.count / count)
    return (0..<count).map { all[first + $0 * all.count / count] }
  }

  func writeNeighbours(reported: Matrix, training: Matrix) throws {
    let rows = queries()
    let hits = hits(rows, queries: reported, candidates: training)
    let labelling = data.labellings.first
    let own = labelling.flatMap { data.labels($0, of: side) } ?? []
    let others = labelling.flatMap { data.labels($0, of: .train) } ?? []
    var pictures: [Float] = []
    let lines = try zip(rows, hits).map { row, hits in
      pictures += try pixels([row], of: side) + pixels(hits.map(\.row), of: .train)
      let same = own.isEmpty || others.isEmpty ? [] : hits.indices.filter { others[hits[$0].row] == own[row] }
      return PictureGridFile.Row(
        name: className(row, of: side) ?? "", captions: [name(row, of: side)] + words(hits, of: .train),
        frames: frames(same))
    }
    var text = "Each row is an image of the \(side.rawValue) side with the training images nearest to it in features "
    text += "before the heads, the nearest first, with their cosine."
    if let labelling { text += " Framed: of the same \(labelling), which stands before the row." }
    try PictureGridFile(
      title: "nearest training images", caption: text + spread, rows: lines,
      columnNames: ["query"] + numbers(hits[0]), kinds: labelling.map { ["the same \($0)"] },
      mayBePublished: mayBePublished
    ).write(
      pictures: pictures, shape: [rows.count, 1 + hits[0].count] + pictureShape, name: "neighbours", to: folder)
  }

  func writeImages(images: Matrix, captions: Matrix) throws {
    guard let caption else { return }
    let whole = model.relevance(of: [image], for: [caption])
    guard !whole.queries.isEmpty else { return }
    let rows = queries(of: whole)
    let relevance = asked(rows, of: whole)
    let ranks = Retrieval(queries: captions, candidates: images, relevance: relevance).ranks
    let hits = hits(rows, queries: captions, candidates: images, among: relevance.candidates)
    let count = hits[0].count
    var pictures: [Float] = []
    let lines = try zip(rows, hits).map { row, hits in
      pictures += blank(1) + (try pixels(hits.map(\.row) + [row], of: side))
      return PictureGridFile.Row(
        name: "",
        captions: [name(row, of: side)] + words(hits, of: side) + ["rank \(rank(of: row, in: ranks, relevance))"],
        frames: frames(right(hits, for: row, relevance)), wordsOnly: [0])
    }
    try PictureGridFile(
      title: "images found by captions",
      caption:
        "Each row is a caption of the \(side.rawValue) side with the images of the side that are nearest to it, "
        + "the nearest first, with their cosine and own captions. What is right is framed; the query's own stands last "
        + "with the rank of the first that is right among \(relevance.candidates.count)." + spread,
      rows: lines, columnNames: ["caption"] + numbers(hits[0]) + ["its own"], kinds: ["the right one"],
      mayBePublished: mayBePublished
    ).write(pictures: pictures, shape: [rows.count, count + 2] + pictureShape, name: "images-by-caption", to: folder)
  }

  func writeCaptions(images: Matrix, captions: Matrix) throws {
    guard let caption else { return }
    let whole = model.relevance(of: [caption], for: [image])
    guard !whole.queries.isEmpty else { return }
    let rows = queries(of: whole)
    let relevance = asked(rows, of: whole)
    let ranks = Retrieval(queries: images, candidates: captions, relevance: relevance).ranks
    let hits = hits(rows, queries: images, candidates: captions, among: relevance.candidates)
    let count = hits[0].count
    var pictures: [Float] = []
    let lines = try zip(rows, hits).map { row, hits in
      pictures += (try pixels([row], of: side)) + blank(count)
      return PictureGridFile.Row(
        name: "rank \(rank(of: row, in: ranks, relevance))", captions: [name(row, of: side)] + words(hits, of: side),
        frames: frames(right(hits, for: row, relevance)), wordsOnly: Array(1...count))
    }
    try PictureGridFile(
      title: "captions found by images",
      caption:
        "Each row is an image of the \(side.rawValue) side over its caption, with the captions of the side that "
        + "are nearest to it, the nearest first, with their cosine. What is right is framed; before the row stands the "
        + "rank of the first that is right among \(relevance.candidates.count)." + spread,
      rows: lines, columnNames: ["image"] + numbers(hits[0]), kinds: ["the right one"],
      mayBePublished: mayBePublished
    ).write(pictures: pictures, shape: [rows.count, count + 1] + pictureShape, name: "captions-by-image", to: folder)
  }

  private var mayBePublished: Bool { data.dataset.provenance.picturesMayBePublished }

  private var spread: String { " Queries are evenly spread over the side." }

  /// What is right for queries that are shown, where to rank all of them would take long.
  private func asked(_ rows: [Int], of whole: Relevance) -> Relevance {
    whole.queries.count > RetrievalEvaluator.mostQueries ? whole.asking(rows) : whole
  }

  /// The rank of the first right candidate for a row's query.
  private func rank(of row: Int, in ranks: [Double], _ relevance: Relevance) -> String {
    relevance.place(ofQuery: row).map { text(rank: ranks[$0]) } ?? "—"
  }

  /// The places of what is right among what was found.
  private func right(_ hits: [Hit], for row: Int, _ relevance: Relevance) -> [Int] {
    guard let place = relevance.place(ofQuery: row) else { return [] }
    let right = Set(relevance.hits(of: place).map { relevance.candidates[$0] })
    return hits.indices.filter { right.contains(hits[$0].row) }
  }

  /// The number of candidates above which neither a copy of them nor their order is held.
  private static let mostSorted = 100_000

  /// For each query the nearest candidates, the nearest first.
  ///
  /// - Parameter known: the rows of the candidates; nil for all.
  private func hits(_ rows: [Int], queries: Matrix, candidates: Matrix, among known: [Int]? = nil) -> [[Hit]] {
    if candidates.rows > Self.mostSorted {
      let known = known ?? Array(0..<candidates.rows)
      return Nearest.rows(
        of: queries.gathering(rows), among: candidates, at: known, count: options.nearest
      ).map { $0.map { Hit(row: known[$0.place], cosine: $0.value) } }
    }
    let cosines = queries.gathering(rows).normalisingRows().multiplied(
      by: candidates.normalisingRows(), transposingOther: true)
    return rows.indices.map { place in
      let order = (known ?? Array(0..<candidates.rows)).sorted { (cosines[place, $1], $0) < (cosines[place, $0], $1) }
      return order.prefix(options.nearest).map { Hit(row: $0, cosine: cosines[place, $0]) }
    }
  }

  /// Frames of the only kind around some of what was found, which stands behind the query.
  private func frames(_ places: [Int]) -> [Int: Int]? {
    places.isEmpty ? nil : Dictionary(uniqueKeysWithValues: places.map { ($0 + 1, 0) })
  }

  /// The names of the columns of what was found.
  private func numbers(_ hits: [Hit]) -> [String] { hits.indices.map { "\($0 + 1)" } }

  private func words(_ hits: [Hit], of side: AlignedData.Side) -> [String] {
    hits.map { hit in
      let cosine = String(format: "%.2f", hit.cosine).replacing("-", with: "−")
      return "\(cosine) \(name(hit.row, of: side))"
    }
  }

  private func pixels(_ rows: [Int], of side: AlignedData.Side) throws -> [Float] {
    guard case .numbers(let pixels) = try data.items(of: image, at: rows, in: side) else { return [] }
    return pixels
  }

  private func blank(_ count: Int) -> [Float] { [Float](repeating: 1, count: count * pictureShape.reduce(1, *)) }

  /// What an observation is called: its caption, else its class, else its identifier or number.
  private func name(_ row: Int, of side: AlignedData.Side) -> String {
    for modality in caption.map({ [model.names[$0]] }) ?? data.dataset.modalities.map(\.name) {
      if let text = data.text(modality, of: row, in: side) { return text }
    }
    if let name = className(row, of: side) { return name }
    let identifiers = data[side]?.identifiers ?? []
    return identifiers.indices.contains(row) ? identifiers[row] : "\(side.rawValue) \(row)"
  }

  private func className(_ row: Int, of side: AlignedData.Side) -> String? {
    guard let labelling = data.labellings.first, let labels = data.labels(labelling, of: side), labels[row] >= 0 else {
      return nil
    }
    return data.classNames(labelling)[Int(labels[row])]
  }

  /// A rank, which ties may make half of a whole number.
  private func text(rank: Double) -> String { rank == rank.rounded() ? "\(Int(rank))" : "\(rank)" }
}
