import Kernels

/// How the rows of an operation are taken in blocks.
///
/// Where the weights are small, each thread takes blocks of its own, whose intermediate values stay in a core's second-level
/// cache. Weights that such a cache does not hold would be read anew for each block, and each thread would add up gradients
/// as large as they are; so there all threads share one large block after another.
struct RowBlocks {
  /// The units of a block: rows, or observations of several rows.
  let size: Int
  /// The blocks.
  let count: Int
  /// Whether all threads work on the same block.
  let areShared: Bool
  private let units: Int

  /// The weights, in numbers, from which blocks are shared: 2 MB of float32, twice a second-level cache.
  private static let sharedFrom = 1 << 19
  /// 192 rows of 768 hidden values are 0.6 MB; of a shared block the values are in memory anyway.
  private static let (ownRows, sharedRows) = (192, 2048)

  /// Divides `units` of `rowsEach` rows that pass weights of `weights` numbers.
  ///
  /// Integers of 8 bits are a quarter as large and multiplied several times as fast, so there each thread keeps blocks of its
  /// own, whose rows it makes and uses in its cache.
  init(units: Int, rowsEach: Int = 1, weights: Int) {
    self.units = units
    areShared = weights >= Self.sharedFrom && ReducedInference.current == nil
    let most = max(1, (areShared ? Self.sharedRows : Self.ownRows) / max(1, rowsEach))
    size = max(1, min(most, units))
    count = rowsEach == 0 ? 0 : (units + size - 1) / size
  }

  /// The units of a block.
  func extent(_ index: Int) -> (first: Int, count: Int) { (index * size, min(size, units - index * size)) }

  /// Runs `body` on contiguous parts of the blocks, one a thread; on all of them at once where threads share each.
  func run(_ body: (Range<Int>) -> Void) {
    if areShared { body(0..<count) } else { Parallel.run(count: count, body) }
  }

  /// Runs `body` on the parts of a block that have nothing to do with each other, with room for each thread.
  func run<Room>(parts: Int, room: () -> Room, _ body: (Int, Room) -> Void) {
    func some(_ range: Range<Int>) {
      let own = room()
      for part in range { body(part, own) }
      withExtendedLifetime(own) {}
    }
    if areShared { Parallel.run(count: parts, some) } else { some(0..<parts) }
  }
}
