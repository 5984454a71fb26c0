import Diagnostics
import Evaluation
import Figures
import Foundation
import Interchange
import Kernels

/// The representations that an experiment wrote for the figures; see ``EmbeddingsFile``.
struct RepresentationFile {
  /// The representations by name, those of single modalities in alphabetical order, the joint ones last.
  let representations: [(name: String, values: Matrix)]
  /// The class of each item, an index into `classNames`.
  let labels: [Int]
  /// The names of the classes.
  let classNames: [String]

  /// Reads the files in a seed's folder; `nil` where there are none.
  ///
  /// - Throws: where shapes do not fit or a label has no name.
  init?(ofSeed folder: URL) throws(UserError) {
    let url = folder.appendingPathComponent(EmbeddingsFile.name)
    guard FileManager.default.fileExists(atPath: url.path) else { return nil }
    let arrays = try NumpyArchive(readingFrom: url).arrays
    guard let labels = arrays[EmbeddingsFile.labels]?.integers else {
      throw UserError(.data, "has no integer array `\(EmbeddingsFile.labels)`", at: url.path)
    }
    var representations: [(name: String, values: Matrix)] = []
    let joint = ["complete", "joint"]
    let names = arrays.keys.filter { $0 != EmbeddingsFile.labels }
    for name in names.sorted(by: { (joint.contains($0) ? 1 : 0, $0) < (joint.contains($1) ? 1 : 0, $1) }) {
      guard let array = arrays[name], let values = array.floats, array.shape.count == 2 else {
        throw UserError(.data, "array `\(name)` is no table of numbers", at: url.path)
      }
      guard array.shape[0] == labels.count, array.shape[0] > 0, array.shape[1] > 0 else {
        throw UserError(.data, "array `\(name)` is \(array.shape), with \(labels.count) labels", at: url.path)
      }
      representations.append((name, Matrix(rows: array.shape[0], columns: array.shape[1], values: values)))
    }
    guard let columns = representations.first?.values.columns else {
      throw UserError(.data, "has no representations", at: url.path)
    }
    self.representations = representations.filter { $0.values.columns == columns }
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

  /// All representations along the two directions of greatest variance of all of them together, by class and by
  /// modality on common axes.
  func principalComponents(title: String, items: Int = 400) throws(UserError) -> ScatterChart {
    // A drawing of many thousands of points is slow to open and shows no more.
    let kept = Array(stride(from: 0, to: labels.count, by: max(1, (labels.count + items - 1) / items)))
    let parts = representations.map { $0.values.gathering(kept) }
    let all = Matrix(
      rows: parts.count * kept.count, columns: parts[0].columns, values: parts.flatMap(\.values))
    let components = try PrincipalComponents(of: all, count: 2)
    let points = components.projection(of: all)
    let x = (0..<points.rows).map { Double(points[$0, 0]) }
    let y = points.columns > 1 ? (0..<points.rows).map { Double(points[$0, 1]) } : x.map { _ in 0 }
    let shares = components.varianceShares.map { String(format: "%.0f %% of variance", $0 * 100) }
    let classes = parts.indices.flatMap { _ in kept.map { labels[$0] } }
    let modalities = parts.indices.flatMap { index in kept.map { _ in index } }
    return ScatterChart(
      title: title, x: Axis("component 1", unit: shares.first), y: Axis("component 2", unit: shares.dropFirst().first),
      panels: [
        ScatterChart.Panel(title: "by class", x: x, y: y, classes: classes, names: classNames),
        ScatterChart.Panel(
          title: "by modality", x: x, y: y, classes: modalities, names: representations.map(\.name)),
      ])
  }
}
