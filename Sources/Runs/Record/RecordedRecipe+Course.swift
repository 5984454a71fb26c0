import StrictYAML

extension RecordedRecipe {
  /// The names of the method, now and in recipes of earlier versions.
  private static let methods: Set<String> = ["experiment", "method.name", "method.objective", "method.head"]

  /// Whether a training of this recipe sees the same batches in the same order under the same loss as one of another
  /// with the same seed: all of `data` and `training` and the method are the same.
  public func sharesCourse(with other: RecordedRecipe) -> Bool {
    !Self.differingPaths(among: [self, other]).contains { path in
      Self.methods.contains(path) || path.hasPrefix("data.") || path.hasPrefix("training.")
    }
  }

  /// Whether runs of one seed belong together: they share their course, or the seed chooses the test items of both alike,
  /// so that what makes some items harder than others is common to both.
  public func isPaired(with other: RecordedRecipe) -> Bool {
    guard let own = testItemsBySeed else { return sharesCourse(with: other) }
    return own == other.testItemsBySeed || sharesCourse(with: other)
  }

  /// What, beside the seed, decides which items are tested, where the seed chooses the fold; nil where it does not.
  private var testItemsBySeed: [String: JSONValue]? {
    guard case .text(let set)? = self[path: "data.set"]?.value, self[path: "data.fold"]?.value ?? .null == .null
    else { return nil }
    let keys = ["data.folds", "data.\(set).folds"]
    let folds = keys.lazy.compactMap { key -> Int? in
      if case .integer(let count)? = self[path: key]?.value { count } else { nil }
    }.first
    guard let folds, folds > 1 else { return nil }
    var deciding: [String: JSONValue] = ["data.set": .text(set), "data.folds": .integer(folds)]
    for setting in settings where setting.path.hasPrefix("data.\(set).") && setting.path != keys[1] {
      deciding[setting.path] = setting.value
    }
    return deciding
  }
}
