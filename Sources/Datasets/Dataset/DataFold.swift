/// One fold of a cross-validation: which of equal shares of a data set is the test side.
///
/// Over all folds every observation is tested exactly once; families stay together.
public struct DataFold: Codable, Hashable, Sendable {
  /// The number of folds, at least 2.
  public let count: Int
  /// The fold that is tested, from 0.
  public let index: Int

  /// Names a fold.
  public init(_ index: Int, of count: Int) {
    precondition(count > 1 && (0..<count).contains(index), "DataFold: fold \(index) of \(count)")
    (self.index, self.count) = (index, count)
  }

  /// The fold that a training is tested on: the one that is named, or one by its seed where none is.
  public static func tested(_ named: Int?, of count: Int, seed: Int) -> DataFold {
    DataFold(named ?? seed % count, of: count)
  }

  /// The fold in words, such as `fold 0 of 5`.
  public var text: String { "fold \(index) of \(count)" }
}
