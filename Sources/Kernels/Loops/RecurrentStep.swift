import CKernels

/// Single steps of recurrent layers, in PyTorch's gate order and equations.
///
/// Arrays are dense, row-major, and divided among the threads of the pool: the same number of threads gives the same bits.
/// `adding` adds to the destination instead of overwriting it.
package enum RecurrentStep {
  /// One LSTM step: gates `[batch, 4 · hidden]` hold i, f, g, o before and after their non-linearities.
  package static func lstm(
    gates: UnsafeMutablePointer<Float>, cellBefore: UnsafePointer<Float>, cell: UnsafeMutablePointer<Float>,
    hidden: UnsafeMutablePointer<Float>, batch: Int, width: Int, hiddenPitch: Int
  ) {
    ck_lstm_step(gates, cellBefore, cell, hidden, batch, width, hiddenPitch)
  }

  /// The gradient of an LSTM step.
  package static func lstmGradient(
    gates: UnsafePointer<Float>, cellBefore: UnsafePointer<Float>, cell: UnsafePointer<Float>,
    hiddenGradient dHidden: UnsafePointer<Float>, cellGradient dCell: UnsafeMutablePointer<Float>,
    gateGradient dGates: UnsafeMutablePointer<Float>, batch: Int, width: Int
  ) {
    ck_lstm_step_backward(gates, cellBefore, cell, dHidden, dCell, dGates, batch, width)
  }

  /// One GRU step: `input` and `recurrent`, `[batch, 3 · hidden]`, hold r, z, n; `input` receives the gates.
  package static func gru(
    input: UnsafeMutablePointer<Float>, recurrent: UnsafePointer<Float>, hiddenBefore: UnsafePointer<Float>,
    hidden: UnsafeMutablePointer<Float>, batch: Int, width: Int
  ) {
    ck_gru_step(input, recurrent, hiddenBefore, hidden, batch, width)
  }

  /// The gradient of a GRU step.
  package static func gruGradient(
    gates: UnsafePointer<Float>, recurrent: UnsafePointer<Float>, hiddenBefore: UnsafePointer<Float>,
    hiddenGradient dHidden: UnsafePointer<Float>, inputGradient dInput: UnsafeMutablePointer<Float>,
    recurrentGradient dRecurrent: UnsafeMutablePointer<Float>,
    hiddenBeforeGradient dHiddenBefore: UnsafeMutablePointer<Float>, batch: Int, width: Int
  ) {
    ck_gru_step_backward(gates, recurrent, hiddenBefore, dHidden, dInput, dRecurrent, dHiddenBefore, batch, width)
  }
}
