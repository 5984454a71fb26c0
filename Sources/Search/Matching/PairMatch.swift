import Datasets
import Diagnostics
import Evaluation
import Figures
import Foundation
import Kernels
import StrictYAML

/// Pictures and texts that belong together: all their cosines, and where each one's own partner stands.
public struct PairMatch {
  /// The pictures' names.
  public let pictures: [String]
  /// The texts.
  public let texts: [String]
  /// The cosines, `[pictures, texts]`.
  public let cosines: Matrix
  /// The rank of each picture's own text among all different texts, the first where it has several; ties share their mean
  /// rank.
  public let textRanks: [Double]
  /// The rank of each text's own picture among all different pictures.
  public let pictureRanks: [Double]

  /// The most pairs whose cosines are printed and drawn one by one.
  private static let mostCells = 12

  /// Compares embeddings row by row, `[pairs, dimension]` each.
  public init(pictures: [String], texts: [String], pictureVectors: Matrix, textVectors: Matrix) {
    precondition(
      pictures.count == pictureVectors.rows && texts.count == textVectors.rows && pictures.count == texts.count,
      "PairMatch: \(pictures.count) pictures with \(pictureVectors.rows) and \(texts.count) texts with "
        + "\(textVectors.rows) embeddings")
    (self.pictures, self.texts) = (pictures, texts)
    cosines = pictureVectors.normalisingRows().multiplied(by: textVectors.normalisingRows(), transposingOther: true)
    let (pictureNumbers, textNumbers) = (
      Self.numbers(of: pictures), Self.numbers(of: texts.map(TextIdentity.canonical))
    )
    textRanks = Self.ranks(pictureVectors, pictureNumbers, textVectors, textNumbers)
    pictureRanks = Self.ranks(textVectors, textNumbers, pictureVectors, pictureNumbers)
  }

  private static func numbers(of names: [String]) -> [Int] {
    var known: [String: Int] = [:]
    return names.map { name in
      let number = known[name] ?? known.count
      known[name] = number
      return number
    }
  }

  /// The rank of each row's query among the different candidates.
  private static func ranks(_ queries: Matrix, _ own: [Int], _ candidates: Matrix, _ others: [Int]) -> [Double] {
    let relevance = Relevance(queries: own, candidates: others)
    let ranks = Retrieval(queries: queries, candidates: candidates, relevance: relevance).ranks
    return own.indices.compactMap { row in relevance.place(ofQuery: row).map { ranks[$0] } }
  }

  /// The number of pairs.
  public var count: Int { pictures.count }

  /// The matrix where it is small, then each pair with its cosine and ranks, for a terminal.
  public func plain(run: String) -> String {
    var text = "\(count) pairs · \(run)\n"
    if count <= Self.mostCells {
      text += "\ncosines, a row for each picture, a column for each text\n"
      text += String(repeating: " ", count: 5) + (1...max(1, count)).map { "\($0)".leftPadded(to: 7) }.joined() + "\n"
      for row in 0..<count {
        let cells = (0..<count).map { String(format: "%7.3f", Double(cosines[row, $0])) }.joined()
        text += "\("\(row + 1)".leftPadded(to: 4)) \(cells)\n"
      }
    }
    let names = pictures.map { $0.onOneLine() }
    let width = min(48, max(7, names.map(\.count).max() ?? 0))
    text += "\npair  cosine  text at  picture at  \("picture".rightPadded(to: width))  text\n"
    for row in 0..<count {
      let ranks = Self.shown(textRanks[row]).leftPadded(to: 7) + "  " + Self.shown(pictureRanks[row]).leftPadded(to: 10)
      text += "\("\(row + 1)".leftPadded(to: 4))  \(String(format: "%6.3f", Double(cosines[row, row])))  \(ranks)  "
      text += "\(names[row].rightPadded(to: width))  \(texts[row].onOneLine())\n"
    }
    return text + "\n\(summary)\n"
  }

  /// How often the own partner is the nearest.
  private var summary: String {
    func first(_ ranks: [Double]) -> Int { ranks.count { $0 == 1 } }
    return "Own text nearest to \(first(textRanks)) of \(count) pictures, own picture nearest to "
      + "\(first(pictureRanks)) of \(count) texts."
  }

  /// Everything for a machine.
  public func json(run: String) -> JSONValue {
    .object([
      "run": .text(run),
      "pairs": .list(
        (0..<count).map { row in
          .object([
            "picture": .text(pictures[row]), "text": .text(texts[row]), "cosine": JSONValue(rounded: cosines[row, row]),
            "textRank": .number(textRanks[row]), "pictureRank": .number(pictureRanks[row]),
          ])
        }),
      "cosines": .list((0..<count).map { row in .list(cosines[row: row].map { JSONValue(rounded: $0) }) }),
    ])
  }

  /// The cosines as a picture: with their numbers where they are few.
  public func figure(title: String) -> any Figure {
    let values = (0..<count).map { row in cosines[row: row].map(Double.init) }
    let scale = Axis("cosine")
    guard count > Self.mostCells else {
      return HeatMap(title: title, rows: pictures, columns: texts, values: values, scale: scale)
    }
    return SimilarityMap(
      title: title, panels: [.init(title: "pictures by texts", values: values)], classes: [("pairs", count)],
      scale: scale)
  }

  private static func shown(_ rank: Double) -> String {
    rank == rank.rounded() ? "\(Int(rank))" : String(format: "%.1f", rank)
  }
}
