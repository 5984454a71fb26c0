import Kernels
import Synchronization

/// Gradients of parameters that are added up over blocks of rows.
struct BlockwiseGradients {
  private let targets: [UnsafeMutablePointer<Float>]
  private let areBegun: [Bool]
  private let firstBlock: Int

  /// Where the gradient of a parameter goes.
  subscript(_ parameter: Int) -> UnsafeMutablePointer<Float> { targets[parameter] }

  /// Whether a block adds its part to what is there, rather than writing it; of gains and biases each does.
  func adds(_ parameter: Int, at block: Int) -> Bool { areBegun[parameter] || block > firstBlock }

  /// Runs `body` on contiguous parts of the blocks and hands the sums on to the parameters.
  ///
  /// - Parameter body: takes the blocks of a thread and where the gradients of the parameters go, each thread's to a place of
  ///   its own unless the threads share the blocks.
  static func addUp(
    for parameters: [Tensor], blocks: RowBlocks, _ body: (_ blocks: Range<Int>, _ sums: BlockwiseGradients) -> Void
  ) {
    guard !blocks.areShared else { return addUpInPlace(parameters[...], blocks, [], body) }
    let collected = Mutex<[(start: Int, sums: [Storage])]>([])
    blocks.run { range in
      let sums = parameters.map { Storage(count: $0.count) }
      body(range, Self(zip(sums, parameters).map { Target($0.pointer, of: $1) }, from: range.lowerBound))
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

  /// Opens the gradient of one parameter after another, then runs `body` on all blocks.
  private static func addUpInPlace(
    _ parameters: ArraySlice<Tensor>, _ blocks: RowBlocks, _ targets: [Target],
    _ body: (_ blocks: Range<Int>, _ sums: BlockwiseGradients) -> Void
  ) {
    guard let next = parameters.first else { return body(0..<blocks.count, Self(targets, from: 0)) }
    func goOn(_ target: UnsafeMutablePointer<Float>, _ adding: Bool) {
      let own = Target(target, of: next, isBegun: adding, isWhole: blocks.count == 0)
      addUpInPlace(parameters.dropFirst(), blocks, targets + [own], body)
    }
    if let node = next.node {
      node.accumulate(goOn)
    } else {
      let unused = Storage(count: next.count)
      goOn(unused.pointer, false)
      withExtendedLifetime(unused) {}
    }
  }

  private struct Target {
    let pointer: UnsafeMutablePointer<Float>
    let isBegun: Bool

    /// Vectors begin at 0; a matrix is written by the first block, if there is one.
    init(_ pointer: UnsafeMutablePointer<Float>, of parameter: Tensor, isBegun: Bool = false, isWhole: Bool = false) {
      self.pointer = pointer
      let fills = !isBegun && (parameter.rank < 2 || isWhole)
      if fills { Elementwise.fill(pointer, with: 0, count: parameter.count) }
      self.isBegun = isBegun || fills
    }
  }

  private init(_ targets: [Target], from firstBlock: Int) {
    self.targets = targets.map(\.pointer)
    areBegun = targets.map(\.isBegun)
    self.firstBlock = firstBlock
  }
}
