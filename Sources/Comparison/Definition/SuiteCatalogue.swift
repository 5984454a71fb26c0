import Diagnostics
import Foundation

/// The built-in suites, and the way from a name or path to a ``Suite``.
package enum SuiteCatalogue {
  private static var folder: URL { Bundle.module.bundleURL.appending(path: "Suites") }

  /// The names of the built-in suites, in alphabetical order.
  package static var names: [String] {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return files.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
  }

  /// Reads a suite.
  ///
  /// - Parameter name: a built-in name, or the path of a `.yaml` file.
  /// - Throws: where there is no such suite or it is not as it must be.
  package static func suite(
    _ name: String, profile: String? = nil, overrides: [String] = []
  ) throws(UserError) -> Suite {
    let isPath = name.hasSuffix(".yaml") || name.hasSuffix(".yml")
    guard isPath || names.contains(name) else {
      throw UserError(
        .usage, "there is no suite `\(name)`",
        mend: nearestName(to: name, among: names).map { "did you mean `\($0)`?" }
          ?? "the built-in ones are \(names.joined(separator: ", ")); a file of your own ends with .yaml")
    }
    let url = isPath ? URL(fileURLWithPath: name) : folder.appending(path: "\(name).yaml")
    let source = isPath ? name : "suite \(name)"
    let data = try RegularFile.contents(of: url, limit: 1 << 20, place: source)
    guard let text = String(validating: data, as: UTF8.self) else {
      throw UserError(.data, "the suite is not UTF-8 text", at: source, mend: "save it as UTF-8")
    }
    return try Suite(
      text: text, name: isPath ? url.deletingPathExtension().lastPathComponent : name, source: source, argument: name,
      folder: isPath && name.contains("/") ? String(name[...(name.lastIndex(of: "/") ?? name.startIndex)]) : "",
      profile: profile, overrides: overrides)
  }
}
