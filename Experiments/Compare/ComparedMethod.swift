import Autograd
import Datasets
import Encoders
import Kernels
import Layers
import Training

/// A method of the comparison: what it adds to the encoders, its loss, and how it represents observations.
///
/// The encoders are the comparison's, trained together with the method's own parts. A new method is a file in this
/// folder, a case in ``CompareSettings/MethodSettings``, and a recipe.
protocol ComparedMethod: Module {
  /// Whether the method trains the encoders; early fusion has no use for them.
  var usesEncoders: Bool { get }

  /// What training changes and the optimiser does not, such as momentum twins and queues, by name.
  var companions: [(name: String, module: any Module)] { get }

  /// The training loss of a batch.
  func loss(of batch: ComparedBatch, in pass: ForwardPass) -> LossTerms

  /// What follows an epoch, such as new weights of the loss; it may change `companions` and the state's numbers only.
  func endEpoch(_ epoch: Int, of training: ComparedTraining) throws

  /// Represents observations by some of their modalities only; nil where the method cannot.
  ///
  /// - Parameters:
  ///   - members: the places of the modalities that are there, ascending.
  ///   - inputs: the items of all modalities; those that are not members must not be looked at.
  func representation(of members: [Int], _ inputs: [ModalityInput]) -> Tensor?

  /// The features of a modality's items that linear probes read; nil where the method does not see the modality.
  func features(of modality: Int, _ input: ModalityInput) -> Tensor?

  /// Remarks on the method that a reader of the numbers must know.
  var notes: [String] { get }
}

extension ComparedMethod {
  /// It does.
  var usesEncoders: Bool { true }
  /// None.
  var companions: [(name: String, module: any Module)] { [] }
  /// Nothing.
  func endEpoch(_ epoch: Int, of training: ComparedTraining) throws {}
  /// None.
  var notes: [String] { [] }
}

/// What a method is built from.
struct MethodSetting {
  /// The encoders, which the method trains.
  let encoders: EncoderSet
  let data: CompareData
  let model: CompareSettings.ModelSettings
  /// Where the method's own parts draw their initial values.
  var stream: RandomStream
  /// Builds encoders of the same kind with initial values of their own, for twins and joint encoders.
  let furtherEncoders: (inout RandomStream) -> EncoderSet
}

/// A batch of training observations, whose items are made on demand.
struct ComparedBatch {
  let rows: [Int]
  let data: CompareData
  let state: TrainingState

  /// The number of observations.
  var count: Int { rows.count }

  /// The items of all modalities.
  func inputs() -> [ModalityInput] { data.trainingInputs(rows, using: &state[stream: "augmentation"]) }

  /// A random view of each image.
  func imageViews() -> ModalityInput { data.imageViews(rows, using: &state[stream: "augment images"]) }

  /// A random view of each caption.
  func captionViews() -> ModalityInput { data.captionViews(rows, using: &state[stream: "augment captions"]) }

  /// The tags, `[batch, tags]`; nil without tags.
  var tags: Tensor? { data.tags(rows, of: data.train).map { Tensor($0) } }

  /// The classes under a labelling.
  func labels(_ labelling: String) -> [Int32] {
    guard let labels = data.train.labels[labelling] else { preconditionFailure("ComparedBatch: no \(labelling)") }
    return rows.map { labels[$0] }
  }
}

/// A training, to look at after an epoch.
struct ComparedTraining {
  let data: CompareData
  let state: TrainingState
  let context: SeedContext
}
