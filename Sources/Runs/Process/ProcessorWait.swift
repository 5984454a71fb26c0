import Foundation

/// The time that the process could have run and had no processor, as Linux reports it.
enum ProcessorWait {
  /// Of the main thread since the process began, in seconds; nil where the system does not say.
  static var seconds: Double? {
    guard let text = try? String(contentsOfFile: "/proc/self/schedstat", encoding: .utf8) else { return nil }
    // The nanoseconds that it ran and that it waited, and how often it ran.
    let numbers = text.split(whereSeparator: \.isWhitespace).map { Double($0) }
    return numbers.count == 3 ? numbers[1].map { $0 / 1e9 } : nil
  }
}
