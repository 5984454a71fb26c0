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
}
