import Foundation

/// The environment for short programs that this one starts.
public enum ChildEnvironment {
  /// What Open MPI and what it brings along call their variables.
  private static let prefixes = ["OMPI_", "PMIX_", "ORTE_", "PRTE_", "HFI_", "IPATH_"]

  /// This process's, without what `mpirun` has set for it: a child that joined in its place would end the job.
  public static var own: [String: String] { stripped(ProcessInfo.processInfo.environment) }

  /// Leaves out what `mpirun` sets.
  package static func stripped(_ environment: [String: String]) -> [String: String] {
    environment.filter { name, _ in !prefixes.contains { name.hasPrefix($0) } }
  }
}
