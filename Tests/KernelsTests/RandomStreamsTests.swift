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
}
