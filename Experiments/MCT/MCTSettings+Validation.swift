import Datasets
import Diagnostics
import Objectives
import Recipes
import Training

extension MCTSettings {
  /// Checks that the numbers make sense.
  func validate() throws(UserError) {
    try check("data.emoji", data.emoji.validate)
    try check("data.cifar", data.cifar.validate)
    try check("data.folder", data.folder.validate)
    try check("augmentation.image", augmentation.image.validate)
    try check("augmentation.caption", augmentation.caption.validate)
    try require(Set(data.captions).count == data.captions.count, "data.captions", "must name different modalities")
    try training.validate(section: "training")
    try validateModel()
    try validateMethod()
    try validateEvaluation()
  }

  private func validateModel() throws(UserError) {
    let widths: [(String, [Int])] = [
      ("imageWidths", model.imageWidths), ("imageBlocks", [model.imageBlocks]),
      ("textDimensions", [model.textDimensions]), ("textLayers", [model.textLayers]),
      ("textHeads", [model.textHeads]), ("headDimensions", [model.headDimensions]),
      ("normalisationGroups", [model.normalisationGroups]),
    ]
    for (key, values) in widths {
      try require(values.allSatisfy { (1...65_536).contains($0) }, "model.\(key)", "must be 1 to 65536")
    }
    try require(!model.imageWidths.isEmpty, "model.imageWidths", "must name at least one stage")
    try require(
      model.textDimensions % model.textHeads == 0, "model.textHeads",
      "must divide model.textDimensions (\(model.textDimensions))")
    try require((0..<1).contains(model.textDropout), "model.textDropout", "must be in 0..<1")
    // A part of one image has no statistics at its last map of one pixel.
    try require(
      2 * model.normalisationGroups <= training.batchSize, "model.normalisationGroups",
      "must leave 2 of training.batchSize (\(training.batchSize)) in every part")
  }

  private func validateMethod() throws(UserError) {
    let weights: [(String, Double)] = [
      ("imageIntra", method.weights.imageIntra), ("tags", method.weights.tags),
      ("captionIntra", method.weights.captionIntra), ("imageToCaption", method.weights.imageToCaption),
      ("captionToImage", method.weights.captionToImage),
    ]
    for (key, weight) in weights {
      try require(weight >= 0 && weight.isFinite, "method.weights.\(key)", "must not be negative")
    }
    try require(weights.contains { $0.1 > 0 }, "method.weights", "must leave at least one term")
    try require(
      method.inter != .clip || method.weights.imageToCaption == method.weights.captionToImage,
      "method.weights.captionToImage", "must be method.weights.imageToCaption where method.inter is clip")
    try require(method.temperature > 0 && method.temperature.isFinite, "method.temperature", "must be positive")
    try require(
      method.interTemperature > 0 && method.interTemperature.isFinite, "method.interTemperature", "must be positive")
    try require(method.tagThreshold >= 0, "method.tagThreshold", "must not be negative")
    try require(method.margin >= 0 && method.margin.isFinite, "method.margin", "must not be negative")
    try require((1..<1 << 24).contains(method.queueSize), "method.queueSize", "must be 1 to 16777215")
    try require((0...1).contains(method.momentum), "method.momentum", "must be in 0...1")
    try require((1...65_536).contains(method.dimensions), "method.dimensions", "must be 1 to 65536")
    let needsCaptions = method.weights.captionIntra > 0 || method.hasInterTerm
    try require(
      !needsCaptions || !data.captions.isEmpty, "data.captions",
      "must name a modality, since method.weights has terms of captions")
  }

  private func validateEvaluation() throws(UserError) {
    try require(evaluation.everyEpochs > 0, "evaluation.everyEpochs", "must be positive")
    try require(evaluation.neighbours > 0, "evaluation.neighbours", "must be positive")
    try require(evaluation.neighbourTemperature > 0, "evaluation.neighbourTemperature", "must be positive")
    try require(
      !evaluation.penalties.isEmpty && evaluation.penalties.allSatisfy { $0 > 0 && $0.isFinite },
      "evaluation.penalties", "must be positive numbers")
    try require(evaluation.shownObservations > 0, "evaluation.shownObservations", "must be positive")
    try require(evaluation.examples >= 0, "evaluation.examples", "must not be negative")
    try require(
      evaluation.selection != .retrieval || method.hasInterTerm, "evaluation.selection",
      "cannot be retrieval without a term between images and captions")
  }
}
