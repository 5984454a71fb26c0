import AlignmentExperiments
import Foundation

/// Captions written for pictures by a recurrent network, that sees a picture as a whole or looks at its regions.
///
/// `caption/emoji` and those beside it train an encoder of pictures with it; `caption/emoji-clip` and `caption/emoji-fdt` begin from
/// one that has learnt with captions by contrast.
public struct CaptionExperiment: AlignmentExperiment {
  /// Creates the experiment.
  public init() {}

  /// Name, words, recipes.
  public var paper: Paper {
    Paper(
      "caption", "Captions of pictures: Show and Tell (CVPR 2015), with soft attention (ICML 2015)", recipes: .module)
  }
  /// Encoders by themselves.
  public var initialisation: AlignmentModel.Initialisation { .encodersApart }
}
