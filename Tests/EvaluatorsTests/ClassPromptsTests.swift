import Datasets
import Diagnostics
import Evaluators
import Foundation
import Testing

@Suite struct ClassPromptsTests {
  @Test func templatesAndUnions() {
    let prompts = ClassPrompts(
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

  @Test func theShippedOnesAreComplete() throws {
    #expect(ClassPrompts.shipped == ["emoji", "nlvr"])
    let emoji = try ClassPrompts.load("emoji")
    let classes = try #require(emoji.classes["subgroup"])
    #expect(classes.count == 101)
    #expect(classes.values.allSatisfy { $0["caption-en"]?.isEmpty == false && $0["caption-ko"]?.isEmpty == false })
    let boxes = try ClassPrompts.load("nlvr")
    #expect(Set(boxes.classes["objects"]?.keys.map { $0 } ?? []) == Set(NLVRDataset.kinds))
  }

  @Test(arguments: [
    ("not JSON", "is no file of prompts"),
    (#"{"templates": {"en": ["x"]}, "classes": {}, "unions": {}}"#, "the template \"x\" has no {}"),
  ]) func aBrokenFileIsNamed(content: String, message: String) throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).json")
    try Data(content.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let error = #expect(throws: UserError.self) { try ClassPrompts.load(file.path) }
    #expect(error?.what == message)
    let missing = #expect(throws: UserError.self) { try ClassPrompts.load("/nowhere.json") }
    #expect(missing?.kind == .inputOutput)
  }
}
