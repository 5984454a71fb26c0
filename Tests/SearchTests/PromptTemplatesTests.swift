import Diagnostics
import Foundation
import Search
import Testing

@Suite struct PromptTemplatesTests {
  @Test func sentencesFollowTheScriptOfTheLabels() throws {
    let english = try PromptTemplates.shipped(for: ["dog", "cat"])
    let korean = try PromptTemplates.shipped(for: ["dog", "고양이"])
    #expect(english.contains("a photo of a {}.") && korean.contains("{} 사진"))
    #expect((english + korean).allSatisfy { $0.contains("{}") })
  }

  @Test(arguments: ["", "\n\n", "a photo\n", "a {}\nno place\n"]) func badFilesAreRefused(text: String) throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).txt")
    try Data(text.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    #expect(throws: UserError.self) { try PromptTemplates.read(file) }
  }

  @Test func emptyLinesCountForNothing() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).txt")
    try Data("a {}\n\n  {} b \r\n".utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    #expect(try PromptTemplates.read(file) == ["a {}", "{} b"])
  }
}
