import Diagnostics
import Foundation

/// The files of JSON that runs and comparisons keep: times in UTC, numbers that are not finite as text.
package enum RecordFile {
  /// Reads a file; one that says something against itself is damaged too.
  ///
  /// - Parameters:
  ///   - mend: what to do where it is damaged.
  ///   - contradiction: what it says against itself, if anything.
  /// - Throws: where it cannot be read, or is damaged.
  package static func read<Value: Decodable>(
    _ file: URL, mend: String, contradiction: (Value) -> String? = { _ in nil }
  ) throws(UserError) -> Value {
    let data = try RegularFile.contents(of: file)
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "∞", negativeInfinity: "-∞", nan: "NaN")
    func damaged(_ what: String) -> UserError {
      UserError(.data, "the file is damaged: \(what)", at: file.path, mend: mend)
    }
    let value: Value
    do {
      value = try decoder.decode(Value.self, from: data)
    } catch {
      throw damaged(RecordFault.words(for: error))
    }
    if let what = contradiction(value) { throw damaged(what) }
    return value
  }

  /// The text of a file.
  ///
  /// - Throws: an error that names the file.
  package static func data(_ value: some Encodable, for file: URL) throws(UserError) -> Data {
    try encoded(value, [.prettyPrinted], for: file) + Data("\n".utf8)
  }

  /// The text of a file that is a list, a line for each of its values.
  ///
  /// - Throws: an error that names the file.
  package static func lines(_ values: [some Encodable], for file: URL) throws(UserError) -> String {
    var lines: [String] = []
    for value in values { lines.append(String(decoding: try encoded(value, [], for: file), as: UTF8.self)) }
    return "[\n\(lines.joined(separator: ",\n"))\n]\n"
  }

  private static func encoded(
    _ value: some Encodable, _ form: JSONEncoder.OutputFormatting, for file: URL
  ) throws(UserError) -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = form.union([.sortedKeys, .withoutEscapingSlashes])
    encoder.dateEncodingStrategy = .iso8601
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "∞", negativeInfinity: "-∞", nan: "NaN")
    do {
      return try encoder.encode(value)
    } catch {
      throw UserError(.data, "the values cannot be written: \(error)", at: file.path)
    }
  }
}
