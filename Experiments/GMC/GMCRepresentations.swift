import Autograd
import Datasets
import Encoders
import Evaluation
import Kernels
import Layers
import Objectives
import Training

/// The representations of one side of a split by trained networks, without gradients.
struct GMCRepresentations {
  /// Each modality's by itself, `[observations, latent]`; for the fusion baseline the joint encoder's with the others missing.
  ///
  /// The rows of observations that lack the modality are without meaning; ``presence`` says which.
  let single: [Matrix]
  /// Those of complete observations; the rows of others are without meaning.
  let complete: Matrix
  /// Which observations have which modalities.
  let presence: ModalityPresence
  private let ofSubset: (ModalitySubset) throws -> Matrix

  /// Represents all observations of a side.
  init(
    of split: MultimodalSplit, by model: GMCModel, batchSize: Int = 256, context: SeedContext
  ) throws {
    presence = ModalityPresence(of: split, modalities: model.modalities.map(\.name))
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

  /// Representations that are compared with others: those of complete observations, or one modality's.
  struct View {
    /// `complete`, or the modality's name.
    let name: String
    /// The modalities that an observation must have.
    let members: [Int]
    /// The representations, `[observations, latent]`, of all observations.
    let values: Matrix
  }

  /// The complete representations, then each modality's.
  func views(of modalities: [Modality]) -> [View] {
    [View(name: "complete", members: Array(modalities.indices), values: complete)]
      + zip(modalities.indices, single).map { View(name: modalities[$0].name, members: [$0], values: $1) }
  }

  /// The rows of the observations that have all modalities of all views, for each view.
  func common(_ views: View...) -> [Matrix] {
    guard !presence.isWhole else { return views.map(\.values) }
    let rows = presence.observations(having: Set(views.flatMap(\.members)))
    return views.map { $0.values.gathering(rows) }
  }
}
