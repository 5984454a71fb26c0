import Autograd
import Layers

/// Which codes have been in the support of a training observation since the training began.
package final class CodeUse: Module {
  /// 1 for a code that has been used: a buffer, so that checkpoints hold it.
  let isUsed: StateBuffer

  package init(codes: Int) { isUsed = StateBuffer(Tensor(repeating: 0, shape: [codes])) }

  package var parts: [ModulePart] { [.buffer("isUsed", isUsed)] }

  /// Notes the weights of a batch, `[batch, codes]`.
  package func add(_ attention: Tensor) {
    let values = attention.values
    var used = isUsed.value.values
    guard !used.isEmpty, used.contains(0) else { return }
    used.withUnsafeMutableBufferPointer { used in
      values.withUnsafeBufferPointer { values in
        for row in 0..<attention.shape[0] {
          for code in 0..<used.count where values[row * used.count + code] > 0 { used[code] = 1 }
        }
      }
    }
    isUsed.value = Tensor(used, shape: [used.count])
  }

  /// Notes the codes of a batch by their numbers.
  package func add(_ numbers: [Int32]) {
    var used = isUsed.value.values
    guard numbers.contains(where: { used[Int($0)] == 0 }) else { return }
    for number in numbers { used[Int(number)] = 1 }
    isUsed.value = Tensor(used, shape: [used.count])
  }

  /// The share of codes that have been used; 0 where there is none.
  package var share: Double {
    let used = isUsed.value.values
    return used.isEmpty ? 0 : Double(used.count { $0 > 0 }) / Double(used.count)
  }
}
