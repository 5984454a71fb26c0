import AlignmentExperiments
import Foundation

/// Finite discrete tokens (Chen et al., CVPR 2023), CLIP without them, and their ablations.
///
/// The protocol: retrieval, zero-shot classification by prompts, linear probes, completeness, geometry, the health of the
/// codebook, and what its codes stand for. `Papers/FDT.md` has formulas, deviations and results.
public struct FDTExperiment: AlignmentExperiment {
  /// Creates the experiment.
  public init() {}

  /// Name, words, recipes, and what keys of earlier versions are called now.
  public var paper: Paper {
    Paper(
      "fdt", "Finite discrete tokens: image patches and words are grounded in one shared codebook (CVPR 2023)",
      recipes: .module,
      formerKeys: [
        "data.captions": "data.modalities", "data.folder.modalities": "data.modalities",
        "model.residualWidths": "model.imageWidths", "model.residualBlocks": "model.imageBlocks",
        "method.head": "method.name, with method.fdt.isControl for the control", "method.codes": "method.fdt.codes",
        "method.temperature": "method.fdt.codeTemperature", "method.pooling": "method.fdt.pooling",
        "method.attention": "method.fdt.attention", "method.padding": "method.fdt.padding",
        "method.orthogonality": "method.fdt.orthogonality", "method.codebookDecay": "method.fdt.codebookDecay",
        "method.logScaleRange": "method.fdt.logScaleRange",
        "method.sparesRepeatedTexts": "data.sparesEqualItems",
        "evaluation.prompts": "evaluation.zeroShot.prompts", "evaluation.ridge": "evaluation.linearProbe.penalties",
        "evaluation.fewestObjects": "evaluation.completeness.fewest",
        "evaluation.examplesPerConcept": "evaluation.concepts.examplesPerConcept",
        "evaluation.shownCodes": "evaluation.concepts.shownCodes",
      ])
  }
}
