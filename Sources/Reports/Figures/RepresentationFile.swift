import Diagnostics
import Evaluation
import Foundation
import Interchange
import Kernels
import Runs

/// The representations that an experiment wrote for the figures; see ``EmbeddingsFile``.
package struct RepresentationFile {
  /// The representations by name, the joint one first, the others in the order that was asked for; rows have length 1,
  /// since only their directions count in contrast.
  package let representations: [(name: String, values: Matrix)]
  /// Whether the first one is of complete observations.
  package let hasJoint: Bool
  /// The class of each item, an index into `classNames`.
  package let labels: [Int]
  /// The names of the classes.
  package let classNames: [String]

  private static let jointNames = ["complete", "joint"]

  /// Reads the files in a seed's folder; `nil` where there are none.
  ///
  /// - Parameter order: the names of modalities in their order; others come after, by name.
  /// - Throws: where shapes do not fit, a number is not finite or a label has no name.
  package init?(ofSeed folder: URL, order: [String] = []) throws(UserError) {
    let url = folder.appendingPathComponent(EmbeddingsFile.name)
    guard FileManager.default.fileExists(atPath: url.path) else { return nil }
    let arrays = try NumpyArchive(readingFrom: url).arrays
    guard let labels = arrays[EmbeddingsFile.labels]?.integers else {
      throw UserError(.data, "has no integer array `\(EmbeddingsFile.labels)`", at: url.path)
    }
    func rank(_ name: String) -> (Int, Int, String) {
      (Self.jointNames.contains(name) ? 0 : 1, order.firstIndex(of: name) ?? order.count, name)
    }
    var representations: [(name: String, values: Matrix)] = []
    let names = arrays.keys.filter { $0 != EmbeddingsFile.labels }
    for name in names.sorted(by: { rank($0) < rank($1) }) {
      guard let array = arrays[name], let values = array.floats, array.shape.count == 2 else {
        throw UserError(.data, "array `\(name)` is no table of numbers", at: url.path)
      }
      guard array.shape[0] == labels.count, array.shape[0] > 0, array.shape[1] > 0 else {
        throw UserError(.data, "array `\(name)` is \(array.shape), with \(labels.count) labels", at: url.path)
      }
      guard values.allSatisfy(\.isFinite) else {
        throw UserError(.data, "array `\(name)` has a number that is not finite", at: url.path)
      }
      let matrix = Matrix(rows: array.shape[0], columns: array.shape[1], values: values)
      representations.append((name, matrix.normalisingRows()))
    }
    guard let first = representations.first?.values.columns else {
      throw UserError(.data, "has no representations", at: url.path)
    }
    // Only those of one space can be compared: that of most representations, the first one's among equals.
    let counts = Dictionary(representations.map { ($0.values.columns, 1) }, uniquingKeysWith: +)
    let most = counts.values.max() ?? 0
    let columns =
      counts[first] == most ? first : representations.first { counts[$0.values.columns] == most }?.values.columns
    self.representations = representations.filter { $0.values.columns == columns }
    hasJoint = self.representations.first.map { Self.jointNames.contains($0.name) } ?? false
    self.labels = labels
    classNames = try Self.classNames(folder.appendingPathComponent(EmbeddingsFile.classNames), labels: labels)
  }

  /// The names of the classes; their numbers where there is no file of names.
  private static func classNames(_ url: URL, labels: [Int]) throws(UserError) -> [String] {
    let count = (labels.max() ?? -1) + 1
    guard let least = labels.min(), least >= 0, count <= 1_000_000 else {
      throw UserError(.data, "a label is negative or too large", at: url.deletingLastPathComponent().path)
    }
    guard FileManager.default.fileExists(atPath: url.path) else { return (0..<count).map(String.init) }
    let data = try RegularFile.contents(of: url)
    guard let names = try? JSONDecoder().decode([String].self, from: data), names.count >= count else {
      throw UserError(.data, "must be a list of at least \(count) names", at: url.path)
    }
    return names
  }

  /// The pairs of representations that contrast compares: each modality with the joint one, else every two modalities.
  var pairs: [(first: Int, second: Int)] {
    if hasJoint { return representations.indices.dropFirst().map { ($0, 0) } }
    return representations.indices.flatMap { first in
      representations.indices.filter { $0 > first }.map { (first, $0) }
    }
  }

  /// How many items there are.
  package var count: Int { labels.count }

  /// At most so many items, spread evenly over all.
  package func spread(_ most: Int) -> [Int] {
    let shown = min(count, max(1, most))
    return (0..<shown).map { $0 * count / shown }
  }
}
