/// A comparison that takes seconds.
enum SmallSuite {
  /// A recipe on made-up digits that takes a second.
  static let recipe = """
    experiment: gmc
    data:
      set: digits
      digits: { source: generated, trainingPairs: 40, validationPairs: 10, testPairs: 20, withLabel: false }
    model: { imageEncoder: strided, vectorDimensions: [16], dimensions: 8 }
    method:
      name: gmc
      gmc: { commonDimensions: 16, headDimensions: [16] }
      fusion: { hidden: [8] }
    training: { epochs: 5, batchSize: 20 }
    evaluation:
      evaluators: [accuracy, retrieval, geometry, delaunay]
      accuracy: { epochs: 1, hidden: [8], subsets: all }
      retrieval: { match: label, fromComplete: true }

    """

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
    _ = try folder.write(recipe, to: "small.yaml")
    return try folder.write(text + (searches ? search : ""), to: "digits.yaml")
  }
}
