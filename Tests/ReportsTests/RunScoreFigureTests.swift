import Diagnostics
import Figures
import Foundation
import Reports
import Runs
import SampleRuns
import Testing

@Suite struct RunScoreFigureTests {
  private let sample: SampleRun

  init() throws { sample = try SampleRun() }

  private func run(epochs: Int, shift: Double) throws -> RunRecord {
    let shifts = [shift - 0.01, shift, shift + 0.01]
    return try RunRecord(
      of: try sample.finished(
        overrides: ["seeds=[0,1,2]", "training.epochs=\(epochs)"], results: shifts.map(SampleRun.seed),
        start: Double(epochs)))
  }

  private let accuracy = "accuracy | image | accuracy"

  private func choice(_ text: String) throws -> RunScoreFigure.Choice { try RunScoreFigure.Choice(text) }

  @Test func linesRunOverASettingInItsOrder() throws {
    let runs = [try run(epochs: 40, shift: 0.04), try run(epochs: 2, shift: -0.02), try run(epochs: 9, shift: 0.01)]
    let scores = [try choice(accuracy), try choice("retrieval | image → sound | R@1")]
    let figure = try RunScoreFigure(runs, scores: scores, title: "t").lines(against: "training.epochs")
    let chart = try #require(figure as? LineChart)
    #expect(chart.series.map(\.name) == ["accuracy, image, accuracy", "retrieval, image → sound, R@1"])
    #expect(chart.series[0].x == [2, 9, 40] && chart.x.isLogarithmic)
    #expect(zip(chart.series[0].y, [93, 96, 99.0]).allSatisfy { abs($0 - $1) < 1e-9 })
    // The interval of three values 1 apart: 4.303 / √3.
    let band = try #require(chart.series[0].band)
    #expect(abs(band.upper[0] - chart.series[0].y[0] - 2.484) < 1e-3)
    #expect(abs(band.lower[0] - chart.series[0].y[0] + 2.484) < 1e-3)
  }

  @Test func barsStandByScoreAndRun() throws {
    let runs = [try run(epochs: 2, shift: 0), try run(epochs: 3, shift: 0.01)]
    let scores = [try choice(accuracy), try choice("accuracy | all | accuracy")]
    let chart = try #require(try RunScoreFigure(runs, scores: scores, title: "t").bars() as? BarChart)
    #expect(chart.groups == ["image", "all"] && chart.series.count == 2)
    #expect(abs(chart.series[1].values[0] - 96) < 1e-9 && chart.series[0].intervals[0] != nil)
  }

  @Test func whatCannotBeDrawnIsNamed() throws {
    let runs = [try run(epochs: 2, shift: 0), try run(epochs: 3, shift: 0)]
    func message(_ body: () throws -> Void) -> String {
      let error = #expect(throws: UserError.self) { try body() }
      return error?.description ?? ""
    }
    #expect(message { _ = try choice("accuracy, image") }.hasPrefix("\"accuracy, image\" names no score; write"))
    #expect(
      message { _ = try RunScoreFigure(runs, scores: [try choice("accuracy | imag | accuracy")], title: "") }
        .hasSuffix("has no score accuracy, imag, accuracy; did you mean image?"))
    #expect(
      message {
        _ = try RunScoreFigure(
          runs, scores: [try choice(accuracy), try choice("retrieval | image → sound | median rank")], title: "")
      } == "fractions and other numbers cannot share an axis; draw them one by one")
    let figure = try RunScoreFigure(runs, scores: [try choice(accuracy)], title: "")
    #expect(
      message { _ = try figure.lines(against: "training.epoch") }.hasSuffix(
        "has no number under `training.epoch`; did you mean `training.epochs`?"))
    #expect(
      message { _ = try figure.lines(against: "data.imageSize") }.hasSuffix(
        "have the same `data.imageSize`; leave one out"))
  }
}
