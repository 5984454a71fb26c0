import Kernels
import Synchronization
import Testing

@Suite struct ParallelTests {
  /// How often each index of `0..<count` is covered, and the parts in order.
  private static func coverage(_ count: Int, grain: Int) -> (visits: [Int], parts: [Range<Int>]) {
    let parts = Mutex<[Range<Int>]>([])
    Parallel.run(count: count, grain: grain) { range in parts.withLock { $0.append(range) } }
    let ordered = parts.withLock { $0 }.sorted { $0.lowerBound < $1.lowerBound }
    var visits = [Int](repeating: 0, count: count)
    for range in ordered { for i in range { visits[i] += 1 } }
    return (visits, ordered)
  }

  @Test(arguments: [1, 2, 3], [(0, 1), (1, 1), (2, 1), (7, 1), (7, 4), (1000, 1), (1000, 600), (5, 0)])
  func everyIndexIsCoveredOnce(threads: Int, sizes: (count: Int, grain: Int)) {
    // The number of threads is that of the calling thread.
    let before = Parallel.threads
    Parallel.threads = threads
    defer { Parallel.threads = before }
    #expect(Parallel.threads == threads)
    let (visits, parts) = Self.coverage(sizes.count, grain: sizes.grain)
    #expect(visits.allSatisfy { $0 == 1 })
    #expect(parts.count <= threads)
    if sizes.count == 0 { #expect(parts.isEmpty) }
    if parts.count > 1 { #expect(parts.allSatisfy { $0.count >= sizes.grain }) }
    if sizes.count == 1000, sizes.grain == 1 { #expect(parts.count == threads) }
  }

  @Test func runsWithinRuns() {
    let total = Mutex(0)
    Parallel.run(count: 4) { outer in
      for _ in outer { Parallel.run(count: 10) { inner in total.withLock { $0 += inner.count } } }
    }
    #expect(total.withLock { $0 } == 40)
  }
}
