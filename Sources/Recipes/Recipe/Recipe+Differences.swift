import StrictYAML

extension Recipe {
  /// The settings whose values differ from those of another recipe, each as `path: theirs → ours`.
  package func differences(from other: Recipe) -> [String] {
    let (own, others) = (content, other.content)
    var paths = own.leafPaths()
    paths += others.leafPaths().filter { !paths.contains($0) }
    return paths.compactMap { path in
      let keys = path.split(separator: ".").map(String.init)
      let (before, now) = (others.value(at: keys), own.value(at: keys))
      guard before != now else { return nil }
      return "\(path): \(before?.yaml ?? "absent") → \(now?.yaml ?? "absent")"
    }
  }
}
