/// A comparison that takes seconds.
enum SmallSuite {
  /// Two methods with two seeds each, in one epoch.
  static let text = """
    title: Small digits
    seeds: [0, 1]
    shared: { training.epochs: 1 }
    rows:
      - { name: GMC, recipe: small.yaml }
      - { name: Fusion, recipe: small.yaml, settings: { method.name: fusion } }
    columns:
      - { title: complete, evaluator: accuracy, subject: image+trajectory, metric: digit }
    profiles:
      quick: { seeds: [3] }

    """

  /// A search among two learning rates for each method.
  private static let search = """
    search:
      on: { evaluation.side: validation }
      by: { evaluator: accuracy, subject: image+trajectory, metric: digit }
      shared: { training.learningRate: [0.001, 0.01] }

    """

  /// Writes the suite beside its recipe.
  ///
  /// - Parameter searches: whether a learning rate is searched for each method first.
  /// - Returns: the suite's path.
  static func write(to folder: TemporaryFolder, searches: Bool = false) throws -> String {
    _ = try folder.write(SmallRecipe.text(), to: "small.yaml")
    return try folder.write(text + (searches ? search : ""), to: "digits.yaml")
  }
}
