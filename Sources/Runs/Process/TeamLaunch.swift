import Diagnostics
import Foundation

/// How the processes that train one seed together are started: how many, and where.
public struct TeamLaunch: Equatable, Sendable {
  /// How many processes.
  public let ranks: Int
  /// The hosts as the user named them, such as `a:4,b:4`; nil for this one, or for those of a Slurm allocation.
  public let hosts: String?

  /// Plans a team.
  ///
  /// - Throws: where hosts are not named as `NAME:COUNT` each, or have too few places.
  public init(ranks: Int, hosts: String?) throws(UserError) {
    (self.ranks, self.hosts) = (ranks, hosts)
    guard let hosts else { return }
    let places = Self.places(of: hosts)
    guard !places.isEmpty, places.allSatisfy({ $0 != nil }) else {
      throw UserError(
        .usage, "must name each host with its number of processes, such as a:4,b:4, not \(hosts)", at: "--hosts")
    }
    let sum = places.compactMap { $0 }.reduce(0, +)
    guard sum >= ranks else {
      throw UserError(
        .usage, "has \(sum) places for \(ranks) ranks", at: "--hosts", mend: "give a host more, or --ranks less")
    }
  }

  /// The number behind each host's name, nil where there is none.
  private static func places(of hosts: String) -> [Int?] {
    hosts.split(separator: ",", omittingEmptySubsequences: false).map { host in
      let parts = host.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count == 2, parts[0].contains(where: { $0.isLetter || $0.isNumber }),
        parts[0].allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "-._".contains($0)) }),
        !parts[0].hasPrefix("-"),
        let count = Int(parts[1]), count > 0
      else { return nil }
      return count
    }
  }

  /// The most processes that share a host, as far as is known before they start.
  public func ranksOfAHost(environment: [String: String] = ProcessInfo.processInfo.environment) -> Int {
    if let hosts { return min(ranks, Self.places(of: hosts).compactMap { $0 }.max() ?? ranks) }
    let nodes = ["SLURM_JOB_NUM_NODES", "SLURM_NNODES"].lazy.compactMap { environment[$0].flatMap { Int($0) } }.first
    return nodes.map { (ranks + $0 - 1) / max(1, $0) } ?? ranks
  }

  /// The `mpirun` that would be started, and what it says of its version, such as `mpirun (Open MPI) 4.1.4`.
  ///
  /// - Throws: where there is none, or one that is not Open MPI's.
  public static func openMPI(
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(UserError) -> (program: URL, version: String) {
    guard let program = program(environment: environment) else {
      throw UserError(
        .usage, "needs mpirun of Open MPI, which is not there", at: "--ranks",
        mend: "install the package openmpi-bin on every host")
    }
    let said = ProcessOutput.data(program, ["--version"]).map { String(decoding: $0, as: UTF8.self) } ?? ""
    guard ["Open MPI", "OpenRTE", "PRRTE"].contains(where: said.contains) else {
      throw UserError(
        .usage, "needs Open MPI's mpirun, and \(program.path) is another's", at: "--ranks",
        mend: "install the package openmpi-bin, and put its mpirun first in PATH")
    }
    return (program, said.split(whereSeparator: \.isNewline).first.map(String.init) ?? said)
  }

  /// Refuses what `mpirun` would refuse, or its absence, in one line.
  public func check(environment: [String: String] = ProcessInfo.processInfo.environment) throws(UserError) {
    _ = try Self.openMPI(environment: environment)
    let allowed = ["OMPI_ALLOW_RUN_AS_ROOT", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"].allSatisfy { environment[$0] == "1" }
    guard geteuid() != 0 || allowed else {
      throw UserError(
        .usage, "mpirun does not run as root", at: "--ranks",
        mend: "run as another user, or set OMPI_ALLOW_RUN_AS_ROOT=1 and OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1")
    }
    let cores = ProcessInfo.processInfo.activeProcessorCount
    let isShared = environment["OMPI_MCA_rmaps_base_oversubscribe"].map { ["1", "true", "yes"].contains($0) } ?? false
    guard hosts != nil || environment["SLURM_JOB_ID"] != nil || ranks <= cores || isShared else {
      throw UserError(
        .usage, "\(ranks) ranks want a core each, and this machine has \(cores)", at: "--ranks",
        mend: "give fewer, name --hosts, or set OMPI_MCA_rmaps_base_oversubscribe=1")
    }
  }

  /// The first `mpirun` of the path.
  static func program(environment: [String: String]) -> URL? {
    (environment["PATH"] ?? "").split(separator: ":").map {
      URL(fileURLWithPath: String($0)).appendingPathComponent("mpirun")
    }
    .first { FileManager.default.isExecutableFile(atPath: $0.path) }
  }

  /// What other hosts have to know of the environment, where it is set.
  static let forwarded = [
    "OMP_NUM_THREADS", "GOMP_SPINCOUNT", "OMP_WAIT_POLICY", "CONCORD_CACHE", "CONCORD_DATA", "XDG_CACHE_HOME",
  ]

  /// The arguments of `mpirun` for a command.
  ///
  /// - Parameter folder: where Open MPI puts what it keeps while it runs.
  func arguments(
    for command: [String], folder: URL, environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> [String] {
    let settings: [(name: String, value: String)] = [
      ("btl_tcp_links", "2"), ("orte_tmpdir_base", folder.path), ("btl_vader_backing_directory", folder.path),
      ("oob_tcp_keepalive_time", "30"), ("oob_tcp_keepalive_intvl", "10"), ("oob_tcp_keepalive_probes", "3"),
    ]
    // Without binding, since each rank computes with threads of its own.
    var arguments = ["--quiet", "--bind-to", "none"]
    if let hosts { arguments += ["--host", hosts] }
    arguments += ["-n", "\(ranks)"]
    for setting in settings where environment["OMPI_MCA_" + setting.name] == nil {
      arguments += ["--mca", setting.name, setting.value]
    }
    for name in Self.forwarded where environment[name] != nil { arguments += ["-x", name] }
    return arguments + command
  }
}
