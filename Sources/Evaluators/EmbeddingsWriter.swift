import Datasets
import Diagnostics
import Foundation
import Interchange
import Kernels
import Runs

/// Writes representations and classes of evenly spread complete observations for the figures, see `EmbeddingsFile`.
public struct EmbeddingsWriter {
  private let most: Int

  /// Shows at most so many observations.
  public init(most: Int) { self.most = most }

  /// What a reader of the figures must know, where most observations are not shown.
  public func note(on model: FrozenModel) -> String? {
    let count = model.data.presence(model.side).complete.count
    guard count > 10 * most else { return nil }
    return "Figures of representations, t-SNE among them: on a sample of \(most) of \(count), evenly spread."
  }

  /// Writes both files into the model's folder; nothing where the method has no representation.
  public func write(_ model: FrozenModel) throws {
    guard let folder = model.folder else { return }
    let labelling = model.data.labellings.first
    let labels = labelling.flatMap { model.data.labels($0, of: model.side) }
    let complete = model.data.presence(model.side).complete
    let rows = (labels.map { labels in complete.filter { labels[$0] >= 0 } } ?? complete).evenlySpread(most)
    guard !rows.isEmpty else { return }
    // Without classes all observations are of one, so that figures have no need to know.
    var arrays: [String: NumericArray] = [
      EmbeddingsFile.labels: NumericArray(rows.map { labels?[$0] ?? 0 }, shape: [rows.count])
    ]
    let views = try (model.hasJointEncoder ? [model.completeView()] : []) + model.all.map { try model.view($0) }
    for case let view? in views {
      arrays[view.name] = NumericArray(view.values.gathering(rows).values, shape: [rows.count, view.values.columns])
    }
    guard arrays.count > 1 else { return }
    try NumpyArchive(arrays: arrays).write(to: folder.appending(path: EmbeddingsFile.name))
    let names = labelling.map { model.data.classNames($0) } ?? ["observations"]
    try AtomicFile.write(try JSONEncoder().encode(names), to: folder.appending(path: EmbeddingsFile.classNames))
  }
}
