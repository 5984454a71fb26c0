import AlignmentExperiments
import Foundation

/// Pictures and captions by contrast, matching and writing (Li et al., ICML 2022), and its controls.
public struct BLIPExperiment: AlignmentExperiment {
  /// Creates the experiment.
  public init() {}

  /// Name, words, recipes.
  public var paper: Paper {
    Paper("blip", "Contrast, matching and writing by one text transformer (ICML 2022)", recipes: .module)
  }
  /// Encoders by themselves, so that controls begin with the same.
  public var initialisation: AlignmentModel.Initialisation { .encodersApart }
}
