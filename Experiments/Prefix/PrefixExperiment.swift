import AlignmentExperiments
import Foundation

/// Questions about pictures, answered by a small causal transformer that has the parts of a picture as its prefix: LLaVA's form (Liu
/// et al., NeurIPS 2023).
///
/// `prefix/emoji` begins from the encoder that `fdt/clip` has trained, and leaves it as it is.
public struct PrefixExperiment: AlignmentExperiment {
  /// Creates the experiment.
  public init() {}

  /// Name, words, recipes.
  public var paper: Paper {
    Paper("prefix", "Questions about pictures, a visual prefix in LLaVA's form (NeurIPS 2023)", recipes: .module)
  }
  /// Encoders by themselves.
  public var initialisation: AlignmentModel.Initialisation { .encodersApart }
}
