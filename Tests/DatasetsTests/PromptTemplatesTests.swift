import Datasets
import Diagnostics
import Foundation
import SampleFolders
import Testing

@Suite struct PromptTemplatesTests {
  private func file<Value>(_ text: String, _ read: (String) throws -> Value) throws -> Value {
    let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).txt")
    try Data(text.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    return try read(file.path)
  }

  @Test func sentencesFollowTheScriptOfTheLabels() throws {
    let english = try PromptTemplates(for: ["dog", "cat"])
    let korean = try PromptTemplates(for: ["dog", "고양이"])
    #expect(english.sentences.contains("a photo of a {}.") && korean.sentences.contains("{} 사진"))
    #expect(english.origin == "english" && korean.origin == "korean")
    #expect((english.sentences + korean.sentences).allSatisfy { $0.contains("{}") })
    #expect(PromptTemplates.shipped == ["english", "korean"])
    #expect(try PromptTemplates("korean") == korean)
  }

  @Test(arguments: ["", "\n\n", "a photo\n", "a {}\nno place\n"]) func badFilesAreRefused(text: String) throws {
    #expect(throws: UserError.self) { try file(text) { try PromptTemplates($0) } }
  }

  @Test func emptyLinesCountForNothing() throws {
    #expect(try file("a {}\n\n  {} b \r\n") { try PromptTemplates($0).sentences } == ["a {}", "{} b"])
  }

  /// As programs print their lists.
  @Test func quotesAndCommasOfPublishedListsAreNoPartOfASentence() throws {
    let text = "    'a bad photo of a {}.',\n    \"a {} 'there', too.\",\n    'the {}.'\na {}, of all,\n"
    let found = try file(text) { try PromptTemplates($0).sentences }
    #expect(found == ["a bad photo of a {}.", "a {} 'there', too.", "the {}.", "a {}, of all,"])
  }

  @Test func namesOfClasses() throws {
    let names = try file("n01\ttench\tTinca tinca\nn02\tgoldfish\n") { try ClassNames($0) }
    #expect(try names.names(of: ["n02", "n01"]) == [["goldfish"], ["tench", "Tinca tinca"]])
    #expect(try names.names(of: ["a", "b"]) == nil)
    let error = #expect(throws: UserError.self) { try names.names(of: ["n01", "x"]) }
    #expect(error?.what == "1 of 2 classes have no name there, the first \"x\"")
    for text in ["", "n01 tench\n", "n01\t\n", "a\tb\na\tc\n"] {
      #expect(throws: UserError.self) { try file(text) { try ClassNames($0) } }
    }
  }
}
