import Datasets
import Diagnostics
import Foundation
import Options
import Testing

@Suite struct DatasetFormTests {
  private static let dataset: MultimodalDataset = {
    let tokeniser = SubwordTokeniser(texts: ["red dog", "red cat"], minimumCount: 1)
    func split(_ name: String) -> MultimodalSplit {
      MultimodalSplit(
        name: name,
        columns: [
          ModalityColumn(
            modality: Modality(name: "picture", kind: .image(height: 1, width: 2, channels: 3)),
            items: .numbers([Float](repeating: 0.5, count: 18)), rows: [0, 1, 2]),
          ModalityColumn(
            modality: Modality(name: "caption", kind: .tokens(length: 5, vocabulary: tokeniser.vocabularyCount)),
            items: .tokens(tokeniser.encode(["red dog", "red cat", "dog"], length: 5)), rows: [0, 1, 2]),
          ModalityColumn(
            modality: Modality(name: "tags", kind: .tags(count: 2)), items: .numbers([0, 1, 1, 0, 1, 1]),
            rows: [0, 1, 2]),
        ], labels: ["animal": [1, 0, 1], "kind": [0, 0, 0]], texts: ["caption": ["red dog", "red cat", "dog"]])
    }
    return MultimodalDataset(
      name: "zoo", train: split("train"), validation: split("validation"), test: split("test"),
      classNames: ["animal": ["cat", "dog"], "kind": ["pet", "wild"]], checksum: "abc",
      tokenisers: ["caption": tokeniser],
      tagNames: ["tags": ["a", "b"]],
      pictureForms: ["picture": PictureForm(ImageResize(height: 1, width: 2, fit: .pad))])
  }()

  @Test func whatNetworksNeedIsKept() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "data.json")
      let form = DatasetForm(Self.dataset)
      try form.write(to: file)
      let read = try DatasetForm(contentsOf: file)
      #expect(read == form && read.classesTogether == [[0, 0], [1, 0]])
      let bare = read.dataset
      #expect(bare.modalities == Self.dataset.modalities && bare.classNames == Self.dataset.classNames)
      #expect(bare.tagNames == Self.dataset.tagNames && bare.checksum == "abc" && bare.name == "zoo")
      #expect(bare.tokenisers["caption"] == Self.dataset.tokenisers["caption"])
      #expect(bare.pictureForm(of: "picture") == PictureForm(ImageResize(height: 1, width: 2, fit: .pad)))
      // No item is left, and of the classes those that occur together.
      #expect(bare.train.count == 2 && bare.test.count == 0 && bare.train.columns.allSatisfy { $0.absentCount == 2 })
      #expect(bare.train.labels == ["animal": [0, 1], "kind": [0, 0]])
      let data = try AlignedData(bare, options: DataOptions())
      #expect(data.vocabulary.captions.map(\.name) == ["caption"] && data.tags?.count == 2)
    }
  }

  @Test func damagedFilesAreRefused() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "data.json")
      let missing = #expect(throws: UserError.self) { try DatasetForm(contentsOf: file) }
      #expect(missing?.what.contains("as runs of earlier versions do not") == true)
      let json = DatasetForm(Self.dataset).json
      for (old, new) in [
        ("\"height\":1", "\"height\":-1"),
        ("[[0,0],[1,0]]", "[[0,0],[9,0]]"),
        ("\"length\":5", "\"length\":0"), ("\"count\":2", "\"count\":-2"), ("{", "["),
      ] {
        try #require(json.contains(old), "\(old)")
        try Data(json.replacing(old, with: new).utf8).write(to: file)
        let error = #expect(throws: UserError.self) { try DatasetForm(contentsOf: file) }
        #expect(error?.what == "is damaged", "\(old)")
      }
    }
  }
}
