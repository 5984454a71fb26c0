/// A sum of values in the order of a binary tree over their places, ((0 + 1) + (2 + 3)) + …
///
/// Neighbours are added as soon as both are there, so that the order of the additions depends on the number of places alone,
/// whoever has added which of them before.
package struct PairwiseSum<Value> {
  /// The values that are not added yet, each the sum of some neighbouring places.
  package private(set) var nodes: [(places: Range<Int>, value: Value)] = []
  private let adding: (Value, Value) -> Value

  /// Begins a sum.
  ///
  /// - Parameter adding: the sum of two values; it may change the first one and give it back.
  package init(adding: @escaping (Value, Value) -> Value) { self.adding = adding }

  /// Adds the sum of the places that follow those which are there: of one, or of a node of another sum.
  package mutating func append(_ value: Value, of places: Range<Int>) {
    precondition(
      nodes.last.map { $0.places.upperBound == places.lowerBound } ?? true && !places.isEmpty,
      "PairwiseSum: places \(places) behind \(nodes.map(\.places))")
    nodes.append((places, value))
    while nodes.count > 1 {
      let (before, last) = (nodes[nodes.count - 2], nodes[nodes.count - 1])
      guard Self.areHalves(before.places, last.places) else { return }
      nodes.removeLast(2)
      nodes.append((before.places.lowerBound..<last.places.upperBound, adding(before.value, last.value)))
    }
  }

  /// The sum of all, the smallest nodes first; nil where there is none.
  package var total: Value? {
    nodes.dropLast().reversed().reduce(nodes.last?.value) { sum, node in sum.map { adding($0, node.value) } }
  }

  /// The nodes that the sum of some places ends with.
  package static func nodes(of places: Range<Int>) -> [Range<Int>] {
    var nodes: [Range<Int>] = []
    for place in places {
      nodes.append(place..<place + 1)
      while nodes.count > 1, areHalves(nodes[nodes.count - 2], nodes[nodes.count - 1]) {
        let last = nodes.removeLast()
        nodes.append(nodes.removeLast().lowerBound..<last.upperBound)
      }
    }
    return nodes
  }

  private static func areHalves(_ first: Range<Int>, _ second: Range<Int>) -> Bool {
    first.count == second.count && first.lowerBound % (2 * first.count) == 0
  }
}
