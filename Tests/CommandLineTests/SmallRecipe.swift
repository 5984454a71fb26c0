/// A recipe on made-up digits that takes a second an epoch.
enum SmallRecipe {
  /// Its text.
  ///
  /// - Parameter head: further lines at its beginning.
  static func text(_ head: String = "", epochs: Int = 5) -> String {
    """
    \(head)
    experiment: gmc
    data:
      set: digits
      digits: { source: generated, trainingPairs: 40, validationPairs: 10, testPairs: 20, withLabel: false }
    model: { imageEncoder: strided, vectorDimensions: [16], dimensions: 8 }
    method:
      name: gmc
      gmc: { commonDimensions: 16, headDimensions: [16] }
      fusion: { hidden: [8] }
    training: { epochs: \(epochs), batchSize: 20 }
    evaluation:
      evaluators: [accuracy, retrieval, geometry, delaunay]
      accuracy: { epochs: 1, hidden: [8], subsets: all }
      retrieval: { match: label, fromComplete: true }

    """
  }
}
