import Autograd
import Datasets
import Encoders
import Evaluation
import Evaluators
import Kernels
import Layers
import Methods
import Options
import Testing
import Training

/// Linear protocols on frozen features with known answers.
@Suite struct LinearProtocolTests {
  /// Vectors in clusters of four classes, the last of few, with tags that say the cluster's number in bits; or noise.
  private func model(
    isTold: Bool = true, train: Int = 120, lacking: Int = 0, hasEqualEncoders: Bool = false
  ) throws -> FrozenModel {
    func split(_ name: String, _ count: Int) -> MultimodalSplit {
      var stream = RandomStream(seed: 4, name: name)
      let classes = (0..<count).map { Int32($0 % 10 == 9 ? 3 : $0 % 3) }
      func column(_ modality: String) -> ModalityColumn {
        let values = classes.flatMap { label in
          (0..<5).map { number -> Float in
            let told: Float = isTold && number == Int(label) ? 3 : 0
            return told + 0.3 * stream.normal()
          }
        }
        return ModalityColumn(
          modality: Modality(name: modality, kind: .vector(count: 5)), items: .numbers(values),
          rows: (0..<Int32(count)).map { Int($0) < lacking ? ModalityColumn.absent : $0 })
      }
      let tags = classes.flatMap { label in [label & 1, label >> 1].map { Float($0) } }
      return MultimodalSplit(
        name: name,
        columns: [
          column("one"), column("two"),
          ModalityColumn(
            modality: Modality(name: "tags", kind: .tags(count: 2)), items: .numbers(tags),
            rows: (0..<Int32(count)).map { $0 }),
        ], labels: ["kind": classes])
    }
    let dataset = MultimodalDataset(
      name: "clusters", train: split("train", train), validation: split("validation", 20), test: split("test", 60),
      classNames: ["kind": ["a", "b", "c", "d"]], checksum: "clusters", tagNames: ["tags": ["odd", "high"]])
    let data = try AlignedData(dataset, options: DataOptions())
    var model = EncoderOptions()
    (model.vectorDimensions, model.dimensions) = ([16], 8)
    var stream = RandomStream(seed: 2, name: "init")
    let encoders = EncoderSet(data.modalities, options: model, stream: &stream)
    var parts = MethodParts(encoders: encoders, data: data, seed: 2, stream: stream)
    let method = CLIPOptions().make(&parts)
    if hasEqualEncoders {
      let all = Dictionary(
        uniqueKeysWithValues: (encoders.parameters + method.parameters).map { ($0.path, $0.parameter) })
      for (path, parameter) in all {
        let words = path.split(separator: ".")
        guard words.contains("one") else { continue }
        let other = words.map { $0 == "one" ? "two" : $0 }.joined(separator: ".")
        try #require(all[other]).assign(parameter.value)
      }
    }
    return FrozenModel(method, data: data, inputs: InputMaker(data), side: .test, seed: 0)
  }

  private func scores(_ evaluator: any Evaluator, _ model: FrozenModel) throws -> [String: Score] {
    let scores = try evaluator.tables(of: model, after: []).flatMap(\.scores)
    return Dictionary(uniqueKeysWithValues: scores.map { ("\($0.subject), \($0.metric)", $0) })
  }

  @Test func machinesTellWhatCanBeTold() throws {
    var evaluator = LinearSVMEvaluator()
    evaluator.of = .all
    for lacking in [0, 7] {
      let found = try scores(evaluator, model(lacking: lacking))
      #expect(found.count == 8)
      for modality in ["one", "two"] {
        #expect(found["\(modality), kind"]?.value == 1)
        #expect(try #require(found["\(modality), tags mAP"]?.value) > 0.95)
        for metric in ["kind duality gap", "tags duality gap"] {
          #expect((0...1e-3).contains(try #require(found["\(modality), \(metric)"]?.value)))
        }
      }
      #expect(try #require(found["one, kind"]?.scale).chance < 0.4)
    }
    #expect(evaluator.notes(on: try model()).first?.contains("3-fold cross-validation") == true)
  }

