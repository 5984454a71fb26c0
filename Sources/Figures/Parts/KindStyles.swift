/// The colour and the shape of each kind in a chart.
struct KindStyles {
  /// The kinds that there are, each with the number that its colour and shape go by.
  let all: [(index: Int, kind: String)]

  /// Numbers the kinds by an order, so that a kind looks alike in every chart of that order, whichever others are there.
  ///
  /// - Parameters:
  ///   - kinds: the kind of each entry.
  ///   - order: all kinds; one that is not among them comes after these, as it is met.
  init(_ kinds: [String], order: [String]) {
    var seen: Set<String> = []
    let numbered = (order + kinds).filter { seen.insert($0).inserted }
    let present = Set(kinds)
    all = numbered.enumerated().filter { present.contains($1) }.map { (index: $0, kind: $1) }
  }

  /// What a legend has of them.
  var legend: [(text: String, sample: Legend.Sample)] {
    all.filter { !$0.kind.isEmpty }.map { ($1, .point(color: Theme.color($0), shape: Theme.shape($0), size: 0.8)) }
  }
}
