import Datasets
import Diagnostics
import Foundation
import Kernels
import Methods
import StrictYAML

/// A picture's likeness to classes that are described by texts: zero-shot classification (Radford et al., ICML 2021).
///
///     p_c = softmax_c (s · cos(picture, class c))
public struct PictureClassification {
  /// One class.
  public struct Class: Equatable, Sendable {
    /// The name.
    public let name: String
    /// The cosine with the picture.
    public let cosine: Float
    /// The share.
    public let probability: Double
  }

  /// What a picture is compared with.
  public enum Choice {
    /// Labels of the user's own, put into templates with `{}`, over whose embeddings the mean is taken.
    case labels([String], templates: [String])
    /// The classes of a labelling, the one of the fewest classes where none is named, in templates or, without any, as the
    /// experiment knows them.
    case classes(labelling: String?, templates: [String]?)
  }

  /// The run in a few words.
  public let run: String
  /// The picture.
  public let picture: URL
  /// What the classes are from: `labels as caption-en`, or `classes of group`.
  public let origin: String
  /// What multiplies the cosines.
  public let scale: SimilarityScale
  /// What was done to the picture.
  public let form: String
  /// The classes, the likeliest first.
  public let classes: [Class]

  /// Compares a picture with classes.
  ///
  /// - Parameter language: the modality of captions that names are read as; found by their words where it is `nil`.
  /// - Throws: `UserError` where the picture cannot be read, a label is empty, or the run knows no such classes.
  public init(
    _ picture: URL, choice: Choice, language: String?, search: EmbeddingSearch, run: String
  ) throws {
    let embedder = search.embedder
    let (names, vectors, origin) = try Self.prototypes(choice, language: language, search: search)
    let own = try search.vectors(ofPictures: [picture])
    let cosines = own.multiplied(by: vectors.normalisingRows(), transposingOther: true).values
    let probabilities = embedder.scale.probabilities(of: cosines)
    self.run = run
    self.picture = picture
    self.origin = origin
    scale = embedder.scale
    form = embedder.data.form.description
    classes = names.indices.sorted { (probabilities[$1], $0) < (probabilities[$0], $1) }.map {
      Class(name: names[$0], cosine: cosines[$0], probability: probabilities[$0])
    }
  }

  private static func prototypes(
    _ choice: Choice, language: String?, search: EmbeddingSearch
  ) throws -> (names: [String], vectors: Matrix, origin: String) {
    let data = search.embedder.data
    switch choice {
    case .labels(let labels, let templates):
      guard !data.captions.isEmpty else {
        throw UserError(
          .data, "the run knows no texts, so labels of your own mean nothing to it", at: data.name,
          mend: "leave --labels out for its own classes, where it knows any")
      }
      // The labels choose the language, since a template may be in any.
      let caption = try TextQuery.resolve(labels, language: language, in: data).first?.caption.name
      let queries = try TextQuery.resolve(
        labels.flatMap { label in templates.map { $0.replacing("{}", with: label) } }, language: caption ?? language,
        in: data)
      for remark in Set(queries.compactMap(\.remark)).sorted() { search.remark(remark) }
      let vectors = means(try search.vectors(of: queries), of: templates.count)
      return (labels, vectors, "labels as \(queries.first?.caption.name ?? "")")
    case .classes(let labelling, let templates):
      let (name, classes) = try self.labelling(labelling, in: data)
      let caption = try language.map { try data.caption(named: $0) }
      if templates == nil, let vectors = try search.embedder.embeddings(ofClasses: name, caption: caption?.name) {
        return (classes, vectors, "classes of \(name)")
      }
      guard !data.captions.isEmpty else {
        throw UserError(
          .data, "the run knows no texts, so its classes mean nothing to it", at: data.name,
          mend: "train with captions or with the classes as a modality")
      }
      return try named(classes, of: name, caption: caption ?? data.captions[0], templates: templates ?? ["{}"], search)
    }
  }

  /// The means of rows that follow each other, `[groups · count, d]` → `[groups, d]`.
  private static func means(_ rows: Matrix, of count: Int) -> Matrix {
    guard count > 1 else { return rows }
    let groups = rows.rows / count
    var values = [Float](repeating: 0, count: groups * rows.columns)
    for row in 0..<groups * count {
      for (i, value) in rows[row: row].enumerated() { values[row / count * rows.columns + i] += value / Float(count) }
    }
    return Matrix(rows: groups, columns: rows.columns, values: values)
  }

  /// Classes by their names, read as texts.
  private static func named(
    _ classes: [String], of labelling: String, caption: SearchableData.Caption, templates: [String],
    _ search: EmbeddingSearch
  ) throws -> (names: [String], vectors: Matrix, origin: String) {
    let queries = try TextQuery.resolve(
      classes.flatMap { name in templates.map { $0.replacing("{}", with: name) } }, language: caption.name,
      in: search.embedder.data)
    let spelled = classes.filter { caption.coverage(of: $0).isSpelled }
    if !spelled.isEmpty {
      search.remark(
        "read by the bytes of their signs, which training texts of \(caption.name) hardly have: "
          + spelled.joined(separator: ", "))
    }
    let vectors = means(try search.vectors(of: queries), of: templates.count)
    return (classes, vectors, "names of \(labelling) as \(caption.name)")
  }

  private static func labelling(
    _ name: String?, in data: SearchableData
  ) throws(UserError) -> (name: String, classes: [String]) {
    guard let first = data.labellings.first else {
      throw UserError(.data, "the run knows no classes", at: data.name, mend: "give --labels, such as dog,cat,bird")
    }
    guard let name else { return first }
    guard let found = data.labellings.first(where: { $0.name == name }) else {
      let known = data.labellings.map(\.name)
      throw UserError(
        .usage, "the run has no labelling \"\(name)\"",
        mend: nearestName(to: name, among: known).map { "did you mean \($0)?" }
          ?? "it has \(known.joined(separator: ", "))")
    }
    return found
  }

  /// How the probabilities come about, in one sentence.
  public var note: String {
    let product = String(format: "%.3g", scale.value) + " · cosine"
    guard let bias = scale.bias else { return "Probabilities: softmax of \(product) (\(scale.origin))." }
    let sum = product + String(format: bias < 0 ? " − %.3g" : " + %.3g", abs(bias))
    return "Probabilities: sigmoid of \(sum), each class by itself (\(scale.origin))."
  }

  /// The likeliest classes as a table for a terminal.
  public func plain(count: Int) -> String {
    var text = "\(picture.relativePath.onOneLine()) · \(origin) · \(run)\n\n"
    for found in classes.prefix(count) {
      text += String(format: "%5.1f %%  %6.3f  ", 100 * found.probability, Double(found.cosine))
      text += found.name.onOneLine() + "\n"
    }
    if classes.count > count { text += "… and \(classes.count - count) more; see --count\n" }
    return text + "\n\(note)\n"
  }

  private var scaleMembers: [JSONValue.Member] {
    [.init("value", .number(scale.value)), .init("origin", .text(scale.origin))]
      + (scale.bias.map { [.init("bias", .number($0))] } ?? [])
  }

  /// All classes for a machine.
  public var json: JSONValue {
    .object([
      "run": .text(run), "picture": .text(picture.relativePath), "classesFrom": .text(origin),
      "preparation": .text(form),
      "scale": .object(scaleMembers),
      "classes": .list(
        classes.map {
          .object([
            "name": .text($0.name), "cosine": JSONValue(rounded: $0.cosine), "probability": .number($0.probability),
          ])
        }),
    ])
  }
}
