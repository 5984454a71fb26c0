import Evaluation
import Foundation
import Kernels

/// Something that can be found.
public struct SearchItem: Equatable, Sendable {
  /// What an item can be.
  public enum Source: Equatable, Sendable {
    /// The picture of an observation, by its place on the side.
    case observation(Int)
    /// A picture of the user's own.
    case file(URL)
    /// A text of a modality of captions.
    case text(caption: String)
  }

  /// What the item is.
  public let source: Source
  /// What it is called: an identifier, the path in its folder, the modality of captions.
  public let name: String
  /// A few words: an observation's captions, the text itself; empty for a file.
  public let words: String

  /// Describes an item.
  public init(source: Source, name: String, words: String) {
    self.source = source
    self.name = name
    self.words = words
  }
}

/// An item that was found.
public struct SearchHit: Equatable, Sendable {
  /// The place of the item, from 1.
  public let rank: Int
  /// The cosine with the query.
  public let cosine: Float
  /// The item.
  public let item: SearchItem
}

/// Items with their embeddings.
public struct SearchCollection: Sendable {
  /// What is searched, such as `744 pictures of the test side`.
  public let title: String
  /// The items.
  public let items: [SearchItem]
  /// The embeddings of the items, rows of length 1, `[items, dimension]`.
  public let vectors: Matrix

  /// Puts items and embeddings together, whatever the lengths of the rows.
  public init(title: String, items: [SearchItem], vectors: Matrix) {
    precondition(
      items.count == vectors.rows, "SearchCollection: \(items.count) items with \(vectors.rows) embeddings")
    self.title = title
    self.items = items
    self.vectors = vectors.normalisingRows()
  }

  /// The items with the largest cosines, the nearest first; of equally near ones the earlier. A cosine that is no number is
  /// the farthest.
  public func nearest(to query: [Float], count: Int) -> [SearchHit] {
    guard !items.isEmpty else { return [] }
    let query = Matrix(rows: 1, columns: query.count, values: query).normalisingRows()
    let cosines = query.multiplied(by: vectors, transposingOther: true).values
    var nearest = Nearest(max(0, min(count, items.count)))
    cosines.withUnsafeBufferPointer { nearest.offer($0) }
    return nearest.items.enumerated().map { rank, found in
      SearchHit(rank: rank + 1, cosine: found.value, item: items[found.place])
    }
  }
}
