import Foundation
import Kernels
import Testing

@Suite struct ControlGroupTests {
  /// Reads a made-up folder of groups.
  private func group(_ membership: String, _ files: [String: String]) throws -> ControlGroup {
    let root = FileManager.default.temporaryDirectory.appendingPathComponent("concord-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: root) }
    for (name, text) in files {
      let file = root.appendingPathComponent(name)
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data((text + "\n").utf8).write(to: file)
    }
    return ControlGroup(membership: membership, root: root.path)
  }

  @Test func theTightestLimitOfVersion2Counts() throws {
    let group = try group(
      "0::/user/one\n",
      [
        "user/one/cpu.max": "max 100000", "user/cpu.max": "150000 100000", "user/one/memory.max": "2147483648",
        "memory.max": "max",
      ])
    #expect(group.cores == 1.5)
    #expect(group.memory == 2 << 30)
  }

  @Test func version1HasAFolderForEachController() throws {
    let group = try group(
      "4:memory:/job\n1:cpu,cpuacct:/job\n",
      [
        "cpu/job/cpu.cfs_quota_us": "50000", "cpu/job/cpu.cfs_period_us": "100000", "cpu/cpu.cfs_quota_us": "-1",
        "memory/memory.limit_in_bytes": "9223372036854771712", "memory/job/memory.limit_in_bytes": "1073741824",
      ])
    #expect(group.cores == 0.5)
    #expect(group.memory == 1 << 30)
  }

  @Test func nothingIsLimitedWhereNothingIsSaid() throws {
    let group = try group("rubbish\n0::/\n7:pids:/a\n", ["cpu.max": "many", "memory.max": "max"])
    #expect(group.cores == nil)
    #expect(group.memory == nil)
    let none = ControlGroup(membership: "", root: "/nowhere")
    #expect(none.cores == nil && none.memory == nil)
  }
}
