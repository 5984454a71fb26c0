import Kernels
import Teams
import Testing

@Suite struct PairwiseSumTests {
  private static func text(of leaves: [(String, Range<Int>)]) -> String? {
    var sum = PairwiseSum<String> { "(\($0) \($1))" }
    for (value, places) in leaves { sum.append(value, of: places) }
    return sum.total
  }

  private static func whole(_ count: Int) -> String? { text(of: (0..<count).map { ("\($0)", $0..<$0 + 1) }) }

  @Test func neighboursAreAddedFirst() {
    #expect(Self.whole(0) == nil && Self.whole(1) == "0")
    #expect(Self.whole(4) == "((0 1) (2 3))")
    // What has no partner comes first in the end.
    #expect(Self.whole(7) == "((6 (4 5)) ((0 1) (2 3)))")
  }

  @Test(arguments: [2, 3, 4, 6, 8, 12, 24]) func whoAddsWhatChangesNoOrder(count: Int) {
    for size in (1...count) where count % size == 0 {
      let each = count / size
      var parts: [(String, Range<Int>)] = []
      for rank in 0..<size {
        var own = PairwiseSum<String> { "(\($0) \($1))" }
        for place in rank * each..<(rank + 1) * each { own.append("\(place)", of: place..<place + 1) }
        #expect(own.nodes.map(\.places) == PairwiseSum<String>.nodes(of: rank * each..<(rank + 1) * each))
        parts += own.nodes.map { ($0.value, $0.places) }
      }
      #expect(Self.text(of: parts) == Self.whole(count), "\(count) places of \(size) ranks")
    }
  }

  @Test func aGapIsRefused() async {
    await #expect(processExitsWith: .failure) {
      var sum = PairwiseSum<Int>(adding: +)
      sum.append(1, of: 0..<1)
      sum.append(1, of: 2..<3)
    }
  }
}
