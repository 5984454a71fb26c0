import Foundation

/// The mark that a linker leaves in a program, a digest of its contents: the note `NT_GNU_BUILD_ID` of its ELF file.
enum ProgramMark {
  /// The head of the note: the sizes of its name and digest (4 and 20), its type (3), and its name.
  private static let head = Data([4, 0, 0, 0, 20, 0, 0, 0, 3, 0, 0, 0] + "GNU\0".utf8)

  /// How far into the file the note is looked for; linkers put it behind the headers.
  private static let reach = 1 << 16

  /// The mark as 40 hexadecimal digits; nil where the program has none.
  static func text(of program: URL) -> String? {
    guard let file = try? FileHandle(forReadingFrom: program), let data = try? file.read(upToCount: reach),
      let range = data.range(of: head), data.count >= range.upperBound + 20
    else { return nil }
    let digits = Array("0123456789abcdef".utf8)
    let bytes = data[range.upperBound..<range.upperBound + 20]
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
