import Foundation
import StrictYAML
import Testing
import Training

@Suite struct TimingsTests {
  @Test func partsAddUpAndKeepTheirOrder() {
    var timings = Timings([.init("data", seconds: 1), .init(Timings.steps, seconds: 6), .init("data", seconds: 2)])
    #expect(timings.parts.map(\.name) == ["data", Timings.steps] && timings["data"] == 3)
    timings.add(Timings([.init("report", seconds: 1), .init(Timings.before, seconds: 30)]))
    #expect(timings.total == 40 && abs(timings.shareOutsideSteps - 0.4) < 1e-12)
    #expect(Timings().shareOutsideSteps == 0 && Timings()["data"] == 0)
  }

  /// A part within another is not counted twice, also where it throws: what is measured is at most what passed.
  @Test func innerPartsCountForThemselves() {
    struct Fault: Error {}
    let stopwatch = Stopwatch()
    let began = ContinuousClock.now
    stopwatch.measure("outer") {
      for _ in 0..<200 { stopwatch.measure("inner") { _ = (0..<1000).reduce(0, ^) } }
      try? stopwatch.measure("broken") { throw Fault() }
    }
    let passed = (ContinuousClock.now - began).seconds
    #expect(Set(stopwatch.timings.parts.map(\.name)) == ["inner", "broken", "outer"])
    #expect(stopwatch.timings.total <= passed)
    #expect(stopwatch.timings.parts.allSatisfy { $0.seconds >= 0 })
  }

  @Test func logsKeepThem() throws {
    let timings = Timings([.init("linear probe", seconds: 1.25), .init(Timings.steps, seconds: 0.5)])
    let line = TrainingEvent.timed(timings).json(seconds: 2).json
    // All of it stands in one flat object, `time`, which whoever compares logs leaves out.
    #expect(line.hasPrefix(#"{"event":"timed","time":{"#) && line.count(where: { $0 == "{" }) == 2)
    let (event, seconds) = try #require(TrainingEvent.read(line))
    #expect(event == .timed(timings) && seconds == 2)
    #expect(TrainingEvent.read(#"{"event":"timed","time":{"seconds":1,"partNames":["a"],"partSeconds":[]}}"#) == nil)
  }
}
