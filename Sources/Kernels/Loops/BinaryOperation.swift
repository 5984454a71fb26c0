import CKernels

/// A function of two numbers that a loop applies to every pair of elements.
package enum BinaryOperation: Sendable {
  case add, subtract, multiply, divide, maximum

  var code: ck_binary_operation {
    switch self {
    case .add: CK_ADD
    case .subtract: CK_SUBTRACT
    case .multiply: CK_MULTIPLY
    case .divide: CK_DIVIDE
    case .maximum: CK_MAXIMUM
    }
  }
}
