import Foundation

/// The memory that the process has resident, as Linux reports it.
package enum ResidentMemory {
  /// Starts a new peak.
  package static func resetPeak() {
    guard let file = FileHandle(forWritingAtPath: "/proc/self/clear_refs") else { return }
    try? file.write(contentsOf: Data("5".utf8))
    try? file.close()
  }

  /// The greatest resident size since the last reset, in bytes; 0 where the system does not say.
  package static var peak: Double {
    let data = (try? FileHandle(forReadingFrom: URL(fileURLWithPath: "/proc/self/status")).readToEnd()) ?? Data()
    for line in String(decoding: data, as: UTF8.self).split(separator: "\n") where line.hasPrefix("VmHWM:") {
      let number = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Double($0) }
      return (number ?? 0) * 1024
    }
    return 0
  }
}
