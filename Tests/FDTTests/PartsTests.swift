import Autograd
import Datasets
import Diagnostics
import Encoders
import FDT
import Foundation
import Objectives
import Testing

@Suite struct CaptionVocabularyTests {
  private let vocabulary = CaptionVocabulary([
    ("caption-en", 4, WordTokeniser(vocabulary: ["<padding>", "<unknown>", "<begin>", "<end>", "red", "dog"])),
    ("caption-ko", 5, WordTokeniser(vocabulary: ["<padding>", "<unknown>", "<begin>", "<end>", "개"])),
  ])

  @Test func languagesShareSpecialTokensOnly() {
    #expect(vocabulary.count == 7 && vocabulary.length == 5)
    let english = vocabulary.texts(["dog", "a dog"], of: vocabulary.captions[0])
    #expect(english.tokens == [2, 5, 3, 0, 0, 2, 1, 5, 3, 0] && english.count == 2)
    let korean = vocabulary.texts(["개"], of: vocabulary.captions[1])
    #expect(korean.tokens == [2, 6, 3, 0, 0])
    #expect((0..<7).map { vocabulary.word($0) } == [nil, nil, nil, nil, "red", "dog", "개"])
  }

  @Test func equalTextsAreFound() {
    let texts = vocabulary.texts(["dog", "red", "dog", ""], of: vocabulary.captions[0])
    #expect(texts.repetitions == [0, 1, 0, 3])
    #expect(texts.gathering([2, 1]).tokens == vocabulary.texts(["dog", "red"], of: vocabulary.captions[0]).tokens)
  }
}

@Suite struct PatchGridTests {
  @Test func patchesOfATransformer() {
    let grid = PatchGrid(image: [1, 4, 8, 1], patches: 8, patchSize: 2)
    #expect(grid.rows == 2 && grid.columns == 4)
    #expect(grid.area(of: 5).rows == 2..<4 && grid.area(of: 5).columns == 2..<4)
    var pixels = [Float](repeating: 1, count: 32)
    #expect(grid.isPlain(5, of: 0, pixels))
    pixels[2 * 8 + 3] = 0.5
    #expect(!grid.isPlain(5, of: 0, pixels) && grid.isPlain(4, of: 0, pixels))
  }

  @Test func placesOfAFeatureMap() {
    // 25 × 100 halved twice is 7 × 25.
    let grid = PatchGrid(image: [1, 25, 100, 3], patches: 175, patchSize: nil)
    #expect(grid.rows == 7 && grid.columns == 25)
    #expect(grid.area(of: 174).rows == 24..<25 && grid.area(of: 174).columns == 96..<100)
    // A map as large as the image has places of one pixel, which are never plain.
    let whole = PatchGrid(image: [1, 2, 2, 1], patches: 4, patchSize: nil)
    #expect(whole.rows == 2 && !whole.isPlain(0, of: 0, [1, 1, 1, 1]))
  }

  @Test func aFrameStandsAroundThePatch() {
    let grid = PatchGrid(image: [1, 6, 6, 3], patches: 9, patchSize: 2)
    var pixels = [Float](repeating: 0.5, count: 108)
    grid.frame(4, of: 0, &pixels)
    func isRed(_ row: Int, _ column: Int) -> Bool {
      Array(pixels[(row * 6 + column) * 3..<(row * 6 + column) * 3 + 3]) == [1, 0, 0]
    }
    #expect(isRed(1, 1) && isRed(1, 4) && isRed(4, 2) && isRed(3, 4))
    #expect(!isRed(2, 2) && !isRed(3, 3) && !isRed(0, 0) && !isRed(5, 5))
  }
}

@Suite struct ZeroShotPromptsTests {
  @Test func templatesAndUnions() {
    let prompts = ZeroShotPrompts(
      templates: ["en": ["a {}", "one {}"]],
      classes: ["kind": ["cat": ["en": ["cat", "kitten"]], "dog": ["en": ["dog"]], "oak": ["en": ["oak"]]]],
      unions: ["realm": "kind"])
    let finer: (String) -> [[String]]? = { $0 == "kind" ? [["cat", "dog"], ["oak"]] : nil }
    func sentences(_ labelling: String, _ names: [String], _ caption: String = "en") -> [[String]]? {
      prompts.sentences(of: labelling, names: names, caption: caption, finer: finer)
    }
    #expect(
      sentences("kind", ["dog", "cat"]) == [["a dog", "one dog"], ["a cat", "one cat", "a kitten", "one kitten"]])
    #expect(sentences("realm", ["animal", "plant"])?.map(\.count) == [6, 2])
    // A class without a name, a labelling without prompts and a language without any have none.
    #expect(sentences("kind", ["dog", "elm"]) == nil)
    #expect(sentences("colour", ["red"]) == nil && sentences("kind", ["dog"], "ko") == nil)
  }

  @Test func theDataSetsOwnAreComplete() throws {
    let emoji = try ZeroShotPrompts.load(nil, dataset: "emoji")
    let classes = try #require(emoji.classes["subgroup"])
    #expect(classes.count == 101)
    #expect(classes.values.allSatisfy { $0["caption-en"]?.isEmpty == false && $0["caption-ko"]?.isEmpty == false })
    let boxes = try ZeroShotPrompts.load(nil, dataset: "nlvr")
    #expect(Set(boxes.classes["objects"]?.keys.map { $0 } ?? []) == Set(NLVRDataset.kinds))
    #expect(try ZeroShotPrompts.load(nil, dataset: "another") == ZeroShotPrompts())
  }

  @Test(arguments: [
    ("not JSON", "is no file of prompts"),
    (#"{"templates": {"en": ["x"]}, "classes": {}, "unions": {}}"#, "the template \"x\" has no {}"),
  ]) func aBrokenFileIsNamed(content: String, message: String) throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).json")
    try Data(content.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let error = #expect(throws: UserError.self) { try ZeroShotPrompts.load(file.path, dataset: "emoji") }
    #expect(error?.what == message)
    let missing = #expect(throws: UserError.self) { try ZeroShotPrompts.load("/nowhere.json", dataset: "emoji") }
    #expect(missing?.kind == .inputOutput)
  }
}

@Suite struct CodeUseTests {
  @Test func codesStayUsed() {
    let use = CodeUse(codes: 4)
    #expect(use.share == 0)
    use.add(Tensor([0, 0.5, 0, 0.5], shape: [1, 4]))
    use.add(Tensor([1, 0, 0, 0, 0, 1, 0, 0], shape: [2, 4]))
    #expect(use.share == 0.75)
    #expect(CodeUse(codes: 0).share == 0)
  }
}
