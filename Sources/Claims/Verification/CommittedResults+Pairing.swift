import Runs

extension CommittedResults {
  /// How the runs of a relation's results are held against each other.
  ///
  /// Where both terms are of the same trainings, or have some in common, runs are paired by seed. Else what the relation
  /// says goes first, and then the recipes, never the figures: runs of one seed are paired where all recipes agree in
  /// `data`, `training` and the method, so that they see the same batches in the same order under the same loss, or where
  /// the seed chooses the same test items for all, as folds by the seed do. Other runs of unlike methods, and of results
  /// without a recipe, are independent.
  public func pairing(of relation: ScoreRelation) -> Pairing {
    let names = Set(relation.names.map(\.results))
    if case .term(let other) = relation.reference,
      !Set(other.names.map(\.results)).isDisjoint(with: relation.term.names.map(\.results))
    {
      return .paired
    }
    if let pairing = relation.pairing { return pairing }
    let recipes = names.compactMap { self[$0]?.recipe }
    guard recipes.count == names.count else { return .independent }
    return recipes.dropFirst().allSatisfy { $0.isPaired(with: recipes[0]) } ? .paired : .independent
  }
}
