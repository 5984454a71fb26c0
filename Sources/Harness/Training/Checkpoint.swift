import Autograd
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
    var arrays: [String: NumericArray] = [:]
    for (path, parameter) in model.parameters {
      arrays[path] = NumericArray(parameter.value.values, shape: parameter.shape)
    }
    for (path, buffer) in model.buffers { arrays[path] = NumericArray(buffer.value.values, shape: buffer.value.shape) }
    try SafetensorsFile(arrays: arrays, metadata: metadata).write(to: url)
  }

  /// Reads a model of the same structure.
  ///
  /// - Throws: an error naming the first tensor that is missing, left over or of another shape; nothing is changed then.
  public static func read(_ model: some Module, from url: URL) throws(UserError) {
    let file = try SafetensorsFile(readingFrom: url)
    let parameters = model.parameters
    let buffers = model.buffers
    func tensor(_ path: String, _ shape: [Int]) throws(UserError) -> Tensor {
      guard let array = file.arrays[path], let values = array.floats else {
        throw UserError(.data, "holds no tensor \(path)", at: url.path, mend: "it belongs to another model")
      }
      guard array.shape == shape else {
        throw UserError(
          .data, "\(path) has shape \(array.shape), the model's is \(shape)", at: url.path,
          mend: "it belongs to another model")
      }
      return Tensor(values, shape: shape)
    }
    var values: [Tensor] = []
    for (path, parameter) in parameters { values.append(try tensor(path, parameter.shape)) }
    var states: [Tensor] = []
    for (path, buffer) in buffers { states.append(try tensor(path, buffer.value.shape)) }
    let known = Set(parameters.map(\.path) + buffers.map(\.path))
    if let extra = file.arrays.keys.sorted().first(where: { !known.contains($0) }) {
      throw UserError(
        .data, "holds \(extra), which the model has not", at: url.path, mend: "it belongs to another model")
    }
    for ((_, parameter), value) in zip(parameters, values) { parameter.assign(value) }
    for ((_, buffer), value) in zip(buffers, states) { buffer.value = value }
  }
}
