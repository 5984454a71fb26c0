import Autograd
import Diagnostics
import Foundation
import Interchange

/// Reference values of one computation, as a safetensors file holds them.
///
/// Metadata: `case` names what is computed, the rest are its settings. Tensors: `in.*` are inputs, `out.*` expected
/// outputs, `grad.*` the expected gradients of `out.loss` with respect to the inputs of the same names.
struct ReferenceCase {
  let name: String
  let file: SafetensorsFile
  let place: String

  init(_ file: SafetensorsFile, url: URL) throws {
    self.file = file
    place = url.lastPathComponent
    guard let name = file.metadata["case"] else {
      throw UserError(.data, "no reference case: the metadata names none", at: place, mend: "add the key \"case\"")
    }
    self.name = name
  }

  /// An input as numbers.
  func input(_ name: String) throws -> Tensor { try tensor("in.\(name)") }

  /// An input as whole numbers, with its shape.
  func integers(_ name: String) throws -> (values: [Int32], shape: [Int]) {
    guard let array = file.arrays["in.\(name)"], case .int32(let values) = array.values else {
      throw UserError(.data, "no whole numbers under in.\(name)", at: place)
    }
    return (values, array.shape)
  }

  /// The names of inputs that are numbers, in order.
  var inputNames: [String] {
    file.arrays.keys.filter { $0.hasPrefix("in.") && file.arrays[$0]?.floats != nil }.map { String($0.dropFirst(3)) }
      .sorted { $0.localizedStandardCompare($1) == .orderedAscending }
  }

  /// A tensor by its full name; whole numbers become floats.
  func tensor(_ name: String) throws -> Tensor {
    guard let array = file.arrays[name] else { throw UserError(.data, "no tensor \(name)", at: place) }
    if case .int32(let values) = array.values { return Tensor(values.map(Float.init), shape: array.shape) }
    guard let values = array.floats else { throw UserError(.data, "no tensor \(name) of floats", at: place) }
    return Tensor(values, shape: array.shape)
  }

  /// A setting as a number.
  func number(_ key: String) throws -> Float {
    guard let text = file.metadata[key], let value = Float(text), value.isFinite else {
      throw UserError(.data, "no number under \(key) in the metadata", at: place)
    }
    return value
  }

  /// A setting as a positive whole number.
  func count(_ key: String, least: Int = 1) throws -> Int {
    guard let text = file.metadata[key], let value = Int(text), value >= least, value < 1 << 24 else {
      throw UserError(.data, "no whole number of at least \(least) under \(key) in the metadata", at: place)
    }
    return value
  }

  /// A setting that is one of a few words.
  ///
  /// - Parameter usual: what it is where the file does not say it; nil where it must.
  func word<Choice: RawRepresentable & CaseIterable>(
    _ key: String, default usual: Choice? = nil
  ) throws -> Choice where Choice.RawValue == String {
    let text = file.metadata[key]
    if let usual, text == nil { return usual }
    guard let choice = text.flatMap(Choice.init) else {
      throw UserError(
        .data, text.map { "unknown \(key) \"\($0)\"" } ?? "no \(key) in the metadata", at: place,
        mend: "known are \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return choice
  }

  /// Fails unless a condition on shapes and settings holds.
  func require(_ condition: Bool, _ what: String) throws {
    if !condition { throw UserError(.data, what, at: place) }
  }
}
