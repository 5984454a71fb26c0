import Diagnostics
import Foundation

/// What a report says of one figure of a run.
public struct FigureEntry: Codable, Equatable, Sendable {
  /// What a figure is about; a report has the figures in this order.
  public enum Kind: String, Codable, CaseIterable, Sendable {
    /// How training went.
    case training
    /// Scores of the evaluation.
    case scores
    /// Representations as points of a plane.
    case embedding
    /// Similarities between representations.
    case similarity
    /// Distances between modalities.
    case geometry
    /// Pictures as examples.
    case examples
  }

  /// The name of its files without their ending: `loss-curves` for `figures/loss-curves.svg`.
  public let name: String
  /// What the figure shows, in a few words.
  public let title: String
  /// How to read it, with the numbers that belong to it: one to three sentences of plain text.
  public let caption: String
  /// What the figure is about.
  public let kind: Kind
  /// Whether the figure may be passed on; nil where it may.
  public let mayBePublished: Bool?

  /// Describes a figure.
  public init(name: String, title: String, caption: String, kind: Kind, mayBePublished: Bool = true) {
    self.name = name
    self.title = title
    self.caption = caption
    self.kind = kind
    self.mayBePublished = mayBePublished ? nil : false
  }
}

/// The figures that stand in a run's folder, with their captions: `figures/index.json`.
public enum FigureList {
  /// The file's name inside the folder of figures.
  public static let fileName = "index.json"

  /// The figures that were drawn, in a report's order; empty where none was.
  ///
  /// - Throws: a `UserError` of kind `data` where the list is damaged.
  public static func read(in folder: RunFolder) throws(UserError) -> [FigureEntry] {
    let file = folder.figures.appendingPathComponent(fileName)
    guard let data = try? Data(contentsOf: file) else { return [] }
    do {
      return try JSONDecoder().decode([FigureEntry].self, from: data)
    } catch {
      throw UserError(.data, "the file is damaged", at: file.path, mend: "draw the figures again with 'concord plot'")
    }
  }

  /// Writes the list in place of an earlier one.
  package static func write(_ figures: [FigureEntry], in folder: RunFolder) throws(UserError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let file = folder.figures.appendingPathComponent(fileName)
    let data: Data
    do {
      data = try encoder.encode(figures)
    } catch {
      throw UserError(.data, "the captions cannot be written: \(error)", at: file.path)
    }
    try AtomicFile.write(data + Data("\n".utf8), to: file)
  }
}
