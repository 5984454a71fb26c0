import AlignmentExperiments
import Datasets
import Diagnostics
import Foundation
import Recipes

/// Multimodal contrastive training (Yuan et al., CVPR 2021), with MoCo, SimCLR and CLIP as settings of it.
///
/// The protocol: linear probes, nearest neighbours and tags of frozen picture features; retrieval and zero-shot where
/// pictures and captions share a space; and how the keys in the queues age. `Papers/MCT.md` has formulas, deviations and
/// results.
public struct MCTExperiment: AlignmentExperiment {
  /// Creates the experiment.
  public init() {}

  /// Name, words, recipes, and what keys of earlier versions are called now.
  public var paper: Paper {
    Paper(
      "mct", "Multimodal contrastive training: contrast within and between images and captions, with tags (CVPR 2021)",
      recipes: .module,
      formerKeys: [
        "data.image": "data.modalities", "data.captions": "data.modalities",
        "model.head": "method.mct.head", "model.headDimensions": "method.mct.headDimensions",
        "model.shufflesKeys": "method.mct.shufflesKeys", "method.dimensions": "model.dimensions",
        "method.weights": "method.mct.weights", "method.intra": "method.mct.intra", "method.inter": "method.mct.inter",
        "method.temperature": "method.mct.temperature", "method.interTemperature": "method.mct.interTemperature",
        "method.tagThreshold": "method.mct.tagThreshold", "method.margin": "method.mct.margin",
        "method.reduction": "method.mct.reduction", "method.queueSize": "method.mct.queueSize",
        "method.momentum": "method.mct.momentum",
        "evaluation.neighbours": "evaluation.neighbours.count", "evaluation.examples": "evaluation.examples.count",
        "evaluation.neighbourTemperature": "evaluation.neighbours.temperature",
        "evaluation.penalties": "evaluation.linearProbe.penalties",
      ])
  }

  /// Checks what can be checked without data; views have a section of their own, which earlier recipes did not.
  public func validate(_ settings: AlignmentSettings) throws(UserError) {
    try settings.validate()
    try settings.require(
      settings.augmentation.isOn || settings.augmentation.image == ImageAugmentation.Options(), "augmentation.image",
      "has no effect while augmentation.isOn is false; how views are made is `augmentation.view` now")
  }

  /// How the keys in the queues age.
  public func observer(of course: AlignmentCourse) throws -> (any TrainingObserver)? { QueueAgeObserver(course) }
}
