import Diagnostics
import Evaluation
import Foundation
import Kernels

/// Some observations with what is nearest to them, for pictures of them side by side.
///
/// `neighbours.json` has for each query image the training images nearest in features; `retrieval.json` for each caption
/// the nearest images of the same side and the place of its own.
struct MCTExamples {
  /// The names of the files.
  static let neighboursFile = "neighbours.json"
  static let retrievalFile = "retrieval.json"

  /// An observation that was found.
  struct Hit: Codable, Equatable {
    let identifier: String
    let caption: String?
    let similarity: Double
  }

  /// An observation and what is nearest to it, the nearest first.
  struct Example: Codable, Equatable {
    let identifier: String
    let caption: String?
    let nearest: [Hit]
    /// The place of its own image among all of the side, for captions.
    let rank: Double?
  }

  let model: MCTModel
  let side: MCTData.Side
  let training: MCTFeatures
  let reported: MCTFeatures

  /// Writes the files; none where no example is wanted.
  func write(to folder: URL) throws {
    let count = min(model.settings.evaluation.examples, side.count)
    guard count > 0 else { return }
    let rows = (0..<count).map { $0 * side.count / count }
    try write(
      examples(rows, queries: reported.image, candidates: training.image, of: model.data.train, ranks: nil),
      to: folder.appending(path: Self.neighboursFile))
    guard let images = reported.imageCommon, let captions = reported.captionCommon else { return }
    // Every caption has one right image, so every query has a rank.
    let ranks = Retrieval(queries: captions, candidates: images).ranks
    try write(
      examples(rows, queries: captions, candidates: images, of: side, ranks: ranks),
      to: folder.appending(path: Self.retrievalFile))
  }

  private func examples(
    _ rows: [Int], queries: Matrix, candidates: Matrix, of other: MCTData.Side, ranks: [Double]?, nearest: Int = 5
  ) -> [Example] {
    let cosines = queries.gathering(rows).normalisingRows().multiplied(
      by: candidates.normalisingRows(), transposingOther: true)
    return rows.enumerated().map { place, row in
      let order = (0..<candidates.rows).sorted { (cosines[place, $1], $0) < (cosines[place, $0], $1) }
      return Example(
        identifier: Self.identifier(row, of: side), caption: model.data.caption(row, of: side),
        nearest: order.prefix(nearest).map { found in
          Hit(
            identifier: Self.identifier(found, of: other), caption: model.data.caption(found, of: other),
            similarity: Double(cosines[place, found]))
        }, rank: ranks?[row])
    }
  }

  /// What an observation is called, else its number.
  private static func identifier(_ row: Int, of side: MCTData.Side) -> String {
    side.split.identifiers.indices.contains(row) ? side.split.identifiers[row] : "\(side.split.name) \(row)"
  }

  private func write(_ examples: [Example], to url: URL) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try AtomicFile.write(try encoder.encode(examples), to: url)
  }
}
