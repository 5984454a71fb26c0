import Autograd
import Datasets
import Encoders
import Evaluation
import Foundation
import Kernels
import Methods
import Options
import Runs
import TextGeneration
import Training

/// The captions that a captioning method writes, held against those that people gave, beside three controls: the caption of the
/// training picture whose features are nearest, a caption that is always the same, and the likelihood of the captions where the
/// method sees another picture.
///
/// Words are what is between spaces and signs, in lower case. A picture with several captions is one item with several
/// references; perplexity is over the tokens of all captions, their end among them.
public struct CaptioningEvaluator: Evaluator {
  /// `captioning`
  public static var key: String { "captioning" }
  /// In a few words.
  public static var summary: String {
    "BLEU, CIDEr-D, exact match and perplexity of written captions beside controls, of a captioning method"
  }

  /// How captions are written.
  public var decoding = DecodingOptions()
  /// The most pictures that captions are written for, evenly spread.
  public var pictures = 2_000
  /// The pictures that the figures show; 0 draws none.
  public var shown = 8

  /// The defaults.
  public init() {}

  /// What the numbers must be.
  public var requirements: [OptionRequirement] {
    decoding.requirements.map { $0.within("decoding") } + [
      .count("pictures", pictures, atMost: 10_000_000), .count("shown", shown, atLeast: 0, atMost: 100),
    ]
  }

  /// Takes just enough of everything to pass through it, for a computation whose bits are recorded.
  package mutating func shorten() {
    (pictures, shown, decoding.beams) = (16, min(shown, 2), min(decoding.beams, 2))
    decoding.maximumLength = min(decoding.maximumLength, 6)
    decoding.minimumLength = min(decoding.minimumLength, decoding.maximumLength)
  }

  /// One table for each modality of captions that is written; none where the method writes none.
  public func tables(of model: FrozenModel, after earlier: [EvaluationTable]) throws -> [EvaluationTable] {
    guard let method = model.captioner else { return [] }
    return try method.writtenModalities.compactMap { place in
      let several = method.writtenModalities.count > 1
      guard
        let course = try CaptioningCourse(
          options: self, model: model, method: method, place: place, suffix: several ? ", \(model.names[place])" : "")
      else { return nil }
      return try course.table()
    }
  }

  /// How the numbers were made.
  public func notes(on model: FrozenModel) -> [String] {
    guard model.captioner != nil else { return [] }
    return [
      "Captions are written by \(decoding.description). BLEU is unsmoothed and of all captions together; CIDEr-D (0 to 10) "
        + "compares sequences of up to four words, so that captions of one or two words cannot come near 10.",
      "`nearest` has the caption of the training picture whose features, by the same encoder, are nearest; `constant` always "
        + "the most frequent training caption. Perplexity is per token, the end among them; `another picture` has that of the "
        + "captions where the method sees the picture of another observation, and `frequencies` that of how often tokens occur in "
        + "training.",
    ]
  }

  /// Why there are no tables.
  public func absence(on model: FrozenModel) -> String? {
    model.captioner == nil ? "the method writes no captions" : nil
  }
}

/// Captions of one modality written and measured.
private struct CaptioningCourse {
  let options: CaptioningEvaluator
  let model: FrozenModel
  let method: any CaptioningMethod
  let place: Int
  let image: Int
  let suffix: String
  /// The observations of the reported side that have both.
  let rows: [Int]
  /// The first observation of each picture that is written for, and all captions of the picture.
  let pictures: [(row: Int, references: [[String]])]
  /// The training observations that have both.
  let trainingRows: [Int]
  /// The captions of all observations of a side.
  private let texts: [AlignedData.Side: [String]]

