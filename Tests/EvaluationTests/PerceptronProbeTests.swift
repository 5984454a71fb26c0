import Evaluation
import Kernels
import Testing

@Suite struct PerceptronProbeTests {
  private struct Stop: Error {}

  /// Points of the plane whose class is whether both coordinates have the same sign: no line divides them.
  private func signs(_ count: Int, seed: UInt64) -> (points: Matrix, labels: [Int32]) {
    var stream = RandomStream(seed: seed, name: "points")
    let points = Matrix(rows: count, columns: 2, values: (0..<2 * count).map { _ in 2 * stream.uniform() - 1 })
    return (points, (0..<count).map { (points[$0, 0] > 0) == (points[$0, 1] > 0) ? 1 : 0 })
  }

  private func options(_ change: (inout PerceptronProbe.Options) -> Void = { _ in }) -> PerceptronProbe.Options {
    var options = PerceptronProbe.Options()
    options.hidden = [32]
    options.epochs = 40
    options.batchSize = 32
    options.learningRate = 0.02
    change(&options)
    return options
  }

  private func share(_ predictions: [Int], _ labels: [Int32]) -> Double {
    Double(zip(predictions, labels).filter { $0 == Int($1) }.count) / Double(labels.count)
  }

  @Test func defaultsAreTheOfficialOnes() {
    let options = PerceptronProbe.Options()
    #expect(options.hidden == [256, 128] && options.batchSize == 64 && options.learningRate == 1e-3)
  }

  @Test func learnsWhatNoLineDivides() {
    let (training, test) = (signs(400, seed: 1), signs(200, seed: 2))
    let probe = PerceptronProbe(
      training: training.points, labels: training.labels, classes: 2, options: options(), seed: 0)
    #expect(share(probe.predictions(for: test.points), test.labels) > 0.9)
    // Without hidden layers it is a line, which cannot do much better than chance.
    let line = PerceptronProbe(
      training: training.points, labels: training.labels, classes: 2, options: options { $0.hidden = [] }, seed: 0)
    #expect(share(line.predictions(for: test.points), test.labels) < 0.75)
  }

  @Test func theSeedDecides() {
    let (points, labels) = signs(50, seed: 3)
    func predictions(_ seed: UInt64) -> [Int] {
      PerceptronProbe(
        training: points, labels: labels, classes: 5, options: options { $0.epochs = 0 }, seed: seed
      ).predictions(for: points)
    }
    #expect(predictions(1) == predictions(1))
    #expect(predictions(1) != predictions(2))
  }

  @Test func aClassWithoutExamplesIsNotPredicted() {
    let (points, _) = signs(100, seed: 4)
    let probe = PerceptronProbe(
      training: points, labels: [Int32](repeating: 1, count: 100), classes: 3, options: options(), seed: 0)
    #expect(Set(probe.predictions(for: points)) == [1])
  }

  @Test func nothingGivesNothing() {
    let empty = Matrix(rows: 0, columns: 2)
    let probe = PerceptronProbe(training: empty, labels: [], classes: 2, options: options(), seed: 0)
    #expect(probe.predictions(for: empty).isEmpty)
    #expect(probe.predictions(for: signs(3, seed: 5).points).count == 3)
  }

  @Test func anInterruptionEndsTheTraining() {
    let (points, labels) = signs(50, seed: 6)
    var asked = 0
    #expect(throws: Stop.self) {
      try PerceptronProbe(
        training: points, labels: labels, classes: 2, options: options(), seed: 0,
        interruption: {
          asked += 1
          if asked == 3 { throw Stop() }
        })
    }
    #expect(asked == 3)
  }

  @Test func labelsOutOfRangeAreRefused() async {
    await #expect(processExitsWith: .failure) {
      _ = PerceptronProbe(
        training: Matrix(rows: 1, columns: 1), labels: [2], classes: 2, options: .init(), seed: 0)
    }
    await #expect(processExitsWith: .failure) {
      _ = PerceptronProbe(training: Matrix(rows: 2, columns: 1), labels: [0], classes: 2, options: .init(), seed: 0)
    }
  }
}
