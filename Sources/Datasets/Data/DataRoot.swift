import Foundation

/// The folder of downloaded data, in which each published set has a folder of its own.
public enum DataRoot {
  /// The given folder, else `$CONCORD_DATA`, else `./data`.
  public static func url(
    named name: String?, environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> URL {
    let set = environment["CONCORD_DATA"].flatMap { $0.isEmpty ? nil : $0 }
    return URL(fileURLWithPath: name ?? set ?? "data", isDirectory: true)
  }
}
