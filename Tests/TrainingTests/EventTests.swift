import Diagnostics
import Foundation
import SampleRuns
import StrictYAML
import Testing
import Training

@Suite struct EventTests {
  static let step = StepRecord(
    step: 3, epoch: 1, terms: [LossTerm("total", 0.1), LossTerm("sound", .nan), LossTerm("image", 0.05)],
    learningRate: 1e-3, gradientNorm: 2, samplesPerSecond: 1234.5)

  @Test func aStepIsOneLineWithItsTimesApart() {
    #expect(
      TrainingEvent.step(Self.step).json(seconds: 1.25).json == """
        {"event":"step","step":3,"epoch":1,"terms":{"total":0.1,"sound":null,"image":0.05},"learningRate":0.001,\
        "gradientNorm":2.0,"time":{"seconds":1.25,"samplesPerSecond":1234.5}}
        """)
  }

  @Test(arguments: [
    TrainingEvent.began(totalSteps: 10, epochs: 2),
    .step(
      StepRecord(
        step: 1, epoch: 1, terms: [LossTerm("total", 1), LossTerm("a", 2)], learningRate: 0.5, samplesPerSecond: 7)),
    .epoch(EpochRecord(epoch: 2, terms: [LossTerm("total", 1)], seconds: 3)),
    .evaluated([Score(evaluator: "retrieval", subject: "image → \"text\"", metric: "R@1", value: 0.25)]),
    .note("two\nlines"), .finished,
  ]) func aLineReadsBackAsItsEvent(event: TrainingEvent) throws {
    let line = event.json(seconds: 2).json
    #expect(!line.contains("\n"))
    let (again, seconds) = try #require(TrainingEvent.read(line))
    #expect(again == event)
    #expect(seconds == 2)
  }

  @Test func whatIsNoEventIsNotRead() {
    #expect(TrainingEvent.read("loading…") == nil)
    #expect(TrainingEvent.read(#"{"event":"step","time":{"seconds":1}}"#) == nil)
    #expect(TrainingEvent.read(#"{"event":"unheard","time":{"seconds":1}}"#) == nil)
  }

  @Test func theLogAppendsAndForgivesACutLastLine() throws {
    let folder = try TemporaryFolder()
    let url = folder.url.appendingPathComponent("metrics.jsonl")
    for event in [TrainingEvent.note("one"), .note("two")] {
      try MetricsLog(appendingTo: url).receive(event)
    }
    #expect(try MetricsLog.events(in: url) == [.note("one"), .note("two")])
    let whole = try folder.text(of: "metrics.jsonl")
    try folder.write(whole + #"{"event":"no"#, to: "metrics.jsonl")
    #expect(try MetricsLog.events(in: url) == [.note("one"), .note("two")])
    try folder.write("rubbish\n" + whole, to: "metrics.jsonl")
    let error = #expect(throws: UserError.self) { try MetricsLog.events(in: url) }
    #expect(error?.place == "\(url.path):1")
  }

  @Test func anUnwritableLogIsAnInputOutputError() {
    let url = URL(fileURLWithPath: "/nowhere/metrics.jsonl")
    let error = #expect(throws: UserError.self) { try MetricsLog(appendingTo: url) }
    #expect(error?.kind == .inputOutput)
    let full = #expect(throws: UserError.self) {
      try MetricsLog(appendingTo: URL(fileURLWithPath: "/dev/full")).receive(.finished)
    }
    #expect(full?.mend == "make room on the disk")
  }

  @Test func theRateLeavesEvaluationOut() {
    var progress = SeedProgress(seed: 4)
    #expect(progress.line() == "seed 4 · getting ready")
    progress.receive(.began(totalSteps: 10, epochs: 2), seconds: 1)
    func step(_ number: Int) -> TrainingEvent {
      .step(
        StepRecord(
          step: number, epoch: 1, terms: [LossTerm("total", 0.5)], learningRate: 1, samplesPerSecond: 64))
    }
    progress.receive(step(1), seconds: 3)
    #expect(progress.secondsLeft == nil)
    progress.receive(step(2), seconds: 5)
    #expect(progress.secondsLeft == 16)
    progress.receive(.evaluated([]), seconds: 100)
    progress.receive(step(3), seconds: 102)
    progress.receive(step(4), seconds: 104)
    #expect(progress.secondsLeft == 12)
    #expect(progress.line() == "seed 4 · 40 % · epoch 1/2 · loss 0.5000 · 64/s · 0:12 left")
    #expect(progress.line(isShort: true) == "seed 4 · 40 % · epoch 1/2 · 0:12 left")
    #expect(progress.line(bar: 5).hasPrefix("seed 4 ██░░░ · 40 %"))
    progress.receive(step(10), seconds: 110)
    #expect(progress.line() == "seed 4 · 100 % · evaluating · loss 0.5000")
    progress.receive(.finished, seconds: 120)
    #expect(progress.line() == "seed 4 · done")
    #expect(SeedProgress.clock(3723) == "1:02:03")
  }

  @Test func withoutATerminalThereAreFewPlainLines() {
    var text = ""
    let display = ProgressDisplay(isTerminal: false, hasColour: true) { text += $0 }
    display.receive(.began(totalSteps: 100, epochs: 1), seed: 0, seconds: 0)
    for number in 1...100 {
      let record = StepRecord(step: number, epoch: 1, terms: [], learningRate: 1, samplesPerSecond: 1)
      display.receive(.step(record), seed: 0, seconds: Double(number))
    }
    display.receive(.finished, seed: 0, seconds: 101)
    #expect(text.split(separator: "\n").count == 12)
    #expect(text.hasSuffix("seed 0 · done\n"))
    #expect(!text.contains("\u{1b}"))
  }

  @Test func colourIsLeftOutWhereNotWanted() {
    for hasColour in [true, false] {
      var text = ""
      let display = ProgressDisplay(isTerminal: true, hasColour: hasColour) { text += $0 }
      display.receive(.began(totalSteps: 1, epochs: 1), seed: 0, seconds: 0)
      display.clear()
      #expect(text.contains("\u{1b}[36m") == hasColour)
      #expect(text.hasSuffix("\r\u{1b}[K"))
    }
  }
}
