import CKernels

/// A function of one number that a loop applies to every element.
package enum UnaryOperation: Sendable {
  case exp, log, squareRoot, square, reciprocal, magnitude
  case relu, gelu, quickGELU, silu, tanh, sigmoid, softplus

  var code: ck_unary_operation {
    switch self {
    case .exp: CK_EXP
    case .log: CK_LOG
    case .squareRoot: CK_SQRT
    case .square: CK_SQUARE
    case .reciprocal: CK_RECIPROCAL
    case .magnitude: CK_ABSOLUTE
    case .relu: CK_RELU
    case .gelu: CK_GELU
    case .quickGELU: CK_QUICK_GELU
    case .silu: CK_SILU
    case .tanh: CK_TANH
    case .sigmoid: CK_SIGMOID
    case .softplus: CK_SOFTPLUS
    }
  }
}
