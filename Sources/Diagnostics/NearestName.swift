/// The candidate that is nearest to a mistyped name by Levenshtein distance, where one is near enough to suggest.
///
/// - Returns: the nearest candidate at a distance of at most a third of the name's length, but at least 2, of which one letter
///   stays.
public func nearestName(to name: String, among candidates: some Sequence<String>) -> String? {
  let limit = max(min(2, name.count - 1), name.count / 3)
  // Lengths that differ by more need no table, which for a name of a million letters would be large.
  let near = candidates.filter { abs($0.count - name.count) <= limit }
  let scored = near.map { ($0, editDistance(name, $0)) }
  return scored.filter { $0.1 <= limit }.min { ($0.1, $0.0) < ($1.1, $1.0) }?.0
}

/// The number of insertions, deletions and substitutions of characters that turn one string into the other.
func editDistance(_ first: String, _ second: String) -> Int {
  let first = Array(first)
  let second = Array(second)
  var row = Array(0...second.count)
  for i in 0..<first.count {
    var diagonal = row[0]
    row[0] = i + 1
    for j in 0..<second.count {
      let above = row[j + 1]
      row[j + 1] = min(above + 1, row[j] + 1, diagonal + (first[i] == second[j] ? 0 : 1))
      diagonal = above
    }
  }
  return row[second.count]
}
