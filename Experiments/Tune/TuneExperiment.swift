import AlignmentExperiments
import Foundation

/// Ways to tune an encoder that has learnt elsewhere, at equal steps: as a whole, locked, by LoRA, by tensor-train adapters.
///
/// `tune/base` learns emoji; the others begin from its image encoder, and `tune/scratch` from random numbers.
public struct TuneExperiment: AlignmentExperiment {
  /// Creates the experiment.
  public init() {}

  /// Name, words, recipes.
  public var paper: Paper {
    Paper(
      "tune", "An encoder tuned from elsewhere: whole, locked, by LoRA (ICLR 2022) or tensor trains (NAACL 2024)",
      recipes: .module)
  }
  /// Encoders by themselves.
  public var initialisation: AlignmentModel.Initialisation { .encodersApart }
}
