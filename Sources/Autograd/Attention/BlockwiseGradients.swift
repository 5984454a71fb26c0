import Kernels
import Synchronization

/// Gradients of parameters that threads add up over blocks of rows, each thread for itself.
enum BlockwiseGradients {
  /// Runs `body` on contiguous parts of the blocks and hands the sums on to the parameters.
  ///
  /// - Parameter body: takes the blocks of a thread and, for each parameter, where to add its gradient up; it starts at 0.
  static func addUp(
    for parameters: [Tensor], blocks: Int,
    _ body: (_ blocks: Range<Int>, _ sums: [UnsafeMutablePointer<Float>]) -> Void
  ) {
    let collected = Mutex<[(start: Int, sums: [Storage])]>([])
    let counts = parameters.map(\.count)
    Parallel.run(count: blocks) { range in
      let sums = counts.map { count in
        let storage = Storage(count: count)
        Elementwise.fill(storage.pointer, with: 0, count: count)
        return storage
      }
      body(range, sums.map(\.pointer))
      collected.withLock { $0.append((range.lowerBound, sums)) }
    }
    // Threads end in any order; their sums are added in the order of the rows.
    let parts = collected.withLock { $0.sorted { $0.start < $1.start }.map(\.sums) }
    for (index, parameter) in parameters.enumerated() {
      parameter.node?.accumulate { target, adding in
        if parts.isEmpty, !adding { Elementwise.fill(target, with: 0, count: parameter.count) }
        for (order, part) in parts.enumerated() {
          if order == 0, !adding {
            Elementwise.copy(part[index].pointer, to: target, count: parameter.count)
          } else {
            Elementwise.add(part[index].pointer, scale: 1, to: target, count: parameter.count)
          }
        }
      }
    }
  }
}
