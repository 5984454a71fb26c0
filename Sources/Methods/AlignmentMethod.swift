import Autograd
import Datasets
import Diagnostics
import Encoders
import Graphs
import Kernels
import Layers
import Objectives
import Options

/// A way to train encoders: what it adds to them, its loss, and how it represents observations afterwards.
///
/// The loss has two halves, so that a batch may be computed in chunks: ``representations(of:in:)`` looks at each row by
/// itself, ``loss(of:keys:batch:)`` at all rows together. Between them come keys, which no gradient reaches. See
/// ``ChunkedStep`` and ``MethodOptions/indivisibility``.
///
/// A new method is a file with a type like this and a line in ``MethodCatalogue``.
public protocol AlignmentMethod: Module {
  /// The settings, in the only place where they have defaults.
  associatedtype Options: MethodOptions

  /// Adds the method's own parts to the encoders.
  init(_ options: Options, _ parts: inout MethodParts)

  /// The encoders that are trained; nil for a method that has no use for them.
  var encoders: EncoderSet? { get }

  /// What training changes and the optimiser does not, such as momentum twins and queues, by name. A trained model does
  /// without them.
  var companions: [(name: String, module: any Module)] { get }

  /// Weight decays of their own, by the paths of parameters within the method.
  var weightDecays: [String: Double] { get }

  /// What comes before the first step of a training, such as losses to compare later ones with; it may change companions and
  /// buffers only.
  func beginTraining(_ training: MethodTraining) throws

  /// What comes before the loss of a step; of a batch in chunks it sees the whole batch, and may draw what is drawn for all
  /// rows.
  func beginStep(_ batch: TrainingBatch) throws

  /// What the loss is made of, row by row; nil where nothing of the batch can be represented.
  func representations(of batch: TrainingBatch, in pass: ForwardPass) throws -> [Tensor?]

  /// What representations are contrasted with beside each other and no gradient reaches.
  func keys(of batch: TrainingBatch, in pass: ForwardPass) throws -> [Tensor?]

  /// Puts keys of the whole batch, which its chunks have computed in an order that was drawn, into the order of its rows.
  func restored(keys: [Tensor?], from order: BatchOrder) -> [Tensor?]

  /// The networks that rows pass on the way to representations and keys, which treat each row by itself unless batch norm is
  /// in them.
  var rowNetworks: [(name: String, module: any Module)] { get }

  /// Buffers of 0 and 1 in which rows mark something on the way to representations, such as the codes that they use; what any
  /// chunk has marked is marked for all.
  var marks: [StateBuffer] { get }

  /// The loss of all rows; where the batch was computed in chunks it has no items.
  func loss(of representations: [Tensor?], keys: [Tensor?], batch: TrainingBatch) throws -> LossTerms

  /// What follows the loss of a step, such as filling queues.
  func endStep(keys: [Tensor?], batch: TrainingBatch)

  /// What follows an epoch, such as new weights of the loss; it may change companions and buffers only.
  func endEpoch(_ epoch: Int, of training: MethodTraining) throws

  /// What a method knows of its training after an epoch, such as how often a query found its key.
  var monitors: [Monitor] { get }

  /// What a reader of the log must hear after an epoch, such as that a part of the loss teaches nothing.
  var epochRemarks: [String] { get }

  /// How observations with some of their modalities are represented.
  var subsetRule: SubsetRule { get }

  /// Represents observations by some of their modalities; nil where the method cannot.
  ///
  /// - Parameter members: the items of the modalities that are there, in the order of the modalities.
  func representation(of members: [MemberInput]) -> Tensor?

  /// Writes how items of one modality are represented as operators, for other programs: what ``representation(of:)`` makes
  /// of them.
  ///
  /// - Throws: `UserError` where the method has no such representation, or it cannot be written.
  func described(of place: Int, _ input: GraphValue) throws(UserError) -> GraphValue

  /// The features of a modality's items that probes read; nil where the method does not see the modality.
  func features(of place: Int, _ input: ModalityInput) -> Tensor?

  /// The number that the method predicts of representations, `[batch, d]` → `[batch, 1]`; nil where it predicts none.
  func prediction(of representations: Tensor) -> Tensor?

  /// What multiplies cosines before a softmax makes probabilities of them.
  var similarityScale: SimilarityScale? { get }

  /// Remarks on the method that a reader of the numbers must know.
  var notes: [String] { get }

  /// Those of them that a user should hear before training, since the settings may not be meant so.
  var warnings: [String] { get }
}

/// The items of one modality of some observations.
public struct MemberInput {
  /// The place of the modality.
  public let place: Int
  /// The items.
  public let input: ModalityInput

  /// Puts both together.
  public init(_ place: Int, _ input: ModalityInput) { (self.place, self.input) = (place, input) }
}

/// How a method represents observations with some of their modalities.
public enum SubsetRule: Sendable {
  /// The mean of the modalities' representations, not scaled to length 1 again: GMC's rule, which every method without a
  /// joint encoder follows here.
  case mean
  /// The same, but complete observations have an encoder of their own.
  case meanUnlessComplete
  /// Each subset by itself.
  case each
}

