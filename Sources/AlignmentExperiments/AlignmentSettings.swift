import Autograd
import Datasets
import Diagnostics
import Encoders
import Kernels
import Methods
import Options
import Recipes
import Training

/// Everything that a recipe can set: the same sections for every experiment.
public struct AlignmentSettings: ExperimentSettings {
  /// What is learned from.
  public var data = DataOptions()
  /// How training items are changed.
  public var augmentation = AugmentationOptions()
  /// The encoders.
  public var model = EncoderOptions()
  /// What the encoders begin from: the section `init`.
  public var start = StartOptions()
  /// The method and its options.
  public var method = MethodSettings()
  /// The training.
  public var training = TrainingOptions()
  /// The evaluation.
  public var evaluation = EvaluationOptions()

  private enum CodingKeys: String, CodingKey {
    case data, augmentation, model
    case start = "init"
    case method, training, evaluation
  }

  /// The defaults.
  public init() {}

  /// Whether captions are filtered and written before the training.
  var asksForCapFilt: Bool {
    method.name.rawValue == BLIPOptions.key && method.options[BLIPOptions.self].capFilt.isOn
  }

  /// Checks what can be checked without data.
  ///
  /// - Throws: an error whose place is the key.
  public func validate() throws(UserError) {
    try check("data", data.validate)
    try check("augmentation", augmentation.validate)
    for requirement in model.requirements { try check("model", requirement.check) }
    for requirement in start.requirements { try check("init", requirement.check) }
    try check("method") { () throws(UserError) in try method.options.validate(method.name) }
    // Encoders that begin from something can be measured as they are.
    try training.validate(section: "training", fewestEpochs: start.from == nil ? 1 : 0)
    try require(
      training.epochs > 0 || evaluation.selection == .last, "evaluation.selection",
      "must be last where nothing is trained")
    try require(
      method.name.rawValue != DistillationOptions.key || start.from != nil, "init.from",
      "must name the run or model whose captions teach")
    if training.chunks > 1, let reason = method.chosen.indivisibility {
      throw UserError(
        .data, "must be 1 for \(method.name.rawValue), whose step is not divided: \(reason)", at: "training.chunks",
        mend: "set training.chunks=1, or make training.batchSize smaller")
    }
    try require(
      data.pairNoise == 0 || method.name.rawValue != VisualPrefixOptions.key, "data.pairNoise",
      "must be 0 for \(VisualPrefixOptions.key), whose questions are about the observations as they are")
    if asksForCapFilt {
      try require(
        data.pairNoise == 0, "data.pairNoise", "must be 0 where method.blip.capFilt exchanges captions itself")
      try require(
        evaluation.selection == .last, "evaluation.selection", "must be last where method.blip.capFilt trains in stages"
      )
      try require(training.epochs > 0, "training.epochs", "must be positive where method.blip.capFilt trains in stages")
    }
    try check("evaluation", evaluation.validate)
    // A part of one image has no statistics at its last map of one pixel.
    try require(
      !model.imageEncoder.isResidual || model.normalisationGroups == 1
        || 2 * model.normalisationGroups <= training.batchSize, "model.normalisationGroups",
      "must leave 2 of training.batchSize (\(training.batchSize)) in every part")
  }

  /// Refuses a precision that this processor has nothing for.
  func checkPrecision() throws(UserError) {
    guard training.precision == .bfloat16, let absence = OneDNN.bfloat16Absence else { return }
    throw UserError(.data, absence, at: "training.precision", mend: "set training.precision=float32")
  }
}