  init?(
    options: CaptioningEvaluator, model: FrozenModel, method: any CaptioningMethod, place: Int, suffix: String
  ) throws {
    (self.options, self.model, self.method, self.place) = (options, model, method, place)
    (image, self.suffix) = (method.describedModality, suffix)
    let members: Set<Int> = [place, image]
    var known: [AlignedData.Side: [String]] = [:]
    for side in [.train, model.side] { known[side] = try Self.texts(model, place, side) }
    texts = known
    func captioned(_ side: AlignedData.Side) -> [Int] {
      model.data.presence(side).observations(having: members).filter { row in
        !TextIdentity.words(of: known[side]?[row] ?? "").isEmpty
      }
    }
    let all = captioned(model.side)
    trainingRows = captioned(.train)
    guard !all.isEmpty, !trainingRows.isEmpty else { return nil }
    let numbers = model.itemNumbers(of: image, on: model.side)
    var order: [Int] = []
    var captions: [Int: [[String]]] = [:]
    var firsts: [Int: Int] = [:]
    for row in all {
      let words = TextIdentity.words(of: known[model.side]?[row] ?? "")
      if firsts[numbers[row]] == nil {
        firsts[numbers[row]] = row
        order.append(numbers[row])
      }
      if !(captions[numbers[row]] ?? []).contains(words) { captions[numbers[row], default: []].append(words) }
    }
    pictures = order.evenlySpread(options.pictures).compactMap { number in
      firsts[number].map { ($0, captions[number] ?? []) }
    }
    rows = all.evenlySpread(options.pictures)
  }

  /// The captions of a side as texts, spelled by their tokens where the data keep no texts.
  private static func texts(_ model: FrozenModel, _ place: Int, _ side: AlignedData.Side) throws -> [String] {
    let (name, count) = (model.names[place], model.data.count(side))
    if let texts = model.data[side]?.texts[name], texts.count == count { return texts }
    guard let caption = model.data.vocabulary.caption(named: name) else { return [String](repeating: "", count: count) }
    var texts: [String] = []
    for start in stride(from: 0, to: count, by: 1_024) {
      let rows = Array(start..<min(start + 1_024, count))
      guard case .tokens(let tokens) = try model.data.items(of: place, at: rows, in: side) else { continue }
      let length = tokens.count / rows.count
      texts += rows.indices.map { row in
        let own = tokens[row * length..<(row + 1) * length].filter { $0 > SubwordTokeniser.end }
        return model.data.vocabulary.text(of: own, in: caption)
      }
    }
    return texts
  }

  private var data: AlignedData { model.data }
  private var name: String { model.names[place] }
  private func subject(_ text: String) -> EvaluationTable.Subject { .named(text + suffix) }

  func table() throws -> EvaluationTable {
    var table = EvaluationTable("captioning")
    let written = try written()
    let nearest = try nearest()
    let constant = constant()
    for (subject, texts) in [
      ("written", written.map(\.text)), ("nearest", nearest.map { trainingText($0) }),
      ("constant", pictures.map { _ in constant }),
    ] { add(texts, of: subject, to: &table) }
    let perplexities = try perplexities()
    table.add(subject("written"), .perplexity, perplexities.own)
    if let other = perplexities.other { table.add(subject("another picture"), .perplexity, other) }
    table.add(subject("frequencies"), .perplexity, try frequencyPerplexity())
    try drawExamples(written: written, nearest: nearest)
    try drawAttention(written: written)
    return table
  }

  private func add(_ texts: [String], of subject: String, to table: inout EvaluationTable) {
    let items = zip(texts, pictures).map {
      CaptionScores.Item(TextIdentity.words(of: $0), references: $1.references)
    }
    for (place, value) in CaptionScores.bleu(items).enumerated() {
      table.add(self.subject(subject), .share("BLEU-\(place + 1)"), value)
    }
    let cider = CaptionScores.ciderD(items)
    table.add(
      self.subject(subject), .number("CIDEr-D", higherIsBetter: true),
      cider.reduce(0, +) / Double(max(cider.count, 1)))
    table.add(
      self.subject(subject), .share("exact match"),
      Answers(
        items.map { $0.references.contains($0.words) ? 1 : 0 }, truths: items.map { _ in 1 }, of: pictures.map(\.row)),
      chance: 0)
  }

  private func blocks<Element>(_ rows: [Int], _ size: Int, _ make: ([Int]) throws -> [Element]) throws -> [Element] {
    var found: [Element] = []
    for start in stride(from: 0, to: rows.count, by: size) {
      try model.checkInterruption()
      found += try make(Array(rows[start..<min(start + size, rows.count)]))
    }
    return found
  }

  /// The first caption that is written for each picture.
  private func written() throws -> [WrittenCaption] {
    var stream = options.decoding.stream
    return try blocks(pictures.map(\.row), 64) { rows in
      model.captions(
        for: try model.input(image, rows, model.side), in: place, by: method, options: options.decoding, using: &stream
      ).compactMap(\.first)
    }
  }

  // MARK: - Controls

  private func trainingText(_ row: Int) -> String { texts[.train]?[row] ?? "" }

