import Datasets
import Testing

struct MultimodalDatasetTests {
  private let split = MultimodalSplit(
    name: "train",
    columns: [
      ModalityColumn(
        modality: Modality(name: "v", kind: .vector(count: 2)), items: .numbers([1, 2, 3, 4]), rows: [1, 0, 1]),
      ModalityColumn(
        modality: Modality(name: "t", kind: .tokens(length: 3, vocabulary: 6)), items: .tokens([2, 1, 3, 2, 5, 3]),
        rows: [0, 1, 1]),
    ], labels: ["kind": [0, 1, 1]])

  @Test func gathersItemsInTheOrderAsked() {
    #expect(split.items(of: "v", at: [2, 1, 2]) == .numbers([3, 4, 1, 2, 3, 4]))
    #expect(split.items(of: "t", at: 0..<2) == .tokens([2, 1, 3, 2, 5, 3]))
    #expect(split.items(of: "v", at: []) == .numbers([]))
    #expect(split.identifiers.isEmpty && split.texts.isEmpty)
  }

  @Test func anAbsentItemIsZerosAndPadding() {
    let split = MultimodalSplit(
      name: "train",
      columns: [
        ModalityColumn(split.columns[0], rows: [1, ModalityColumn.absent, 0]),
        ModalityColumn(split.columns[1], rows: [ModalityColumn.absent, 1, 0]),
        // A modality that no observation of this side has holds no items at all.
        ModalityColumn(
          modality: Modality(name: "e", kind: .vector(count: 2)), items: .numbers([]), rows: [-1, -1, -1]),
      ], labels: [:])
    #expect(split.items(of: "v", at: [2, 1, 0]) == .numbers([1, 2, 0, 0, 3, 4]))
    #expect(split.items(of: "t", at: [1, 0]) == .tokens([2, 5, 3, 0, 0, 0]))
    #expect(split.items(of: "e", at: [0, 2]) == .numbers([0, 0, 0, 0]))
    #expect(split.isPresent("v", at: 0) && !split.isPresent("v", at: 1))
    #expect(split.presence(of: "t", at: [1, 0, 1]) == [true, false, true])
    #expect(split.columns.map(\.absentCount) == [1, 1, 3])
    #expect(!split.isComplete && self.split.isComplete)
    let sides = ["train", "validation", "test"].map { MultimodalSplit(name: $0, columns: split.columns, labels: [:]) }
    let card = MultimodalDataset(
      name: "d", train: sides[0], validation: sides[1], test: sides[2], classNames: [:], checksum: "x"
    ).card
    #expect(card.modalities.map { $0.missing["train"] } == [1, 1, 3])
    #expect(card.modalities.map { $0.items["train"] } == [2, 2, 0])
    #expect(card.description.contains("modality v: vector [2], 2 / 2 / 2 items, missing in 1 / 1 / 1"))
  }

  @Test func countsTextsAndClasses() {
    let tokeniser = SubwordTokeniser(texts: ["dog", "cat"], minimumCount: 1)
    func side(_ name: String) -> MultimodalSplit {
      MultimodalSplit(
        name: name, columns: split.columns, labels: split.labels, texts: ["t": ["dog", "dog cat", "dog dog"]])
    }
    let card = MultimodalDataset(
      name: "d", train: split, validation: side("validation"), test: side("test"),
      classNames: ["kind": ["a", "b", "c"]], checksum: "x", tokenisers: ["t": tokeniser],
      provenance: DatasetProvenance(omissions: [.init(reason: "too long", count: 4)])
    ).card
    #expect(card.labellings[0].counts["train"] == [1, 2, 0])
    // Of three tokens one is left, so that all three texts are the same.
    #expect(card.modalities[0].texts == nil && card.modalities[1].texts?["test"]?.confused == 3)
    #expect(
      card.description.contains(
        "texts of t: 0 / 3 / 3, different 0 / 3 / 3, of these equal to another as tokens 0 / 3 / 3, cut 0 / 2 / 2; bytes "
          + "among the tokens 0.0 % / 0.0 % / 0.0 %"))
    #expect(card.description.contains("note: 2 of 3 different test texts of t are cut to 3 tokens"))
    #expect(card.description.contains("left out: 4, too long"))
    #expect(card.description.contains("train 0 to 2 each, 1 absent"))
  }
}

extension ModalityColumn {
  /// The same items with other rows.
  fileprivate init(_ other: ModalityColumn, rows: [Int32]) {
    self.init(modality: other.modality, items: other.items, rows: rows)
  }
}
