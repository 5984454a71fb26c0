import AlignmentExperiments
import Foundation

/// A text encoder of another language learns from one of a language that is known, on parallel texts without pictures.
///
/// `distil/teacher` learns pictures with English names; `distil/korean` lets an encoder of Korean names imitate its English one, and
/// is measured by finding pictures; `distil/korean-before` is the same before its training.
public struct DistilExperiment: AlignmentExperiment {
  /// Creates the experiment.
  public init() {}

  /// Name, words, recipes.
  public var paper: Paper {
    Paper(
      "distil", "Another language's text encoder by distillation on parallel texts, without pictures (EMNLP 2020)",
      recipes: .module)
  }
  /// Encoders by themselves.
  public var initialisation: AlignmentModel.Initialisation { .encodersApart }
}
