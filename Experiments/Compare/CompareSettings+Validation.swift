import Datasets
import Diagnostics
import Evaluation
import Recipes
import Training

extension CompareSettings {
  /// Checks that the numbers make sense.
  ///
  /// - Throws: an error whose place is the key.
  func validate() throws(UserError) {
    try check("data.emoji", data.emoji.validate)
    try check("data.digits", data.digits.validate)
    try check("data.folder", data.folder.validate)
    try check("augmentation.image", augmentation.image.validate)
    try check("augmentation.view", augmentation.view.validate)
    try check("augmentation.caption", augmentation.caption.validate)
    try training.validate(section: "training")

    let sizes: [(String, [Int])] = [
      ("patchSize", [model.patchSize]), ("imageDimensions", [model.imageDimensions]),
      ("imageHeads", [model.imageHeads]), ("textDimensions", [model.textDimensions]),
      ("textHeads", [model.textHeads]), ("vectorDimensions", model.vectorDimensions),
      ("dimensions", [model.dimensions]),
    ]
    for (key, values) in sizes {
      try require(values.allSatisfy { (1...65_536).contains($0) }, "model.\(key)", "must be 1 to 65536")
    }
    try require((0...1_000).contains(model.imageLayers), "model.imageLayers", "must be 0 to 1000")
    try require((0...1_000).contains(model.textLayers), "model.textLayers", "must be 0 to 1000")
    try require(!model.vectorDimensions.isEmpty, "model.vectorDimensions", "must name at least one width")
    try require(
      model.imageDimensions % model.imageHeads == 0, "model.imageHeads",
      "must divide model.imageDimensions (\(model.imageDimensions))")
    try require(
      model.imageEncoder != .resnet || model.imageDimensions % 4 == 0, "model.imageDimensions",
      "must be divisible by 4 where model.imageEncoder is resnet")
    try require(
      model.textDimensions % model.textHeads == 0, "model.textHeads",
      "must divide model.textDimensions (\(model.textDimensions))")
    try require((0..<1).contains(model.dropout), "model.dropout", "must be in 0..<1")
    for requirement in method.requirements {
      try require(requirement.holds, "method.\(method.name.rawValue).\(requirement.key)", requirement.what)
    }
    try check("evaluation.probe", evaluation.probe.validate)
    try require(
      !evaluation.penalties.isEmpty && evaluation.penalties.allSatisfy { $0 > 0 && $0.isFinite },
      "evaluation.penalties", "must be positive numbers, at least one")
    try require(evaluation.shownObservations > 0, "evaluation.shownObservations", "must be positive")
  }
}
