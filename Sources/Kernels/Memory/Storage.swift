import Foundation
import Synchronization

/// A block of 32-bit floats, aligned to 64 bytes, that returns to a pool when it is released.
///
/// Training steps ask for the same sizes again and again; the pool answers without a page fault.
public final class Storage: @unchecked Sendable {
  /// How many numbers were asked for.
  public let count: Int
  /// The first number; the contents are undefined at first.
  public let pointer: UnsafeMutablePointer<Float>

  /// Takes a block of `count` numbers from the pool, or from the system where the pool has none of that size.
  public init(count: Int) {
    precondition(count >= 0, "Storage: a count of \(count) numbers")
    self.count = count
    pointer = StoragePool.take(count: count)
  }

  deinit { StoragePool.giveBack(pointer, count: count) }
}

/// The blocks that are free, by size class, and how much memory is in use.
public enum StoragePool {
  private struct State: @unchecked Sendable {
    var free: [Int: [UnsafeMutablePointer<Float>]] = [:]
    var inUse = 0
    var peak = 0
    var reserved = 0
  }

  private static let state = Mutex(State())

  /// Rounds up to one of four sizes in each power of two, so that a block wastes at most a quarter.
  static func sizeClass(of count: Int) -> Int {
    let least = max(count, 16)
    let step = max(16, 1 << max(0, Int.bitWidth - (least - 1).leadingZeroBitCount - 3))
    return (least + step - 1) / step * step
  }

  fileprivate static func take(count: Int) -> UnsafeMutablePointer<Float> {
    let size = sizeClass(of: count)
    let pooled = state.withLock { state -> UnsafeMutablePointer<Float>? in
      state.inUse += size
      state.peak = max(state.peak, state.inUse)
      if let block = state.free[size]?.popLast() { return block }
      state.reserved += size
      return nil
    }
    if let pooled { return pooled }
    var address: UnsafeMutableRawPointer?
    let status = posix_memalign(&address, 64, size * MemoryLayout<Float>.stride)
    guard status == 0, let address else { preconditionFailure("Storage: out of memory for \(count) numbers") }
    return address.bindMemory(to: Float.self, capacity: size)
  }

  fileprivate static func giveBack(_ pointer: UnsafeMutablePointer<Float>, count: Int) {
    let size = sizeClass(of: count)
    state.withLock { state in
      state.inUse -= size
      state.free[size, default: []].append(pointer)
    }
  }

  /// Bytes in blocks that are in use now, and the most there ever were.
  public static var bytesInUse: (now: Int, peak: Int) {
    state.withLock { ($0.inUse * MemoryLayout<Float>.stride, $0.peak * MemoryLayout<Float>.stride) }
  }

  /// Returns all free blocks to the system.
  public static func releaseFreeBlocks() {
    let blocks = state.withLock { state in
      let blocks = state.free
      state.free = [:]
      state.reserved -= blocks.reduce(0) { $0 + $1.key * $1.value.count }
      return blocks
    }
    for block in blocks.values.joined() { free(block) }
  }
}
