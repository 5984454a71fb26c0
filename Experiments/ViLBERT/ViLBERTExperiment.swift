import AlignmentExperiments
import Foundation

/// ViLBERT (Lu et al., NeurIPS 2019): words and regions that look at each other, on the boxes of NLVR and on patches of emoji.
public struct ViLBERTExperiment: AlignmentExperiment {
  /// Creates the experiment.
  public init() {}

  /// Name, words, recipes.
  public var paper: Paper {
    Paper("vilbert", "ViLBERT, words and regions that look at each other (NeurIPS 2019)", recipes: .module)
  }
  /// Encoders by themselves: the method has none.
  public var initialisation: AlignmentModel.Initialisation { .encodersApart }
}
