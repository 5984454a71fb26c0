import Datasets
import Encoders
import Evaluation
import Foundation
import Kernels
import Methods
import TextGeneration
import Training

/// Captions of one modality written and measured.
struct CaptioningCourse {
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
  let texts: [AlignedData.Side: [String]]

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

  var data: AlignedData { model.data }
  var name: String { model.names[place] }
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
    return try blocks(pictures.map(\.row), FrozenModel.writtenRows) { rows in
      model.captions(
        for: try model.input(image, rows, model.side), in: place, by: method, options: options.decoding, using: &stream
      ).compactMap(\.first)
    }
  }

  // MARK: - Controls

  func trainingText(_ row: Int) -> String { texts[.train]?[row] ?? "" }

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
      let found = try blocks(pairs.map(\.row), FrozenModel.writtenRows) { part in
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
}

extension Metric {
  /// The exponential of the mean negative log likelihood of a token.
  static let perplexity = number("perplexity", higherIsBetter: false)
}