/// Something that a method knows of its training.
public struct Monitor: Equatable, Sendable {
  /// The table, such as `pretext`.
  public let evaluator: String
  /// The row.
  public let subject: String
  /// The column.
  public let metric: String
  /// The value.
  public let value: Double

  /// Creates a value.
  public init(evaluator: String, subject: String, metric: String, value: Double) {
    (self.evaluator, self.subject, self.metric, self.value) = (evaluator, subject, metric, value)
  }
}

/// The settings of a method: the section of its name below `method`.
public protocol MethodOptions: OptionSection {
  /// What the method is, in a few words, for the catalogue.
  static var summary: String { get }
  /// Where the method was published.
  static var source: String { get }
  /// The file that has it, as `#fileID` says it, for the catalogue.
  static var file: String? { get }

  /// Why a step of the method cannot be computed in chunks; nil for one whose halves keep what ``AlignmentMethod`` says of
  /// them.
  var indivisibility: String? { get }

  /// What the method needs of the data, beside modalities.
  func needs(of data: AlignedData) -> [MethodNeed]

  /// What it needs of the encoders' settings and of what they begin from.
  func needs(of data: AlignedData, model: EncoderOptions, start: StartOptions) -> [MethodNeed]

  /// The largest blocks of numbers that the method makes beside its encoders.
  func blocks(dimensions: Int, data: AlignedData) -> [MemoryBlock]

  /// The most similarities that the loss of a batch holds at a time.
  func similarities(batch: Int) -> Double

  /// Whether a folder keeps observations that lack modalities unless `data.folder.missing` says otherwise.
  static var acceptsIncompleteObservations: Bool { get }

  /// Whether the method knows pairs that people called false from others, and may be trained on them.
  static var acceptsFalsePairs: Bool { get }

  /// The places of the modalities that no observation may lack.
  func indispensable(in data: AlignedData) -> [Int]

  /// The places of the modalities that are contrasted with each other, where an observation that has no such pair teaches
  /// nothing; empty where others do.
  func contrasted(in data: AlignedData) -> [(first: Int, second: Int)]

  /// The labelling without whose classes an observation cannot be trained on; nil where there is none.
  func trainedLabelling(of data: AlignedData) -> String?

  /// Which of the method's schedules a training is too short for, a sentence each.
  func remarks(on training: TrainingLength) -> [String]

  /// Builds the method.
  func make(_ parts: inout MethodParts) -> any AlignmentMethod
}

/// How long a training is.
public struct TrainingLength: Equatable, Sendable {
  /// The passes over the observations.
  public let epochs: Int
  /// The steps of each.
  public let stepsPerEpoch: Int
  /// The observations of a step.
  public let batchSize: Int

  /// Describes a training.
  public init(epochs: Int, stepsPerEpoch: Int, batchSize: Int) {
    (self.epochs, self.stepsPerEpoch, self.batchSize) = (epochs, stepsPerEpoch, batchSize)
  }

  /// The steps of all epochs.
  public var steps: Int { epochs * stepsPerEpoch }

  /// The length in words, such as `30 steps (10 epochs of 3)`.
  public var text: String {
    "\(steps) \(steps == 1 ? "step" : "steps") (\(epochs) \(epochs == 1 ? "epoch" : "epochs") of \(stepsPerEpoch))"
  }
}

/// Something that a method needs of the data.
public struct MethodNeed: Sendable {
  /// What it is, such as `images`.
  public let what: String
  /// Whether it is there.
  public let isMet: Bool
  /// The key of the recipe to blame; nil for `method.name`.
  public let key: String?
  /// The whole message, where `what` does not suffice.
  public let message: String?
  /// How to mend it.
  public let mend: String?

  /// States a need.
  public init(_ what: String, _ isMet: Bool, at key: String? = nil, message: String? = nil, mend: String? = nil) {
    (self.what, self.isMet, self.key, self.message, self.mend) = (what, isMet, key, message, mend)
  }
}

/// A block of numbers that a setting asks for.
public struct MemoryBlock: Sendable {
  /// The key of the recipe, such as `method.mct.queueSize`.
  public let key: String
  /// What it is, in a few words with its sizes.
  public let what: String
  /// How many 32-bit numbers it takes.
  public let numbers: Double
  /// How many numbers of it are trained, of whose gradients chunks hold copies beside ``numbers``.
  public let trained: Double

  /// Describes a block.
  public init(_ key: String, _ what: String, _ numbers: Double, trained: Double = 0) {
    (self.key, self.what, self.numbers, self.trained) = (key, what, numbers, trained)
  }

  /// The same with so many further copies of what is trained.
  package func with(copies: Double) -> MemoryBlock {
    MemoryBlock(key, what, numbers + copies * trained, trained: trained)
  }
}

