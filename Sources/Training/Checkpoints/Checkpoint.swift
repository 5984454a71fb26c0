import Diagnostics
import Foundation
import Interchange
import Layers

/// A model's parameters and buffers in a safetensors file, each under its path.
public enum Checkpoint {
  /// The usual file name in a seed's folder.
  public static let fileName = "checkpoint.safetensors"

  /// Writes a model; the file appears whole or not at all.
  public static func write(_ model: some Module, metadata: [String: String] = [:], to url: URL) throws(UserError) {
    var places = TensorPlaces()
    places.add(model)
    try SafetensorsFile(arrays: places.arrays, metadata: metadata).write(to: url)
  }

  /// Reads a model of the same structure.
  ///
  /// - Throws: an error naming the first tensor that is missing, left over or of another shape; nothing is changed then.
  public static func read(_ model: some Module, from url: URL) throws(UserError) {
    let file = try SafetensorsFile(readingFrom: url)
    var places = TensorPlaces()
    places.add(model)
    places.fill(with: try places.tensors(in: file.arrays, of: url))
  }
}