  /// The training observation whose picture is nearest to each.
  private func nearest() throws -> [Int] {
    guard let known = try model.features(of: image, on: .train),
      let own = try model.features(of: image, on: model.side)
    else { return pictures.map { _ in trainingRows[0] } }
    let candidates = known.gathering(trainingRows).normalisingRows()
    return try blocks(pictures.map(\.row), 256) { rows in
      own.gathering(rows).normalisingRows().multiplied(by: candidates, transposingOther: true).largestColumns()
        .map { trainingRows[$0] }
    }
  }

  /// The most frequent training caption; of equal ones that whose words are the most frequent in the mean.
  private func constant() -> String {
    let texts = trainingRows.map { trainingText($0) }
    var (captions, words): ([String: Int], [String: Int]) = ([:], [:])
    for text in texts {
      let own = TextIdentity.words(of: text)
      captions[own.joined(separator: " "), default: 0] += 1
      for word in own { words[word, default: 0] += 1 }
    }
    let most = captions.values.max() ?? 0
    func mean(_ caption: String) -> Double {
      let own = caption.split(separator: " ")
      return own.reduce(0.0) { $0 + Double(words[String($1)] ?? 0) } / Double(max(own.count, 1))
    }
    let best = captions.filter { $0.value == most }.keys.map { (caption: $0, mean: mean($0)) }
    return best.min { ($1.mean, $0.caption) < ($0.mean, $1.caption) }?.caption ?? ""
  }

  // MARK: - Likelihood

  /// With the own picture, and with that of the observation half of the rows further on that has another; nil where all have one
  /// picture.
  private func perplexities() throws -> (own: Double, other: Double?) {
    func perplexity(_ pairs: [(row: Int, picture: Int)]) throws -> Double {
      let picture = Dictionary(pairs.map { ($0.row, $0.picture) }, uniquingKeysWith: { first, _ in first })
      let found = try blocks(pairs.map(\.row), 64) { part in
        method.tokenLogLikelihoods(
          of: try model.input(place, part, model.side), in: place,
          given: try model.input(image, part.map { picture[$0] ?? $0 }, model.side))
      }.flatMap { $0 }
      return exp(-found.reduce(0, +) / Double(max(found.count, 1)))
    }
    let numbers = model.itemNumbers(of: image, on: model.side)
    let others = rows.indices.compactMap { index -> (row: Int, picture: Int)? in
      let partner = (0..<rows.count).lazy.map { rows[(index + rows.count / 2 + $0) % rows.count] }
        .first { numbers[$0] != numbers[rows[index]] }
      return partner.map { (rows[index], $0) }
    }
    return (try perplexity(rows.map { ($0, $0) }), others.isEmpty ? nil : try perplexity(others))
  }

  /// The perplexity by how often each token occurs in training captions, each counted once more.
  private func frequencyPerplexity() throws -> Double {
    guard case .tokens(_, let vocabulary) = data.modalities[place].kind else { return .infinity }
    var counts = [Double](repeating: 1, count: vocabulary)
    for token in try blocks(trainingRows, 1_024, { try labels($0, .train) }) { counts[Int(token)] += 1 }
    let total = counts.reduce(0, +)
    let own = try blocks(rows, 1_024) { try labels($0, model.side) }
    let sum = own.reduce(0.0) { $0 - log(counts[Int($1)] / total) }
    return exp(sum / Double(max(own.count, 1)))
  }

  /// The tokens of captions behind their begin token.
  private func labels(_ rows: [Int], _ side: AlignedData.Side) throws -> [Int32] {
    CaptionSteps(try model.input(place, rows, side)).labels.compactMap { $0 }
  }

  // MARK: - Figures

  private var shape: [Int]? {
    guard case .image(let height, let width, let channels) = data.modalities[image].kind, [1, 3].contains(channels)
    else {
      return nil
    }
    return [height, width, channels]
  }

  private func pixels(_ rows: [Int], _ side: AlignedData.Side) throws -> [Float] {
    guard case .numbers(let pixels) = try data.items(of: image, at: rows, in: side) else { return [] }
    return pixels
  }

