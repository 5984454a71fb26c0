import Foundation
import Runs
import SampleFolders
import Testing
import Training

/// MCT on a small set in the form of COCO, with categories as tags.
@Suite(.serialized) struct CaptionedSetTests {
  @Test(arguments: ["coco-small", "coco"]) func anEpochWithTagsOfAStream(recipe: String) throws {
    let runs = try SmallRuns()
    try SampleCaptionedSet.writeCOCO(
      to: runs.folder, splits: (0..<16).map { $0 < 8 ? "train" : $0 < 12 ? "val" : "test" })
    let result = try runs.run(
      "mct/\(recipe)",
      overrides: [
        "training.batchSize=4", "model.normalisationGroups=1", "data.coco.imageSize=16",
        "data.coco.minimumPieceCount=1", "evaluation.selection=last",
        "data.coco.split=karpathy", "method.mct.queueSize=16", "data.coco.trainingCount=null",
        "data.coco.validationCount=null", "data.coco.testCount=null",
      ]
    ).result
    let scores = result.scores
    #expect(scores.contains { $0.evaluator == "retrieval" && $0.subject == "image → caption" && $0.metric == "R@1" })
    #expect(
      scores.first { $0.evaluator == "retrieval" && $0.subject == "caption → image" && $0.metric == "R@5" }?.value == 1)
    #expect(scores.allSatisfy { $0.value.isFinite })
    #expect(scores.contains { $0.evaluator == "linear SVM" && $0.metric == "tags mAP" } == (recipe == "coco"))
    #expect(!result.notes.contains { $0.contains("The data have no tags") })
  }
}
