import Diagnostics
import Interchange

/// Takes tensors of a checkpoint by name and notes all that are missing, misshapen or left over.
struct WeightReader {
  private var arrays: [String: NumericArray]
  private var faults: [String] = []
  private let place: String
  private let isBlank: Bool

  /// Gives zeros of every shape.
  init() { (arrays, place, isBlank) = ([:], "", true) }

  init(_ file: SafetensorsFile, place: String) {
    arrays = file.arrays
    self.place = place
    isBlank = false
  }

  /// Whether a tensor is there and was not taken.
  func has(_ name: String) -> Bool { arrays[name] != nil }

  /// The shape of a tensor.
  func shape(of name: String) -> [Int]? { arrays[name]?.shape }

  /// Takes a tensor of a shape; where it cannot be, an empty one, and the fault is noted.
  mutating func take(_ name: String, _ shape: [Int]) -> [Float] {
    guard !isBlank else { return [Float](repeating: 0, count: shape.reduce(1, *)) }
    guard let array = arrays.removeValue(forKey: name) else {
      faults.append("\(name) is missing")
      return []
    }
    guard array.shape == shape else {
      faults.append("\(name) has the shape \(array.shape), not \(shape)")
      return []
    }
    guard let values = array.floats else {
      faults.append("\(name) holds no floating-point numbers")
      return []
    }
    return values
  }

  /// Takes tensors that need not be there and are not used.
  mutating func ignore(where isIgnored: (String) -> Bool) {
    for name in arrays.keys.filter(isIgnored) { arrays[name] = nil }
  }

  /// Ends the reading.
  ///
  /// - Throws: `UserError` naming every tensor that was missing or misshapen, and every one that was not taken.
  func finish() throws(UserError) {
    let unknown = arrays.keys.sorted().map { "\($0) is unknown" }
    let all = faults + unknown
    guard all.isEmpty else {
      throw UserError(
        .data, "\(all.count) tensors do not fit the configuration: \(all.joined(separator: ", "))", at: place,
        mend: "take weights and configuration of one model")
    }
  }
}
