import Datasets
import Encoders
import Evaluation
import Evaluators
import Kernels
import Methods
import Options
import Testing
import Training

/// Scores can be made again of what each item came to.
@Suite struct ItemOutcomeTests {
  private static let dataset: MultimodalDataset = {
    func split(_ name: String) -> MultimodalSplit {
      var stream = RandomStream(seed: 4, name: name)
      let count = 24
      return MultimodalSplit(
        name: name,
        columns: ["one", "two"].enumerated().map { place, modality in
          ModalityColumn(
            modality: Modality(name: modality, kind: .vector(count: 5)),
            items: .numbers((0..<count * 5).map { _ in stream.uniform() - 0.5 }),
            // The last observations lack the second modality.
            rows: (0..<Int32(count)).map { place == 1 && $0 >= 20 ? ModalityColumn.absent : $0 })
        }, labels: ["kind": (0..<Int32(count)).map { $0 % 7 == 3 ? -1 : $0 % 3 }])
    }
    return MultimodalDataset(
      name: "vectors", train: split("train"), validation: split("validation"), test: split("test"),
      classNames: ["kind": ["a", "b", "c"]], checksum: "vectors")
  }()

  @Test func scoresComeBackFromOutcomes() throws {
    let data = try AlignedData(Self.dataset, options: DataOptions())
    var model = EncoderOptions()
    (model.vectorDimensions, model.dimensions) = ([6], 4)
    var stream = RandomStream(seed: 2, name: "init")
    let encoders = EncoderSet(data.modalities, options: model, stream: &stream)
    var parts = MethodParts(encoders: encoders, data: data, seed: 2, stream: stream)
    let frozen = FrozenModel(
      CLIPOptions().make(&parts), data: data, inputs: InputMaker(data), side: .test, seed: 0)
    var accuracy = MissingModalitiesEvaluator()
    accuracy.probe.epochs = 1
    var probe = LinearProbeEvaluator()
    probe.of = .all
    let evaluators: [any Evaluator] = [RetrievalEvaluator(), probe, NeighboursEvaluator(), accuracy]
    let tables = try evaluators.flatMap { try $0.tables(of: frozen, after: []) }
    let items = ItemTable(families: (0..<24).map { $0 }, outcomes: tables.flatMap(\.outcomes))
    var found: Set<String> = []
    for table in tables {
      for score in table.scores {
        guard
          let item = ItemScore(evaluator: score.evaluator, subject: score.subject, metric: score.metric, of: items)
        else { continue }
        #expect(abs(item.value - score.value) < 1e-9, "\(score.evaluator), \(score.subject), \(score.metric)")
        found.insert("\(score.evaluator), \(score.metric)")
      }
    }
    #expect(
      found.isSuperset(of: [
        "retrieval, R@1", "retrieval, R@10", "rsum, rsum", "linear probe, kind", "nearest neighbours, kind",
        "accuracy, kind",
      ]), "\(found)")
    // Chance is that of as many candidates, and of the most frequent class.
    let scores = tables.flatMap(\.scores)
    let recall = try #require(scores.first { $0.metric == "R@5" && $0.subject == "one → two" })
    #expect(abs(try #require(recall.scale).chance - 5.0 / 20) < 1e-12 && recall.scale?.ceiling == 1)
    let complete = try #require(scores.first { $0.evaluator == "accuracy" && $0.subject == "complete" })
    #expect(try #require(complete.scale).chance > 1.0 / 3 && scores.contains { $0.metric == "rsum" && $0.scale == nil })
  }
}
