import Layers
import Training

extension Trainer {
  /// Trains to the end, as an experiment does.
  func run(
    loss: (_ batch: [Int], _ pass: ForwardPass) throws -> LossTerms, afterEpoch: (Int) throws -> Void = { _ in }
  ) throws {
    while let moment = try next() {
      switch moment {
      case .batch(let batch): try step { try loss(batch, pass) }
      case .epoch(let number): try afterEpoch(number)
      }
    }
  }
}
