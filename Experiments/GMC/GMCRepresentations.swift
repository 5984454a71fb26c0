import Alignment
import Autograd
import Datasets
import Evaluation
import Harness
import Kernels
import Layers

/// The representations of one side of a split by trained networks, without gradients.
struct GMCRepresentations {
  /// Each modality's by itself, `[observations, latent]`; for the fusion baseline the joint encoder's with the others missing.
  let single: [Matrix]
  /// Those of complete observations.
  let complete: Matrix
  private let ofSubset: (ModalitySubset) throws -> Matrix

  /// Represents all observations of a side.
  init(
    of split: MultimodalSplit, by model: GMCModel, batchSize: Int = 256, context: SeedContext
  ) throws {
    let pass = ForwardPass.evaluation
    let network = model.network
    func collect(_ represent: ([ModalityInput], Int) throws -> Tensor) throws -> Matrix {
      var values: [Float] = []
      for start in stride(from: 0, to: split.count, by: batchSize) {
        try context.checkInterruption()
        let batch = start..<min(start + batchSize, split.count)
        values += try represent(model.inputs(batch, of: split), batch.count).values
      }
      return Matrix(rows: split.count, columns: values.count / max(split.count, 1), values: values)
    }
    func joint(_ inputs: [ModalityInput]) -> Tensor {
      guard let joint = network.jointRepresentation(inputs, in: pass) else {
        // Without a joint encoder a complete observation is the mean of its modalities, like any other.
        return GMC.partial(inputs.enumerated().map { network.representation(of: $0.offset, $0.element, in: pass) })
      }
      return joint
    }
    complete = try collect { inputs, _ in joint(inputs) }
    guard model.classifier == nil else {
      // The fusion baseline has only its joint encoder; what is missing is zero.
      func withMissing(_ members: [Int]) throws -> Matrix {
        try collect { inputs, count in
          joint(
            inputs.enumerated().map { index, input in
              input.masked(present: [Bool](repeating: members.contains(index), count: count))
            })
        }
      }
      single = try model.modalities.indices.map { try withMissing([$0]) }
      ofSubset = { try withMissing($0.members) }
      return
    }
    let single = try model.modalities.indices.map { index in
      try collect { inputs, _ in network.representation(of: index, inputs[index], in: pass) }
    }
    self.single = single
    ofSubset = { $0.average(of: single) }
  }

  /// The representation of observations that have only some modalities: GMC's mean rule.
  func partial(_ subset: ModalitySubset) throws -> Matrix {
    subset.isComplete ? complete : try ofSubset(subset)
  }
}
