import Diagnostics
import Foundation
import Kernels
import Teams

/// What the processes of a team must have in common before they begin.
public struct TeamTerms {
  private let team: Team
  private let threads: Int
  private let machine: Machine
  private let versions: [String: String]

  /// Names what this process has.
  public init(_ team: Team, threads: Int, machine: Machine, versions: [String: String]) {
    (self.team, self.threads, self.machine, self.versions) = (team, threads, machine, versions)
  }

  /// Compares program, libraries, threads and processors of all ranks.
  ///
  /// - Returns: a remark where processors differ, so that the bits of the run will not come again.
  /// - Throws: where a host has something else, which it names.
  public func check() throws(UserError) -> String? {
    let same = "put the same program and packages on every host"
    // What a library makes of the processor is the processor's affair.
    let libraries = ["Concord", "Swift", "OpenBLAS"].map { "\($0) \(versions[$0] ?? "unknown")" }
    try team.agree(on: "versions", libraries.joined(separator: ", "), mend: same)
    try team.agree(on: "the program's mark", machine.program ?? "none", mend: same)
    try team.agree(on: "threads", "\(threads)", mend: "give every rank as many")
    try team.agree(
      on: "threads of OpenMP", "\(Parallel.threads)", mend: "set OMP_NUM_THREADS to the same number on every host")
    return team.unlike(machine.kind ?? machine.processor).map {
      "rank \($0.rank) on \($0.host) has another processor (\($0.text)) than rank 0: another time the last bits may differ"
    }
  }
}
