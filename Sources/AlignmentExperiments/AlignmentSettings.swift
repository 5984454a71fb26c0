import Datasets
import Diagnostics
import Encoders
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
  /// The method and its options.
  public var method = MethodSettings()
  /// The training.
  public var training = TrainingOptions()
  /// The evaluation.
  public var evaluation = EvaluationOptions()

  /// The defaults.
  public init() {}

  /// Checks what can be checked without data.
  ///
  /// - Throws: an error whose place is the key.
  public func validate() throws(UserError) {
    try check("data", data.validate)
    try check("augmentation", augmentation.validate)
    for requirement in model.requirements { try check("model", requirement.check) }
    try check("method") { () throws(UserError) in try method.options.validate(method.name) }
    try training.validate(section: "training")
    try check("evaluation", evaluation.validate)
    // A part of one image has no statistics at its last map of one pixel.
    try require(
      !model.imageEncoder.isResidual || model.normalisationGroups == 1
        || 2 * model.normalisationGroups <= training.batchSize, "model.normalisationGroups",
      "must leave 2 of training.batchSize (\(training.batchSize)) in every part")
  }
}
