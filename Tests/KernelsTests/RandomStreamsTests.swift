import Foundation
import Kernels
import Testing

@Suite struct RandomStreamsTests {
  @Test func aStreamBeginsWhereItsSeedAndNamePutIt() {
    let streams = RandomStreams(seed: 3)
    #expect(streams["shuffle"] == RandomStream(seed: 3, name: "shuffle"))
    #expect(streams["shuffle"] == RandomStreams.stream("shuffle", seed: 3))
    #expect(streams["shuffle"] != streams["dropout"] && streams["shuffle"] != RandomStreams(seed: 4)["shuffle"])
    #expect(RandomStreams(seed: -1)["a"] == RandomStream(seed: .max, name: "a"))
    // To look at one is not to draw from it.
    #expect(streams.positions.isEmpty)
  }

  @Test func drawingMovesOneStreamAlone() {
    let streams = RandomStreams(seed: 3)
    let first = streams["shuffle"].next()
    let second = streams["shuffle"].next()
    var plain = RandomStream(seed: 3, name: "shuffle")
    #expect([first, second] == [plain.next(), plain.next()])
    #expect(streams["shuffle"].position == 2 && streams["dropout"].position == 0)
    #expect(Set(streams.positions.keys) == ["shuffle"])
  }

  @Test func positionsResumeAllStreams() {
    let streams = RandomStreams(seed: 5)
    _ = (streams["augment"].normal(), streams["dropout"].uniform())
    let resumed = RandomStreams(seed: 5, positions: streams.positions)
    for name in ["augment", "dropout", "shuffle"] {
      #expect(resumed[name] == streams[name])
      #expect(resumed[name].next() == streams[name].next())
    }
  }

  @Test func aRowTakesTheSameNumbersInEveryWindow() throws {
    let whole = RandomStreams(seed: 7)
    let start = whole["dropout"].take(24)
    #expect(start == 0 && whole["dropout"].position == 24)
    for size in [1, 2, 4] {
      for first in stride(from: 0, to: 8, by: size) {
        let part = RandomStreams(seed: 7, window: RowWindow(first..<first + size, of: 8))
        // Three numbers for each of eight rows.
        #expect(part["dropout"].take(3 * size) == UInt64(3 * first))
        #expect(part["dropout"].position == 24)
        // What is drawn for all rows at once does not know of it.
        #expect(part["order"].permutation(of: 8) == RandomStreams(seed: 7)["order"].permutation(of: 8))
        #expect(part.positions["dropout"] == whole.positions["dropout"])
      }
    }
  }

  @Test func aWindowIsNoPartOfTheState() throws {
    let streams = RandomStreams(seed: 7, window: RowWindow(2..<4, of: 8))
    _ = streams["dropout"].take(6)
    #expect(streams["dropout"].window == RowWindow(2..<4, of: 8))
    let data = try JSONEncoder().encode(streams["dropout"])
    #expect(try JSONDecoder().decode(RandomStream.self, from: data) == streams.positions["dropout"])
    #expect(!String(decoding: data, as: UTF8.self).contains("window"))
  }

  @Test func unevenNumbersAreRefused() async {
    await #expect(processExitsWith: .failure) {
      var stream = RandomStream(seed: 0, name: "dropout")
      stream.window = RowWindow(0..<2, of: 8)
      _ = stream.take(5)
    }
  }
}