  private func drawExamples(written: [WrittenCaption], nearest: [Int]) throws {
    guard options.shown > 0, let folder = model.folder, let shape else { return }
    let shown = Array(pictures.indices).evenlySpread(options.shown)
    let blank = [Float](repeating: 1, count: shape.reduce(1, *))
    var values: [Float] = []
    let lines = try shown.map { index in
      values += try pixels([pictures[index].row], model.side) + blank + pixels([nearest[index]], .train)
      let right = pictures[index].references.contains(TextIdentity.words(of: written[index].text))
      return PictureGridFile.Row(
        name: "",
        captions: [
          texts[model.side]?[pictures[index].row] ?? "", written[index].text,
          trainingText(nearest[index]),
        ], frames: right ? [1: 0] : nil, wordsOnly: [1])
    }
    try PictureGridFile(
      title: "written captions",
      caption:
        "Each row is a picture of the \(model.side.rawValue) side over its own caption, what is written for it by "
        + "\(options.decoding.description), and the training picture that is nearest to it over its caption. Framed: word for "
        + "word the picture's own. Pictures are evenly spread over the side.",
      rows: lines, columnNames: ["picture", "written", "nearest"], kinds: ["word for word"],
      mayBePublished: data.dataset.provenance.picturesMayBePublished
    ).write(pictures: values, shape: [lines.count, 3] + shape, name: "captions\(fileSuffix)", to: folder)
  }

  private var fileSuffix: String { suffix.isEmpty ? "" : "-\(name)" }

  /// Each word over the picture, which is faded where the word did not look.
  private func drawAttention(written: [WrittenCaption]) throws {
    let most = 8
    guard options.shown > 0, let folder = model.folder, let shape,
      let caption = data.vocabulary.caption(named: name)
    else { return }
    let shown = Array(pictures.indices).evenlySpread(options.shown)
    let rows = shown.map { pictures[$0].row }
    let texts = shown.map { Array(written[$0].tokens.prefix(most)) }
    let length = 2 + (texts.map(\.count).max() ?? 0)
    let tokens = texts.flatMap { own in
      let framed = [SubwordTokeniser.begin] + own + [SubwordTokeniser.end]
      return framed + [Int32](repeating: SubwordTokeniser.padding, count: length - framed.count)
    }
    guard
      let attention = method.attention(
        of: .tokens(tokens, length: length), in: place, given: try model.input(image, rows, model.side)),
      attention.shape[2] > 1
    else { return }
    let (steps, regions) = (attention.shape[1], attention.shape[2])
    let columns = 1 + (texts.map(\.count).max() ?? 0)
    let size = shape.reduce(1, *)
    let grid = PatchGrid(image: [1] + shape, patches: regions, patchSize: method.encoders?.patchSize)
    let weights = attention.values
    var values: [Float] = []
    let lines = try rows.indices.map { row in
      let own = try pixels([rows[row]], model.side)
      values += own
      for step in 0..<(columns - 1) {
        guard step < texts[row].count else {
          values += [Float](repeating: 1, count: size)
          continue
        }
        let start = (row * steps + step) * regions
        values += faded(own, weights[start..<start + regions], grid, shape)
      }
      return PictureGridFile.Row(
        name: "",
        captions: [written[shown[row]].text] + texts[row].map { data.vocabulary.text(of: [$0], in: caption) })
    }
    try PictureGridFile(
      title: "where each token looked",
      caption:
        "Each row is a picture of the \(model.side.rawValue) side over what is written for it, and once for each token, "
        + "at most \(most): the more a region weighed before the token, the clearer it is, the heaviest as it is.",
      rows: lines, mayBePublished: data.dataset.provenance.picturesMayBePublished
    ).write(pictures: values, shape: [lines.count, columns] + shape, name: "attention\(fileSuffix)", to: folder)
  }

  /// A picture whose regions are white but for their share of the greatest weight.
  private func faded(
    _ pixels: [Float], _ weights: ArraySlice<Float>, _ grid: PatchGrid, _ shape: [Int]
  ) -> [Float] {
    let most = max(weights.max() ?? 1, 1e-12)
    var faded = pixels
    for (region, weight) in weights.enumerated() {
      let (area, share) = (grid.area(of: region), weight / most)
      for row in area.rows {
        for column in area.columns {
          for channel in 0..<shape[2] {
            let place = (row * shape[1] + column) * shape[2] + channel
            faded[place] = 1 - share * (1 - pixels[place])
          }
        }
      }
    }
    return faded
  }
}

extension Metric {
  /// The exponential of the mean negative log likelihood of a token.
  static let perplexity = number("perplexity", higherIsBetter: false)
}