  @Test func noiseIsNotTold() throws {
    let found = try scores(LinearSVMEvaluator(), model(isTold: false))
    #expect(try #require(found["one, kind"]?.value) < 0.6)
    #expect(try #require(found["one, tags mAP"]?.value) < 0.7)
    let few = try scores(FewLabelsEvaluator(), model(isTold: false))
    #expect(try #require(few["one, kind 10%"]?.value) < 0.6)
  }

  @Test func theCostIsChosenOnTheTrainingSide() throws {
    let model = try model()
    var evaluator = LinearSVMEvaluator()
    // Machines of hardly any cost do not tell the class of few; which cost is right does not depend on the order.
    evaluator.costs = [1e-7]
    let poor = try #require(try scores(evaluator, model)["one, kind"]?.value)
    #expect(poor < 1)
    for costs in [[1e-7, 1], [1, 1e-7]] {
      evaluator.costs = costs
      #expect(try scores(evaluator, model)["one, kind"]?.value == 1)
    }
  }

  /// Two modalities alike, seen by equal networks, are told by one probe; by other networks they are not.
  @Test func aProbeGoesOverWhereRepresentationsAgree() throws {
    let subjects = ["one", "two", "one → two", "two → one"]
    let equal = try scores(ProbeTransferEvaluator(), model(lacking: 7, hasEqualEncoders: true))
    #expect(equal.count == 4)
    for subject in subjects { #expect(try #require(equal["\(subject), kind"]?.value) > 0.95, "\(subject)") }
    #expect(try #require(equal["one → two, kind"]?.scale).chance < 0.4)
    let other = try scores(ProbeTransferEvaluator(), model())
    #expect(try #require(other["one, kind"]?.value) > 0.95)
    let least = min(try #require(other["one → two, kind"]?.value), try #require(other["two → one, kind"]?.value))
    #expect(least < 0.7)
  }

  @Test func aFewLabelsTellClusters() throws {
    var evaluator = FewLabelsEvaluator()
    let model = try model(train: 400)
    let found = try scores(evaluator, model)
    #expect(Set(found.keys) == ["one, kind 1%", "one, kind 10%"])
    #expect(try #require(found["one, kind 1%"]?.value) > 0.8)
    #expect(found["one, kind 10%"]?.value == 1)
    #expect(try scores(evaluator, model) == found)
    // All labels are those of the linear probe with the same penalty.
    (evaluator.fractions, evaluator.draws, evaluator.penalties) = ([1], 1, [1e-2])
    var probe = LinearProbeEvaluator()
    probe.penalties = [1e-2]
    #expect(try scores(evaluator, model)["one, kind 100%"]?.value == scores(probe, model)["one, kind"]?.value)
  }

  /// Of many observations a sample is looked at, the same each time, and the notes say so.
  @Test func aProbeLooksAtASample() throws {
    var probe = LinearProbeEvaluator()
    probe.penalties = [1e-2]
    let model = try model(train: 400)
    let whole = try scores(probe, model)
    #expect(!probe.notes(on: model).joined().contains("sample"))
    probe.mostObservations = 40
    let some = try scores(probe, model)
    #expect(try scores(probe, model) == some && Set(some.keys) == Set(whole.keys))
    #expect(try #require(some["one, kind"]?.value) > 0.8)
    let outcomes = try probe.tables(of: model, after: []).flatMap(\.outcomes)
    #expect(!outcomes.isEmpty && outcomes.allSatisfy { $0.values.count == 40 && Set($0.observations).count == 40 })
    #expect(
      probe.notes(on: model).suffix(2) == [
        "Linear probes learn on a sample of 40 of 400, drawn by the seed.",
        "Linear probes are asked on a sample of 40 of 60, drawn by the seed.",
      ])
    #expect(probe.requirements.filter { !$0.holds }.map(\.key) == ["mostObservations"])
  }

  @Test func optionsAreChecked() {
    var machines = LinearSVMEvaluator()
    (machines.costs, machines.folds) = ([], 1)
    #expect(machines.requirements.filter { !$0.holds }.map(\.key) == ["costs", "folds"])
    var few = FewLabelsEvaluator()
    (few.fractions, few.draws, few.penalties) = ([0], 0, [-1])
    #expect(few.requirements.filter { !$0.holds }.map(\.key) == ["fractions", "draws", "penalties"])
  }
}
