import Diagnostics
import Dispatch
import Foundation
import Kernels

/// Items that are made before somebody waits for them, by threads of its own, and held while they may be asked for again:
/// those of the step at work, and those that were named for the next.
///
/// What an item is depends on its key alone, so neither threads nor order change it.
final class MadeAhead<Key: Hashable & Sendable, Value: Sendable>: @unchecked Sendable {
  typealias Make = @Sendable (Key) throws(UserError) -> Value

  private let make: Make
  private let mostItems: Int
  /// Guards everything below.
  private let condition = NSCondition()
  private var ready: [Key: Result<Value, UserError>] = [:]
  private var waiting: ArraySlice<Key> = []
  private var working: Set<Key> = []
  private var workers = 0
  /// What was asked for last.
  private var current: Set<Key> = []
  /// How many calls wait for each item.
  private var asked: [Key: Int] = [:]
  /// What was named last, and before.
  private var named: [Set<Key>] = [[], []]

  /// - Parameter mostItems: how many items are made ahead at most.
  init(mostItems: Int, make: @escaping Make) {
    self.make = make
    self.mostItems = mostItems
  }

  /// How many items are held.
  var heldCount: Int { condition.withLock { ready.count } }

  /// Begins to make items that will be asked for, on at most so many threads.
  func prepare(_ keys: [Key], readers: Int) {
    condition.withLock {
      let wanted = keys.prefix(mostItems)
      named = [Set(wanted), named[0]]
      forget()
      waiting = wanted.filter { ready[$0] == nil && !working.contains($0) }[...]
      while workers < min(readers, waiting.count) {
        workers += 1
        DispatchQueue.global().async { self.work() }
      }
    }
  }

  /// Some items, made where they are not yet, on all threads.
  ///
  /// - Throws: the error of the first that cannot be.
  func items(at keys: [Key]) throws(UserError) -> [Value] {
    let own = Set(keys)
    let missing = condition.withLock {
      current = own
      for key in own { asked[key, default: 0] += 1 }
      waiting = waiting.filter { !own.contains($0) }[...]
      var taken: Set<Key> = []
      let missing = keys.filter { ready[$0] == nil && !working.contains($0) && taken.insert($0).inserted }
      working.formUnion(missing)
      return missing
    }
    let found = made(missing)
    let results = condition.withLock {
      for (key, result) in zip(missing, found) { ready[key] = result }
      working.subtract(missing)
      condition.broadcast()
      while !working.isDisjoint(with: own) { condition.wait() }
      let results = keys.map { ready[$0] }
      for key in own { asked[key] = asked[key].flatMap { $0 > 1 ? $0 - 1 : nil } }
      forget()
      return results
    }
    var items: [Value] = []
    for result in results {
      guard let result else { preconditionFailure("MadeAhead: an item was forgotten") }
      items.append(try result.get())
    }
    return items
  }

  private func made(_ keys: [Key]) -> [Result<Value, UserError>] {
    [Result<Value, UserError>](unsafeUninitializedCapacity: keys.count) { results, count in
      nonisolated(unsafe) let results = results
      Parallel.run(count: keys.count) { part in
        for place in part { results.initializeElement(at: place, to: result(keys[place])) }
      }
      count = keys.count
    }
  }

  private func result(_ key: Key) -> Result<Value, UserError> {
    do throws(UserError) {
      return .success(try make(key))
    } catch {
      return .failure(error)
    }
  }

  /// Forgets what nobody has named; the lock is held.
  private func forget() {
    ready = ready.filter { key, _ in
      current.contains(key) || asked[key] != nil || named[0].contains(key) || named[1].contains(key)
    }
  }

  /// What a thread does until nothing waits.
  private func work() {
    while let key = next() {
      let result = result(key)
      condition.withLock {
        ready[key] = result
        working.remove(key)
        condition.broadcast()
      }
    }
  }

  private func next() -> Key? {
    condition.withLock {
      guard let key = waiting.popFirst() else {
        workers -= 1
        return nil
      }
      working.insert(key)
      return key
    }
  }
}
