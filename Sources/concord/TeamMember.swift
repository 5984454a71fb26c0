import Diagnostics
import Foundation
import Runs
import Teams
import Training

/// A process among several that `mpirun` has started.
enum TeamMember {
  /// How long others leave it to rank 0 to say what may be wrong with all of them, in seconds.
  private static let courtesy: UInt32 = 2
  /// The same for what is wrong with all of them, however late rank 0 comes to it; it ends them then.
  private static let patience: UInt32 = 120

  /// Joins the others, works with them, and leaves.
  ///
  /// An error of one rank ends all, after its line on standard error, with its exit code.
  ///
  /// - Throws: what rank 0 throws when it has been left alone, or asked to stop.
  static func run(_ work: (Team) throws -> Void) throws {
    let team = try Team.join()
    do {
      try work(team)
      team.leave()
    } catch is Dismissal {
      team.leave()
    } catch let failure as RunFailure where failure.exitCode == RunFailure.interrupted {
      // All have stopped before the same step.
      team.leave()
      if team.isFirst { throw failure }
    } catch {
      if team.isLeft { throw error }
      end(team, error)
    }
  }

  private static func end(_ team: Team, _ error: any Error) -> Never {
    if !team.isFirst { sleep((error as? UserError)?.isOfAllRanks == true ? patience : courtesy) }
    let said = team.isFirst ? "\(error)" : "rank \(team.rank) on \(Team.host): \(error)"
    StandardStream.error.write("concord: \(said.onOneLine(limit: 4_000))\n")
    let code = (error as? UserError)?.kind.rawValue ?? (error as? RunFailure)?.exitCode ?? 70
    team.abort(code)
  }
}
