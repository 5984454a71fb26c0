import AlignmentExperiments
import Foundation

/// Every alignment method on the same data, with the same encoders, budget and evaluations.
///
/// The encoders draw their initial values from a stream by themselves, so that every method begins with the same ones.
public struct CompareExperiment: AlignmentExperiment {
  /// Creates the experiment.
  public init() {}

  /// Name, words, recipes, and what keys of earlier versions are called now.
  public var paper: Paper {
    Paper(
      "compare", "Alignment methods side by side: the same data, encoders, budget and evaluations",
      recipes: .module,
      formerKeys: [
        "model.dropout": "model.imageDropout and model.textDropout",
        "method.fdt.codeTemperature": "method.fdt.codeTemperature.start", "evaluation.probe": "evaluation.accuracy",
        "evaluation.penalties": "evaluation.linearProbe.penalties", "method.clip.noise": "data.pairNoise",
        "method.fusion.blends": "method.fusion.blending",
      ])
  }
  /// Encoders by themselves.
  public var initialisation: AlignmentModel.Initialisation { .encodersApart }
}
