import Diagnostics
import Foundation
import Interchange
import Recipes
import Reports
import Runs
import SampleRuns
import Testing
import Training

@Suite struct ReportTests {
  let sample: SampleRun

  init() throws { sample = try SampleRun() }

  @Test func theReportSaysAllThereIsToKnow() throws {
    let run = try sample.finished(overrides: ["seeds=[0,1,2]"])
    let recipe = try sample.recipes.catalogue.recipe("sample/small")
    try Report.write(for: run)
    #expect(
      try String(contentsOf: run.report, encoding: .utf8) == """
        # A small run

        Over 3 seeds, sample/small has accuracy of image 95.0 ± 2.5 % and retrieval R@1 of image → sound 50.0 ± 2.5 %; \
        1 of 2 published values is reached within its tolerance.

        ## Accuracy

        |  | accuracy (%) |
        | :-- | --: |
        | image | 95.0 ± 2.5 |
        | all | 99.0 ± 0.0 |

        ## Run

        - recipe: `sample/small`, hash `\(recipe.hash)`
        - seeds: 0, 1, 2
        - values: mean ± half of the 95 % interval of the mean over 3 seeds (Student's t)
        - overrides: `seeds=[0,1,2]`
        - commit: `c0ffee`, with changes that are not committed
        - parameters: 1234
        - seconds by seed: 2.5, 2.5, 2.5
        - dataset: digits, checksum `abc123`
        - started: 1970-01-01T00:00:00Z; ended: 1970-01-01T00:01:00Z

        ## Against published values

        | score | published ± tolerance | ours | verdict | source |
        | :-- | :-- | :-- | :-- | :-- |
        | accuracy, image, accuracy (%) | 95.0 ± 1.0 | 95.0 ± 2.5 | within | Table 1 |
        | accuracy, all, accuracy (%) | 95.0 ± 1.0 | 99.0 ± 0.0 | outside | Table 2 |

        ## Retrieval

        |  | R@1 (%) | median rank |
        | :-- | --: | --: |
        | image → sound | 50.0 ± 2.5 | 2.0 ± 0.0 |
        | sound → image | 25.0 ± 0.0 | – |

        ## Protocol

        - The classifier is trained on complete representations.

        ## Versions

        - OpenBLAS: 0.3
        - Swift: 6.3
        - processor: Abacus, 2 threads a seed, 1 seed at a time
        - memory: 2.0 GiB

        ## Run again

        ```sh
        concord run sample/small 'seeds=[0,1,2]' threads=2 --data-root 'my data'
        ```

        """)
  }

  @Test func theTerminalShowsAlignedTables() throws {
    let run = try sample.finished(overrides: ["training.epochs=3"])
    #expect(
      try Report(of: run).plain == """
        accuracy  accuracy (%)
        image       95.0 ± 2.5
        all         99.0 ± 0.0

        retrieval         R@1 (%)  median rank
        image → sound  50.0 ± 2.5    2.0 ± 0.0
        sound → image  25.0 ± 0.0            –

        """)
  }

  @Test func metricsAreFractionsUnlessListed() {
    #expect(Metric(named: "R@10").text(0.5) == "50.0")
    #expect(Metric(named: "median rank").text(3) == "3.0")
    #expect(Metric("pairs", isFraction: false, higherIsBetter: nil).text(2_500) == "2500")
    #expect(Metric(named: "median rank").higherIsBetter == false)
    #expect(Metric(named: "alignment").text(0.12345, halfWidth: 0.01) == "0.123 ± 0.010")
    #expect(Metric(named: "CIDEr-D").text(0.358) == "0.358")
    #expect(Metric(named: "MAE").higherIsBetter == false)
    #expect(Metric(named: "gain of R@5").isFraction == false)
    #expect(Metric(named: "group duality gap").higherIsBetter == false)
    for name in ["pairs", "perplexity"] {
      #expect(Metric(named: name).isFraction == false && Metric(named: name).higherIsBetter == nil)
    }
    #expect(Metric(named: "accuracy").text(.nan) == "not a number")
    #expect(Metric(named: "accuracy").text(0.5, halfWidth: nil) == "50.0")
  }

  @Test func figuresAreDrawnFromFilesAlone() throws {
    let run = try sample.finished()
    for seed in 0..<2 {
      let log = try MetricsLog(appendingTo: run.metrics(ofSeed: seed))
      for step in 1...5 {
        try log.receive(
          .step(
            StepRecord(
              step: step, epoch: 1, terms: [LossTerm("total", Double(seed + 1) / Double(step))], learningRate: 1,
              samplesPerSecond: 1)))
      }
    }
    let points: [Float] = [0, 1, 2, 1, 0, 3, 1, 1, 1, 2, 2, 0]
    try NumpyArchive(arrays: [
      "image": NumericArray(points, shape: [4, 3]), "complete": NumericArray(points.reversed(), shape: [4, 3]),
      "labels": NumericArray([0, 1, 1, 0] as [Int32], shape: [4]),
    ]).write(to: run.seed(0).appendingPathComponent(EmbeddingsFile.name))
    try Data(#"["cat","dog"]"#.utf8).write(to: run.seed(0).appendingPathComponent(EmbeddingsFile.classNames))
    let files = try RunFigures(run).draw()
    let names = Set(files.map(\.lastPathComponent))
    for name in [
      "loss-curves", "scores-accuracy", "scores-retrieval", "embedding-pca", "embedding-tsne", "similarity-matrix",
      "similarity-distributions",
    ] {
      #expect(names.isSuperset(of: ["svg", "png", "pdf", "gnuplot", "dat"].map { "\(name).\($0)" }))
    }
    #expect(try Report(of: run).text(.markdown).contains("![Training loss](figures/loss-curves.svg)"))

    try Data(#"["cat"]"#.utf8).write(to: run.seed(0).appendingPathComponent(EmbeddingsFile.classNames))
    let error = #expect(throws: UserError.self) { try RunFigures(run).draw() }
    #expect(error?.what == "must be a list of at least 2 names")
  }
}
