import Diagnostics
import Dispatch
import Foundation
import Kernels

/// Items that are decoded before somebody waits for them, by threads of its own, and held while they may be asked for again:
/// those of the step at work, and those that were named for the next.
///
/// What an item is depends on its index alone, so neither threads nor order change it.
final class DecodedAhead: @unchecked Sendable {
  typealias Decode = @Sendable (Int) throws(UserError) -> [UInt8]

  private let decode: Decode
  private let mostItems: Int
  private let mostWorkers: Int
  /// Guards everything below.
  private let condition = NSCondition()
  private var ready: [Int: Result<[UInt8], UserError>] = [:]
  private var waiting: ArraySlice<Int> = []
  private var working: Set<Int> = []
  private var workers = 0
  /// What was asked for last.
  private var current: Set<Int> = []
  /// How many calls wait for each item.
  private var asked: [Int: Int] = [:]
  /// What was named last, and before.
  private var named: [Set<Int>] = [[], []]

  /// - Parameter mostItems: how many items are decoded ahead at most.
  init(mostItems: Int, decode: @escaping Decode) {
    self.decode = decode
    self.mostItems = mostItems
    // The step itself computes on all threads.
    mostWorkers = max(1, Parallel.threads / 2)
  }

  /// How many items are held.
  var heldCount: Int { condition.withLock { ready.count } }

  /// Begins to decode items that will be asked for.
  func prepare(_ indices: [Int]) {
    condition.withLock {
      let wanted = indices.prefix(mostItems)
      named = [Set(wanted), named[0]]
      forget()
      waiting = wanted.filter { ready[$0] == nil && !working.contains($0) }[...]
      while workers < min(mostWorkers, waiting.count) {
        workers += 1
        DispatchQueue.global().async { self.work() }
      }
    }
  }

  /// Some items, decoded where they are not yet.
  ///
  /// - Throws: the error of the first that cannot be.
  func items(at indices: [Int]) throws(UserError) -> [[UInt8]] {
    let own = Set(indices)
    let missing = condition.withLock {
      current = own
      for index in own { asked[index, default: 0] += 1 }
      waiting = waiting.filter { !own.contains($0) }[...]
      let missing = own.filter { ready[$0] == nil && !working.contains($0) }.sorted()
      working.formUnion(missing)
      return missing
    }
    let found = decoded(missing)
    let results = condition.withLock {
      for (index, result) in zip(missing, found) { ready[index] = result }
      working.subtract(missing)
      condition.broadcast()
      while !working.isDisjoint(with: own) { condition.wait() }
      let results = indices.map { ready[$0] }
      for index in own { asked[index] = asked[index].flatMap { $0 > 1 ? $0 - 1 : nil } }
      forget()
      return results
    }
    var items: [[UInt8]] = []
    for result in results {
      guard let result else { preconditionFailure("DecodedAhead: an item was forgotten") }
      items.append(try result.get())
    }
    return items
  }

  private func decoded(_ indices: [Int]) -> [Result<[UInt8], UserError>] {
    var results = [Result<[UInt8], UserError>](repeating: .success([]), count: indices.count)
    results.withUnsafeMutableBufferPointer { results in
      nonisolated(unsafe) let results = results
      Parallel.run(count: indices.count) { part in
        for place in part { results[place] = result(indices[place]) }
      }
    }
    return results
  }

  private func result(_ index: Int) -> Result<[UInt8], UserError> {
    do throws(UserError) {
      return .success(try decode(index))
    } catch {
      return .failure(error)
    }
  }

  /// Forgets what nobody has named; the lock is held.
  private func forget() {
    ready = ready.filter { index, _ in
      current.contains(index) || asked[index] != nil || named[0].contains(index) || named[1].contains(index)
    }
  }

  /// What a thread does until nothing waits.
  private func work() {
    while let index = next() {
      let result = result(index)
      condition.withLock {
        ready[index] = result
        working.remove(index)
        condition.broadcast()
      }
    }
  }

  private func next() -> Int? {
    condition.withLock {
      guard let index = waiting.popFirst() else {
        workers -= 1
        return nil
      }
      working.insert(index)
      return index
    }
  }
}
