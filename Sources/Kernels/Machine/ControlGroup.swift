import Foundation

/// What the control groups of Linux allow this process, in version 1 or 2 of their files.
public struct ControlGroup: Sendable {
  /// The processor's time in cores; `nil` where all may be used.
  public let cores: Double?
  /// The memory in bytes; `nil` where all may be used.
  public let memory: UInt64?

  /// Reads the limits of the process's groups and of those above them.
  ///
  /// - Parameters:
  ///   - membership: the text of `/proc/self/cgroup`, a line `number:controllers:/path` for each hierarchy.
  ///   - root: the folder of the groups.
  public init(membership: String? = nil, root: String = "/sys/fs/cgroup") {
    let text = membership ?? (try? String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8)) ?? ""
    var cores: [Double] = []
    var memory: [UInt64] = []
    for line in text.split(separator: "\n") {
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { continue }
      let controllers = fields[1].split(separator: ",").map(String.init)
      // Version 2 has one hierarchy without a name; version 1 a folder for each controller.
      let bases = controllers.isEmpty ? [root, "\(root)/unified"] : controllers.map { "\(root)/\($0)" }
      for base in bases {
        // In a container the path may be that outside of it; the folder itself is then the group.
        var path = String(fields[2])
        while true {
          cores += Self.cores(in: base + path)
          memory += Self.memory(in: base + path)
          guard path.count > 1, let slash = path.lastIndex(of: "/") else { break }
          path = String(path[..<slash])
        }
      }
    }
    self.cores = cores.min()
    // Version 1 says a number near 2⁶³ where there is no limit.
    self.memory = memory.filter { $0 < 1 << 60 }.min()
  }

  private static func text(_ path: String) -> String? {
    (try? String(contentsOfFile: path, encoding: .utf8))?.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  private static func cores(in folder: String) -> [Double] {
    if let fields = text("\(folder)/cpu.max")?.split(separator: " "), fields.count == 2,
      let quota = Double(fields[0]), let period = Double(fields[1]), period > 0
    {
      return [quota / period]
    }
    if let quota = text("\(folder)/cpu.cfs_quota_us").flatMap({ Double($0) }), quota > 0,
      let period = text("\(folder)/cpu.cfs_period_us").flatMap({ Double($0) }), period > 0
    {
      return [quota / period]
    }
    return []
  }

  private static func memory(in folder: String) -> [UInt64] {
    ["memory.max", "memory.high", "memory.limit_in_bytes"].compactMap { text("\(folder)/\($0)").flatMap { UInt64($0) } }
  }
}
