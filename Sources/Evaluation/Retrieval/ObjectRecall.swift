import Kernels

/// Whether one vector for a whole picture tells of all the objects in it.
///
/// Where a picture has k kinds of objects, the k kinds of highest score are taken as found. Of equal scores the earlier
/// kind is higher, and a score that is not a number is the lowest.
public struct ObjectRecall: Equatable, Sendable {
  /// The mean share of a picture's kinds that are found; nil without a picture that has any.
  public let recall: Double?
  /// The share of pictures all of whose kinds are found.
  public let complete: Double?
  /// The recall that guessing gives: the mean of k over the number of kinds.
  public let chance: Double?

  /// Compares scores with what is there: a kind is present where its value is above ½.
  ///
  /// Shapes: both matrices are `[pictures, kinds]`.
  ///
  /// - Parameter fewest: pictures with fewer kinds are left out, as are those with none.
  public init(scores: Matrix, present: Matrix, fewest: Int = 1) {
    precondition(
      scores.rows == present.rows && scores.columns == present.columns,
      "Object recall: scores [\(scores.rows), \(scores.columns)] for [\(present.rows), \(present.columns)]")
    var (shares, whole, chances): ([Double], [Double], [Double]) = ([], [], [])
    for row in 0..<scores.rows {
      let kinds = (0..<scores.columns).filter { present[row, $0] > 0.5 }
      guard kinds.count >= max(1, fewest) else { continue }
      let value = { (kind: Int) in scores[row, kind].isNaN ? -Float.infinity : scores[row, kind] }
      let found = (0..<scores.columns).sorted { value($0) == value($1) ? $0 < $1 : value($0) > value($1) }
        .prefix(kinds.count)
      let hits = found.count { kinds.contains($0) }
      shares.append(Double(hits) / Double(kinds.count))
      whole.append(hits == kinds.count ? 1 : 0)
      chances.append(Double(kinds.count) / Double(scores.columns))
    }
    func mean(_ values: [Double]) -> Double? { values.isEmpty ? nil : SampleStatistic.mean(of: values) }
    (recall, complete, chance) = (mean(shares), mean(whole), mean(chances))
  }
}
