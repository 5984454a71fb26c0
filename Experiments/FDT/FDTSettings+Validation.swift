import Datasets
import Diagnostics
import Objectives
import Recipes
import Training

extension FDTSettings {
  /// Checks that the numbers make sense.
  ///
  /// - Throws: an error whose place is the key.
  func validate() throws(UserError) {
    try check("data.emoji", data.emoji.validate)
    try check("data.nlvr", data.nlvr.validate)
    try check("data.folder", data.folder.validate)
    try check("data.shards", data.shards.validate)
    try check("augmentation.image", augmentation.image.validate)
    try training.validate(section: "training")

    let sizes: [(String, [Int])] = [
      ("patchSize", [model.patchSize]), ("imageDimensions", [model.imageDimensions]),
      ("imageHeads", [model.imageHeads]), ("residualWidths", model.residualWidths),
      ("residualBlocks", [model.residualBlocks]), ("textDimensions", [model.textDimensions]),
      ("textHeads", [model.textHeads]), ("dimensions", [model.dimensions]),
    ]
    for (key, values) in sizes {
      try require(values.allSatisfy { (1...65_536).contains($0) }, "model.\(key)", "must be 1 to 65536")
    }
    try require((0...1_000).contains(model.imageLayers), "model.imageLayers", "must be 0 to 1000")
    try require((0...1_000).contains(model.textLayers), "model.textLayers", "must be 0 to 1000")
    try require(!model.residualWidths.isEmpty, "model.residualWidths", "must name at least one stage")
    try require(
      model.imageDimensions % model.imageHeads == 0, "model.imageHeads",
      "must divide model.imageDimensions (\(model.imageDimensions))")
    try require(
      model.textDimensions % model.textHeads == 0, "model.textHeads",
      "must divide model.textDimensions (\(model.textDimensions))")
    try require((0..<1).contains(model.imageDropout), "model.imageDropout", "must be in 0..<1")
    try require((0..<1).contains(model.textDropout), "model.textDropout", "must be in 0..<1")

    try require((1...1_048_576).contains(method.codes), "method.codes", "must be 1 to 1048576")
    try require(
      method.head != .control || method.codes % 2 == 0, "method.codes", "must be even where method.head is control")
    let schedule = method.temperature
    for (key, value) in [("start", schedule.start), ("factor", schedule.factor), ("floor", schedule.floor)] {
      try require(value > 0 && value.isFinite, "method.temperature.\(key)", "must be positive")
    }
    try require(schedule.interval > 0, "method.temperature.interval", "must be positive")
    try require(
      method.orthogonality >= 0 && method.orthogonality.isFinite, "method.orthogonality", "must not be negative")
    try require(
      method.orthogonality == 0 || method.head == .codebook, "method.orthogonality",
      "must be 0 where method.head is not codebook")
    try require(
      method.codebookDecay.map { $0 >= 0 && $0.isFinite } ?? true, "method.codebookDecay", "must not be negative")
    try require(
      method.logScaleRange.count == 2 && method.logScaleRange[0] <= method.logScaleRange[1]
        && method.logScaleRange.allSatisfy { abs($0) <= 50 }, "method.logScaleRange",
      "must be two numbers in order, at most 50")

    try require(evaluation.ridge > 0 && evaluation.ridge.isFinite, "evaluation.ridge", "must be positive")
    let counts: [(String, Int, Int)] = [
      ("trackedObservations", evaluation.trackedObservations, 0), ("fewestObjects", evaluation.fewestObjects, 1),
      ("concepts", evaluation.concepts, 0),
      ("examplesPerConcept", evaluation.examplesPerConcept, 1), ("shownCodes", evaluation.shownCodes, 0),
      ("shownObservations", evaluation.shownObservations, 1),
    ]
    for (key, value, least) in counts {
      try require((least...1_000_000).contains(value), "evaluation.\(key)", "must be \(least) to 1000000")
    }
    try require(
      evaluation.trackedObservations != 1, "evaluation.trackedObservations", "must be 0 or at least 2")
  }
}
