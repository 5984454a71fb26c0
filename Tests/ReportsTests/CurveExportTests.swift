import Diagnostics
import Foundation
import Interchange
import Reports
import Runs
import SampleRuns
import StrictYAML
import Testing
import Training

@Suite struct CurveExportTests {
  let sample: SampleRun
  let run: RunFolder

  init() throws {
    sample = try SampleRun()
    run = try sample.finished(start: 1_000)
  }

  @Test func theModelIndexHasEveryMean() throws {
    let hash = try run.readResult().hash
    let export = try RunExport(of: run, format: .modelIndex)
    #expect(export.fileName == "sample-small-\(hash)-model-index.yaml")
    let text = String(decoding: export.data, as: UTF8.self)
    let lines = text.split(separator: "\n").map(String.init)
    let comment = "# Concord, sample/small \(hash), commit c0ffee+, seeds 0, 1, 2"
    #expect(lines.prefix(4) == [comment, "model-index:", "- name: sample/small", "  results:"])
    let first = """
      - task:
          type: accuracy
          name: "accuracy, image"
        dataset:
          type: digits
          name: digits
          revision: abc123
        metrics:
        - type: accuracy
          value: 0.9499999999999998
          name: "accuracy, mean of 3 seeds ± 
      """
    let indented = first.split(separator: "\n").map { "  " + $0 }.joined(separator: "\n")
    #expect(text.contains(indented), "\(text)")
    #expect(text.contains("- type: recall_at_1\n      value: 0.5\n"), "\(text)")
    #expect(text.contains("- type: median_rank\n      value: 2.0\n"), "\(text)")
    #expect(lines.count { $0.hasPrefix("  - task:") } == 4)
  }

  @Test func scoresAreNotOfOtherFormats() throws {
    let error = #expect(throws: UserError.self) {
      try RunExport(of: run, content: .embeddings, format: .modelIndex)
    }
    #expect(error?.what == "embeddings cannot be exported to model-index")
  }

  @Test func curvesOfEverySeedAreWritten() throws {
    try FileManager.default.createDirectory(at: run.seed(1), withIntermediateDirectories: true)
    do {
      let log = try MetricsLog(appendingTo: run.metrics(ofSeed: 1))
      try log.receive(.began(totalSteps: 2, epochs: 1))
      for step in 1...2 {
        try log.receive(
          .step(
            StepRecord(
              step: step, epoch: 1, terms: [LossTerm("total", 1 / Double(step)), LossTerm("image – text", 0.5)],
              learningRate: 0.125, samplesPerSecond: 64)))
      }
      try log.receive(.epoch(EpochRecord(epoch: 1, terms: [LossTerm("total", 0.75)], seconds: 1)))
      try log.receive(
        .evaluated([Score(evaluator: "retrieval", subject: "image → text", metric: "R@1", value: 0.25)]))
      try log.receive(.finished)
    }
    let export = try TensorBoardExport(of: run)
    #expect(export.files.map(\.path) == ["seed-1/events.out.tfevents.0000001000.concord"])
    let content = export.files[0].content
    #expect(content.start == 1_000 && content.scalars.allSatisfy { $0.time >= 1_000 && $0.time < 1_100 })
    let names = ["loss/total", "loss/image – text", "learning rate", "samples per second"]
    #expect(content.scalars.map(\.tag) == names + names + ["epoch/total", "retrieval/image → text/R@1"])
    #expect(content.scalars.map(\.step) == [1, 1, 1, 1, 2, 2, 2, 2, 2, 2])
    #expect(content.scalars.map(\.value) == [1, 0.5, 0.125, 64, 0.5, 0.5, 0.125, 64, 0.75, 0.25])
    let folder = sample.folder.url.appending(path: "curves")
    let files = try export.write(to: folder)
    #expect(try EventFile(data: Data(contentsOf: files[0])) == content)
    #expect(throws: UserError.self) { try export.write(to: folder) }
    let absent = #expect(throws: UserError.self) { try TensorBoardExport(of: run, seed: 7) }
    #expect(absent?.kind == .usage)
    let none = #expect(throws: UserError.self) { try TensorBoardExport(of: run, seed: 0) }
    #expect(none?.what.contains("no seed has begun") == true)
  }
}
