import Foundation

/// The targets of a manifest with what they depend on, read from its text: libraries, papers and the program, no tests.
struct PackageTargets {
  /// A target.
  struct Target: Equatable {
    let name: String
    let folder: String
    let dependencies: [String]
  }

  /// The targets in the order of the manifest.
  let all: [Target]

  /// Reads a manifest that is formatted as this package's: a target begins with its name, dependencies are words in
  /// quotation marks; products of other packages are left out.
  init(_ manifest: String) {
    let starts = manifest.matches(of: /\.(target|executableTarget|testTarget|systemLibrary)\(\s*name: "(\w+)"/)
    all = starts.indices.compactMap { index in
      let match = starts[index]
      guard match.1 != "testTarget" else { return nil }
      let end = index + 1 < starts.count ? starts[index + 1].range.lowerBound : manifest.endIndex
      let text = manifest[match.range.upperBound..<end]
      let folder = text.firstMatch(of: /path: "([^"]+)"/).map { String($0.1) } ?? "Sources/\(match.2)"
      guard !folder.hasPrefix("Tests/") else { return nil }
      return Target(name: String(match.2), folder: folder, dependencies: Self.dependencies(in: text))
    }
  }

  private static func dependencies(in text: Substring) -> [String] {
    guard let start = text.firstRange(of: "dependencies: [")?.upperBound else { return [] }
    let list = text[start...].replacing(/\.product\([^)]*\)/, with: "").prefix { $0 != "]" }
    return list.matches(of: /"(\w+)"/).map { String($0.1) }
  }

  /// The dependencies that no path over another dependency says already.
  func direct(_ target: Target) -> [String] {
    target.dependencies.filter { name in
      !target.dependencies.contains { $0 != name && reaches($0, name) }
    }
  }

  private func reaches(_ from: String, _ to: String) -> Bool {
    guard let target = all.first(where: { $0.name == from }) else { return false }
    return target.dependencies.contains { $0 == to || reaches($0, to) }
  }

  /// How many targets lie below at most, one below the other.
  func height(_ name: String) -> Int {
    guard let target = all.first(where: { $0.name == name }) else { return 0 }
    return target.dependencies.map { height($0) + 1 }.max() ?? 0
  }
}
