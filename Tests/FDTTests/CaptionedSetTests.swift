import Foundation
import Runs
import SampleFolders
import Testing
import Training

/// FDT on small sets in the form of COCO and Flickr30k.
@Suite(.serialized) struct CaptionedSetTests {
  private static let splits = (0..<16).map { $0 < 8 ? "train" : $0 < 12 ? "val" : "test" }

  @Test(arguments: ["coco-small", "coco-retrieval", "flickr30k"]) func anEpochOverDrawnCaptions(recipe: String) throws {
    let runs = try SmallRuns()
    let root = runs.folder.appending(path: "data")
    let set = recipe == "flickr30k" ? "flickr30k" : "coco"
    if set == "coco" {
      try SampleCaptionedSet.writeCOCO(to: root, splits: Self.splits)
    } else {
      try SampleCaptionedSet.writeFlickr30k(to: root, splits: Self.splits)
    }
    let overrides = [
      "training.batchSize=4", "data.\(set).imageSize=16", "data.\(set).minimumPieceCount=1", "model.patchSize=8",
    ]
    let scores = try runs.run("fdt/\(recipe)", overrides: overrides, dataRoot: root).result.scores
    func value(_ subject: String) -> Double? {
      scores.first { $0.evaluator == "retrieval" && $0.subject == subject && $0.metric == "R@5" }?.value
    }
    // Four pictures are candidates, not twenty rows.
    #expect(value("caption → image") == 1 && value("image → caption") != nil)
    #expect(scores.allSatisfy { $0.value.isFinite })
  }
}
