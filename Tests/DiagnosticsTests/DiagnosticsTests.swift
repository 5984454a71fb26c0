import Diagnostics
import Foundation
import Testing

@Suite struct UserErrorTests {
  @Test func isOneLineOfWhereWhatAndHow() {
    let error = UserError(.data, "unknown key\n`epoch`", at: "mine.yaml:3:1", mend: "did you mean `epochs`?")
    #expect(error.description == "mine.yaml:3:1: unknown key `epoch`; did you mean `epochs`?")
    #expect(UserError(.usage, "no recipe").description == "no recipe")
  }

  @Test func kindsAreExitCodes() {
    let codes = [UserError.Kind.outsideTolerance, .usage, .data, .inputOutput].map(\.rawValue)
    #expect(codes == [1, 64, 65, 74])
  }
}

@Suite struct NearestNameTests {
  @Test func suggestsWhatIsNear() {
    #expect(nearestName(to: "gmc/emoj", among: ["gmc/emoji", "gmc/digits"]) == "gmc/emoji")
    #expect(nearestName(to: "epohcs", among: ["epochs", "seeds"]) == "epochs")
  }

  @Test func suggestsNothingWhereNothingIsNear() {
    #expect(nearestName(to: "a", among: ["#", "ab"]) == nil && nearestName(to: "ab", among: ["xy", "ax"]) == "ax")
    #expect(nearestName(to: "banana", among: ["epochs", "seeds"]) == nil)
    #expect(nearestName(to: "epochs", among: [String]()) == nil)
  }

  @Test func takesTheFirstByNameOfEquallyNearOnes() {
    #expect(nearestName(to: "seed", among: ["seedy", "seeds"]) == "seeds")
  }
}

@Suite struct OneLineTests {
  @Test func controlCharactersAreWrittenOut() {
    #expect("a\r\nb\u{2028}c\n".onOneLine() == "a b c")
    #expect("\u{1b}[2Jx\u{202e}y\u{0}\t".onOneLine() == "\\u{1b}[2Jx\\u{202e}y\\u{0}\\u{9}")
    #expect("τ 한글 👩‍🚀".onOneLine() == "τ 한글 👩‍🚀")
    #expect("\n\n".onOneLine().isEmpty)
  }

  @Test func theMiddleOfALongTextIsLeftOut() {
    let long = String(repeating: "a", count: 5_000) + "end"
    #expect(long.onOneLine(limit: 20) == "aaaaaaaa … aaaaaaend")
    let error = UserError(.data, long, at: long + "\u{7}", mend: "write it again")
    #expect(error.description.count < 2_100)
    #expect(error.description.hasSuffix("\\u{7}: " + long.onOneLine() + "; write it again"))
  }
}

@Suite struct RegularFileTests {
  @Test func readsAFileAndSaysWhyNot() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("concord-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("f")
    for content in [Data(), Data([1, 2, 3]), Data(count: 1 << 20)] {
      try content.write(to: file)
      #expect(try RegularFile.contents(of: file) == content)
    }
    func error(_ url: URL, limit: Int = 1 << 10) -> String? {
      #expect(throws: UserError.self) { try RegularFile.contents(of: url, limit: limit) }?.what
    }
    #expect(error(file) == "has 1048576 bytes, more than the 1024 that are read here")
    #expect(error(folder) == "is a folder, not a file")
    #expect(error(folder.appendingPathComponent("none")) == "there is no such file")
    #expect(error(file.appendingPathComponent("inside")) == "there is no such file")
    #expect(error(URL(fileURLWithPath: "/dev/null")) == "is a pipe or device, not a file")
    let pipe = folder.appendingPathComponent("pipe")
    #expect(mkfifo(pipe.path, 0o600) == 0)
    #expect(error(pipe) == "is a pipe or device, not a file")
  }
}
