import AlignmentExperiments
import Foundation

/// Geometric multimodal contrastive learning (Poklukar et al., ICML 2022) and its ablations, beside fusion baselines.
///
/// The protocol: encoders and joint encoder are trained, frozen, and read by a classifier that learns from complete
/// observations and is tested with every subset of modalities; retrieval between modalities; Delaunay components of the
/// representations. `Papers/GMC.md` has formulas, deviations and results.
public struct GMCExperiment: AlignmentExperiment {
  /// Creates the experiment.
  public init() {}

  /// Name, words, recipes, and what keys of earlier versions are called now.
  public var paper: Paper {
    Paper(
      "gmc", "Geometric multimodal contrast: each modality is aligned with the joint representation (ICML 2022)",
      recipes: .module,
      formerKeys: [
        "method.objective": "method.name", "method.temperature": "method.gmc.temperature",
        "method.negatives": "method.gmc.negatives", "method.modalityDropout": "method.fusion.modalityDropout",
        "model.commonDimensions": "method.gmc.commonDimensions", "model.latentDimensions": "model.dimensions",
        "model.headDimensions": "method.gmc.headDimensions", "model.sharedHead": "method.gmc.sharedHead",
        "evaluation.probe": "evaluation.accuracy", "evaluation.retrieval": "evaluation.retrieval.match",
        "evaluation.delaunay.enabled": "evaluation.evaluators",
      ])
  }
}