extension MethodOptions {
  /// It is not said.
  public static var file: String? { nil }
  /// Nobody has said that it can.
  public var indivisibility: String? { "nobody has divided its loss" }
  /// Nothing but two modalities.
  public func needs(of data: AlignedData) -> [MethodNeed] { [.twoModalities(data)] }
  /// Nothing.
  public func needs(of data: AlignedData, model: EncoderOptions, start: StartOptions) -> [MethodNeed] { [] }
  /// None that matter.
  public func blocks(dimensions: Int, data: AlignedData) -> [MemoryBlock] { [] }
  /// Those of all pairs of its observations.
  public func similarities(batch: Int) -> Double { Double(batch) * Double(batch) }
  /// There is no schedule.
  public func remarks(on training: TrainingLength) -> [String] { [] }
  /// No class is looked at.
  public func trainedLabelling(of data: AlignedData) -> String? { nil }
  /// Every observation teaches.
  public func contrasted(in data: AlignedData) -> [(first: Int, second: Int)] { [] }
  /// Every pair is taken for one that belongs together.
  public static var acceptsFalsePairs: Bool { false }
  /// An observation is aligned with all of its modalities.
  public static var acceptsIncompleteObservations: Bool { false }
  /// All, unless incomplete observations are accepted.
  public func indispensable(in data: AlignedData) -> [Int] {
    Self.acceptsIncompleteObservations ? [] : Array(data.modalities.indices)
  }
}

extension MethodNeed {
  /// At least two modalities.
  public static func twoModalities(_ data: AlignedData) -> MethodNeed {
    MethodNeed(
      "two modalities", data.modalities.count > 1, at: "data.modalities",
      message: "must name 2 to \(AlignedData.mostModalities) different modalities of \(data.dataset.name), not "
        + "\(data.modalities.count)",
      mend: "it has \(data.dataset.modalities.map(\.name).joined(separator: ", "))")
  }

  /// Pictures.
  public static func images(_ data: AlignedData) -> MethodNeed {
    named("images", data.image != nil, data) { if case .image = $0 { true } else { false } }
  }

  /// Captions.
  public static func captions(_ data: AlignedData) -> MethodNeed {
    named("captions", !data.captions.isEmpty, data) { if case .tokens = $0 { true } else { false } }
  }

  /// Something that the data set may have although the recipe does not name it.
  private static func named(
    _ what: String, _ isMet: Bool, _ data: AlignedData, _ isOne: (ModalityKind) -> Bool
  ) -> MethodNeed {
    let known = data.dataset.modalities.filter { isOne($0.kind) }.map(\.name)
    guard !known.isEmpty else { return MethodNeed(what, isMet) }
    return MethodNeed(
      what, isMet, at: "data.modalities", message: "names no \(what), which the method needs",
      mend: "\(data.dataset.name) has \(known.joined(separator: ", "))")
  }
}

extension AlignmentMethod {
  /// Refuses: a method that does not say what it does is not written.
  public func described(of place: Int, _ input: GraphValue) throws(UserError) -> GraphValue {
    throw UserError(.data, "the method \(Options.key) is not written as operators of ONNX", at: "method.name")
  }
  /// No companion.
  public var companions: [(name: String, module: any Module)] { [] }
  /// The training's own for all.
  public var weightDecays: [String: Double] { [:] }
  /// Nothing comes before a training.
  public func beginTraining(_ training: MethodTraining) throws {}
  /// Nothing comes before a step.
  public func beginStep(_ batch: TrainingBatch) throws {}
  /// No key.
  public func keys(of batch: TrainingBatch, in pass: ForwardPass) throws -> [Tensor?] { [] }
  /// They stay as they are.
  public func restored(keys: [Tensor?], from order: BatchOrder) -> [Tensor?] { keys }
  /// The encoders and the method's own.
  public var rowNetworks: [(name: String, module: any Module)] {
    (encoders.map { [("encoders", $0)] } ?? []) + [("method", self)]
  }
  /// Nothing is marked.
  public var marks: [StateBuffer] { [] }
  /// Nothing follows a step.
  public func endStep(keys: [Tensor?], batch: TrainingBatch) {}
  /// Nothing follows an epoch.
  public func endEpoch(_ epoch: Int, of training: MethodTraining) throws {}
  /// Nothing is watched.
  public var monitors: [Monitor] { [] }
  /// Nothing to hear.
  public var epochRemarks: [String] { [] }
  /// The mean of the modalities.
  public var subsetRule: SubsetRule { .mean }
  /// Nothing is predicted.
  public func prediction(of representations: Tensor) -> Tensor? { nil }
  /// No scale is known.
  public var similarityScale: SimilarityScale? { nil }
  /// Nothing to remark.
  public var notes: [String] { [] }
  /// Nothing is odd.
  public var warnings: [String] { [] }

  /// The loss of a batch, both halves in turn, with the keys between them.
  public func step(_ batch: TrainingBatch, in pass: ForwardPass, beforeKeys: () -> Void = {}) throws -> LossTerms {
    try beginStep(batch)
    let representations = try representations(of: batch, in: pass)
    beforeKeys()
    let keys = try keys(of: batch, in: pass)
    let terms = try loss(of: representations, keys: keys, batch: batch)
    endStep(keys: keys, batch: batch)
    return terms
  }
}
