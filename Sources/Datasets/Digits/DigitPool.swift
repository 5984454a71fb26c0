import Foundation
import Kernels

/// All items of one modality of digits, training items first.
struct DigitPool: Sendable {
  let modality: Modality
  /// Each item's digit.
  let classes: [UInt8]
  /// How many of the items are training items; the others are test items.
  let trainingCount: Int
  /// Writes an item's values.
  let write: @Sendable (Int, UnsafeMutablePointer<Float>) -> Void
  /// What an item is called.
  let identifier: @Sendable (Int) -> String

  /// The items of the training, validation and test side by digit: `[side][digit]`.
  func sides(seed: UInt64) -> [[[Int]]] {
    var byDigit = [[Int]](repeating: [], count: 10)
    var test = byDigit
    for (item, digit) in classes.enumerated() {
      if item < trainingCount { byDigit[Int(digit)].append(item) } else { test[Int(digit)].append(item) }
    }
    var stream = RandomStream(seed: seed, name: "digits/held-out/\(modality.name)")
    var (training, validation) = ([[Int]](), [[Int]]())
    for items in byDigit {
      let order = stream.permutation(of: items.count).map { items[$0] }
      let heldOut = max(1, order.count / 10)
      validation.append(Array(order.prefix(heldOut)))
      training.append(Array(order.dropFirst(heldOut)))
    }
    return [training, validation, test]
  }

  /// A column with the picked items, each held once.
  func column(_ picks: [Int]) -> ModalityColumn {
    let used = Set(picks).sorted()
    let rows = Dictionary(uniqueKeysWithValues: used.enumerated().map { ($1, Int32($0)) })
    let size = modality.kind.elementCount
    let values = [Float](unsafeUninitializedCapacity: used.count * size) { target, count in
      for (row, item) in used.enumerated() { write(item, target.baseAddress! + row * size) }
      count = used.count * size
    }
    return ModalityColumn(modality: modality, items: .numbers(values), rows: picks.map { rows[$0]! })
  }
}

/// Which items make up each pair.
struct DigitPairs {
  /// Each pair's digit; each digit occurs equally often, up to one.
  let classes: [Int32]
  /// For each modality, each pair's item.
  let picks: [[Int]]

  /// Draws pairs: a random order of the digits, and each modality's items of a digit in a random order that begins
  /// anew, in another order, when all have been used.
  ///
  /// - Parameter candidates: the items that may be used, `[modality][digit]`, none empty.
  init(candidates: [[[Int]]], count: Int, stream: RandomStream) {
    var stream = stream
    let classes = stream.permutation(of: count).map { Int32($0 % 10) }
    self.classes = classes
    picks = candidates.map { byDigit in
      var waiting = [[Int]](repeating: [], count: 10)
      return classes.map { digit in
        let digit = Int(digit)
        if waiting[digit].isEmpty {
          waiting[digit] = stream.permutation(of: byDigit[digit].count).map { byDigit[digit][$0] }
        }
        return waiting[digit].removeLast()
      }
    }
  }
}
