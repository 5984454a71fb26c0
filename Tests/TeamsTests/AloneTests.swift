import CMessagePassingCheck
import Foundation
import Kernels
import Teams
import Testing

@Suite struct AloneTests {
  @Test func aProcessByItselfIsATeam() throws {
    let team = Team.alone
    #expect(team.rank == 0 && team.size == 1 && team.isFirst && team.isAlone)
    #expect(team.gathered([1, 2]) == [1, 2] && team.gathered("here") == ["here"])
    #expect(team.any(true) && team.any([false, true]) == [false, true])
    #expect(team.broadcast(Data([1, 2])) == Data([1, 2]))
    team.rest()
    team.leave()
    #expect(!team.isLeft)
    var done = false
    try team.leading { done = true }
    #expect(done)
  }

  @Test func whatRank0ThrowsIsItsOwn() {
    #expect(throws: CancellationError.self) { try Team.alone.leading { throw CancellationError() } }
  }

  @Test func itsOwnBlocksAreSummed() {
    let blocks = (0..<3).map { number in
      let block = Storage(count: 5)
      for place in 0..<5 { block.pointer[place] = Float(10 * number + place) }
      return block
    }
    // Of three places there are a pair and a single one.
    let pair = Storage(count: 5)
    for place in 0..<5 { pair.pointer[place] = blocks[0].pointer[place] + blocks[1].pointer[place] }
    let total = Storage(count: 5)
    withExtendedLifetime((pair, blocks, total)) {
      Team.alone.sum([pair, blocks[2]].map { UnsafePointer($0.pointer) }, places: 3, into: total.pointer, count: 5)
      #expect((0..<5).map { total.pointer[$0] } == [30, 33, 36, 39, 42])
    }
  }

  /// Where Open MPI's header is, a prototype that is not its own does not compile; handles are compared here.
  @Test(.enabled(if: hasHeader, "Open MPI's header is not installed: apt-get install libopenmpi-dev"))
  func prototypesAreThoseOfTheHeader() {
    #expect(cmp_has_checked_prototypes() == 1)
  }
}

#if arch(arm64)
  private let machine = "aarch64"
#else
  private let machine = "x86_64"
#endif

/// MPICH has a header of the same name.
private let hasHeader =
  (try? String(contentsOfFile: "/usr/include/\(machine)-linux-gnu/mpi/mpi.h", encoding: .isoLatin1))?
  .contains("OPEN_MPI") ?? false
