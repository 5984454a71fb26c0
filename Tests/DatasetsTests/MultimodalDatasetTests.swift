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

  @Test func countsUnknownTokensAndClasses() {
    func side(_ name: String) -> MultimodalSplit {
      MultimodalSplit(name: name, columns: split.columns, labels: split.labels)
    }
    let card = MultimodalDataset(
      name: "d", train: split, validation: side("validation"), test: side("test"),
      classNames: ["kind": ["a", "b", "c"]], checksum: "x",
      provenance: DatasetProvenance(omissions: [.init(reason: "too long", count: 4)])
    ).card
    #expect(card.labellings[0].counts["train"] == [1, 2, 0])
    // Begin and end do not count: one unknown token of three.
    #expect(abs((card.modalities[1].unknownShare?["train"] ?? 0) - 1.0 / 3) < 1e-12)
    #expect(card.modalities[0].unknownShare == nil)
    #expect(card.description.contains("left out: 4, too long"))
    #expect(card.description.contains("train 0 to 2 each, 1 absent"))
  }
}
