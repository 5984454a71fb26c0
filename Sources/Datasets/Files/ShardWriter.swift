import Foundation

/// Puts files one after another into a tar archive (POSIX.1-1988, ustar).
package struct ShardWriter {
  private var content = Data()

  /// Begins an empty archive.
  package init() {}

  /// The archive with its end.
  package var finished: Data { content + Data(count: 1024) }

  /// Adds a file.
  ///
  /// - Returns: where its bytes begin.
  @discardableResult package mutating func add(_ name: String, _ bytes: Data) -> UInt64 {
    var header = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, at place: Int) { header.replaceSubrange(place..<place + text.utf8.count, with: text.utf8) }
    func octal(_ value: Int, _ digits: Int) -> String {
      let text = String(value, radix: 8)
      return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
    put(name, at: 0)
    put("0000644", at: 100)
    put(octal(bytes.count, 11), at: 124)
    put("        ", at: 148)
    put("0", at: 156)
    put("ustar", at: 257)
    put("00", at: 263)
    // The sum is that of the header with white space in the sum's own place.
    put(octal(header.reduce(0) { $0 + Int($1) }, 6), at: 148)
    header[154] = 0
    content.append(contentsOf: header)
    let start = UInt64(content.count)
    content.append(bytes)
    content.append(Data(count: (512 - bytes.count % 512) % 512))
    return start
  }
}
