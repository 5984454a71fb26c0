import Datasets
import Encoders
import Kernels
import Methods
import Options
import Testing

@Suite struct TrainingBatchTests {
  private static let dataset: MultimodalDataset = {
    let texts = [["a", "b", "a", "c", "d"], ["u", "v", "w", "v", "x"]]
    let names = ["first", "second"]
    let tokenisers = texts.map { SubwordTokeniser(texts: $0, minimumCount: 1) }
    func split(_ name: String) -> MultimodalSplit {
      let rows: [Int32] = [0, 1, 2, 3, 4]
      return MultimodalSplit(
        name: name,
        columns: [
          ModalityColumn(
            modality: Modality(name: "vector", kind: .vector(count: 1)), items: .numbers([0, 1, 2, 3, 4]), rows: rows)
        ]
          + names.indices.map { index in
            ModalityColumn(
              modality: Modality(
                name: names[index], kind: .tokens(length: 3, vocabulary: tokenisers[index].vocabularyCount)),
              items: .tokens(texts[index].flatMap { tokenisers[index].encode($0, length: 3) }),
              rows: index == 1 ? [0, 1, 2, 3, ModalityColumn.absent] : rows)
          }, labels: ["kind": [0, 1, 0, 1, 2]], texts: Dictionary(uniqueKeysWithValues: zip(names, texts)))
    }
    return MultimodalDataset(
      name: "texts", train: split("train"), validation: split("validation"), test: split("test"),
      classNames: ["kind": ["x", "y", "z"]], checksum: "texts",
      tokenisers: Dictionary(uniqueKeysWithValues: zip(names, tokenisers)))
  }()

  private func batch(_ rows: [Int]) throws -> TrainingBatch {
    let data = try AlignedData(Self.dataset, options: DataOptions())
    return TrainingBatch(rows: rows, step: 0, streams: RandomStreams(seed: 1), data: data, inputs: InputMaker(data))
  }

  @Test func observationsShareAKeyWhoseCaptionsAreTheSame() throws {
    let batch = try batch([0, 1, 2, 3])
    #expect(batch.sharing(0, 1) == [0, 1, 0, 3])
    #expect(batch.sharing(2, 0) == [0, 1, 2, 1])
    // Between captions, either's being the same suffices.
    #expect(batch.sharing(1, 2) == [0, 1, 0, 1])
    #expect(batch.sharing(0, 0) == nil)
    // Keys are places in the batch, not observations.
    #expect(try self.batch([3, 2, 0]).sharing(0, 1) == [0, 1, 1])
  }

  @Test func textsThatTokensCannotTellApartShareNothing() throws {
    // Both end in a word that was cut: the same tokens, but not the same text.
    let tokens: [Int32] = [2, 4, 3, 2, 4, 3, 2, 4, 3]
    let texts = ["robot", "dizzy", " robot\n"]
    let split = MultimodalSplit(
      name: "train",
      columns: [
        ModalityColumn(
          modality: Modality(name: "vector", kind: .vector(count: 1)), items: .numbers([0, 1, 2]), rows: [0, 1, 2]),
        ModalityColumn(
          modality: Modality(name: "caption", kind: .tokens(length: 3, vocabulary: 5)), items: .tokens(tokens),
          rows: [0, 1, 2]),
      ], labels: [:], texts: ["caption": texts])
    let dataset = MultimodalDataset(
      name: "cut", train: split, validation: split, test: split, classNames: [:], checksum: "cut")
    let data = try AlignedData(dataset, options: DataOptions())
    let batch = TrainingBatch(
      rows: [0, 1, 2], step: 0, streams: RandomStreams(seed: 1), data: data, inputs: InputMaker(data))
    #expect(batch.sharing(0, 1) == [0, 1, 0])
  }

  @Test func keysAreJoinedAcrossSeveralObservations() throws {
    // 0 and 2 share the first caption, 1 and 3 the second, and nothing joins the two pairs.
    #expect(try batch([2, 3, 1, 0]).sharing(1, 2) == [0, 1, 1, 0])
    #expect(try batch([0, 0, 3]).sharing(1, 2) == [0, 0, 2])
  }

  @Test func classesAndPresenceAreOfThePlacesInTheBatch() throws {
    let batch = try batch([4, 1, 0])
    #expect(batch.labels("kind") == [2, 1, 0] && batch.count == 3)
    #expect(batch.presence == [[0, 1, 2], [0, 1, 2], [1, 2]])
    #expect(!batch.isPresent(2, at: 0) && batch.isPresent(2, at: 1))
    #expect(try self.batch([1, 0]).presence == nil)
    #expect(batch.tags == nil)
  }
}
