import Autograd
import Datasets
import Diagnostics
import Encoders
import Evaluation
import Foundation
import Kernels
import Methods

/// Pictures by another hand as a frozen model sees them, beside those of the data set.
struct ShiftedPictures {
  /// What was right for some observations, by own and by other pictures, 1 or 0 each.
  struct Comparison {
    let name: String
    let rows: [Int]
    let before: [Double]
    let after: [Double]
  }

  private let options: ShiftEvaluator
  private let model: FrozenModel
  private let image: Int
  /// The observations that have another picture, ascending.
  private let rows: [Int]
  private let features: Matrix?
  private let representations: Matrix?

  /// Reads the pictures; nil where no observation has one.
  init?(_ options: ShiftEvaluator, image: Int, model: FrozenModel) throws {
    (self.options, self.model, self.image) = (options, model, image)
    let pictures = try options.pictures()
    let name = model.names[image]
    guard let split = model.data[model.side], let form = model.data.dataset.pictureForm(of: name) else { return nil }
    var rows: [Int] = []
    var (features, representations): ([Float], [Float]) = ([], [])
    let present = model.data.presence(model.side).observations(having: [image])
    let found = present.compactMap { row -> (row: Int, file: URL)? in
      guard split.identifiers.indices.contains(row), let file = pictures.file(of: split.identifiers[row]) else {
        return nil
      }
      return (row, file)
    }
    for start in stride(from: 0, to: found.count, by: 256) {
      try model.checkInterruption()
      let part = found[start..<min(start + 256, found.count)]
      var pixels: [Float] = []
      for (row, file) in part {
        let bytes = [UInt8](try RegularFile.contents(of: file, limit: 1 << 28))
        pixels += try form.pixels(of: bytes, place: file.path)
        rows.append(row)
      }
      let input = model.inputs(.numbers(pixels), of: image)
      Tape.withoutRecording {
        features += model.method.features(of: image, input)?.values ?? []
        representations += model.method.representation(of: [MemberInput(image, input)])?.values ?? []
      }
    }
    guard !rows.isEmpty else { return nil }
    func matrix(_ values: [Float]) -> Matrix? {
      values.isEmpty ? nil : Matrix(rows: rows.count, columns: values.count / rows.count, values: values)
    }
    (self.rows, self.features, self.representations) = (rows, matrix(features), matrix(representations))
  }

  /// Every score that is compared.
  func comparisons() throws -> [Comparison] {
    var all: [Comparison] = []
    if let representations, let own = try model.representations(of: model.side, by: [image]) {
      for caption in model.data.captions { all += try retrieval(caption, own, representations) }
      if let caption = model.data.captions.first { all += try zeroShot(caption, own, representations) }
    }
    if let features, let own = try model.features(of: image, on: model.side) { all += try probes(own, features) }
    return all
  }

  private func hits(_ ranks: [Double], at count: Int) -> [Double] { ranks.map { $0 <= Double(count) ? 1 : 0 } }

  /// Recalls both ways.
  private func retrieval(_ caption: Int, _ own: Matrix, _ other: Matrix) throws -> [Comparison] {
    guard let texts = try model.representations(of: model.side, by: [caption]) else { return [] }
    let presence = model.data.presence(model.side)
    let members = rows.filter { presence[caption, $0] }
    guard members.count > 1 else { return [] }
    // The rows of observations without another picture take no part.
    var shifted = own
    for (place, row) in rows.enumerated() {
      for column in 0..<own.columns {
        shifted.values[row * own.columns + column] = other.values[place * own.columns + column]
      }
    }
    let forth = model.relevance(of: [caption], for: [image], among: members)
    let back = model.relevance(of: [image], for: [caption], among: members)
    let ranks = [own, shifted].map { pictures in
      (
        Retrieval(queries: pictures, candidates: texts, relevance: forth).ranks,
        Retrieval(queries: texts, candidates: pictures, relevance: back).ranks
      )
    }
    let (name, image) = (model.names[caption], model.names[image])
    return [1, 5, 10].flatMap { count in
      [
        Comparison(
          name: "\(image) → \(name) R@\(count)", rows: forth.queries, before: hits(ranks[0].0, at: count),
          after: hits(ranks[1].0, at: count)),
        Comparison(
          name: "\(name) → \(image) R@\(count)", rows: back.queries, before: hits(ranks[0].1, at: count),
          after: hits(ranks[1].1, at: count)),
      ]
    }
  }

  /// Classes by their names, read as captions.
  private func zeroShot(_ caption: Int, _ own: Matrix, _ other: Matrix) throws -> [Comparison] {
    let classes = try ClassTexts(options.prompts, of: model.data)
    return try model.data.labellings.compactMap { labelling in
      guard let found = try classes.prototypes(of: labelling, in: caption, model) else { return nil }
      return compare("zero-shot \(labelling)", labelling) { place in
        found.features.predictions(for: place ? other : own.gathering(rows))
      }
    }
  }

  /// Classes by a probe that learnt from the training side's own pictures.
  private func probes(_ own: Matrix, _ other: Matrix) throws -> [Comparison] {
    var evaluator = LinearProbeEvaluator()
    evaluator.penalties = options.penalties
    return try model.data.labellings.compactMap { labelling in
      guard let probe = try evaluator.probe(of: labelling, place: image, model: model) else { return nil }
      return compare("linear probe \(labelling)", labelling) { place in
        probe.predictions(for: place ? other : own.gathering(rows))
      }
    }
  }

  /// What is right of a classification by own (false) and other (true) pictures of all observations that have both.
  private func compare(_ name: String, _ labelling: String, predict: (Bool) -> [Int]) -> Comparison? {
    guard let labels = model.data.labels(labelling, of: model.side) else { return nil }
    let places = rows.indices.filter { labels[rows[$0]] >= 0 }
    guard !places.isEmpty else { return nil }
    func right(_ predictions: [Int]) -> [Double] {
      places.map { predictions[$0] == Int(labels[rows[$0]]) ? 1 : 0 }
    }
    return Comparison(
      name: name, rows: places.map { rows[$0] }, before: right(predict(false)), after: right(predict(true)))
  }
}
