import Foundation
import Layers
import Testing

@Suite struct ScheduleTests {
  @Test func warmupRisesLinearly() {
    for schedule in [Schedule.constant, .cosine(), .step(factor: 0.1, at: [0.5])] {
      #expect((0..<4).map { schedule.factor(step: $0, warmup: 4, total: 100) } == [0.25, 0.5, 0.75, 1])
    }
    #expect(Schedule.constant.factor(step: 0, total: 10) == 1)
    #expect(Schedule.constant.factor(step: 99, warmup: 4, total: 100) == 1)
  }

  @Test func cosineFallsToZeroAtTheEnd() {
    let schedule = Schedule.cosine()
    #expect(schedule.factor(step: 0, total: 100) == 1)
    #expect(abs(schedule.factor(step: 50, total: 100) - 0.5) < 1e-12)
    #expect(abs(schedule.factor(step: 25, total: 100) - (0.5 + 0.5.squareRoot() / 2)) < 1e-12)
    #expect(schedule.factor(step: 100, total: 100) == 0)
    #expect(schedule.factor(step: 200, total: 100) == 0)
    // Behind a warm-up of 20 the half is at 60.
    #expect(schedule.factor(step: 20, warmup: 20, total: 100) == 1)
    #expect(abs(schedule.factor(step: 60, warmup: 20, total: 100) - 0.5) < 1e-12)
    #expect(abs(Schedule.cosine(floor: 0.2).factor(step: 50, total: 100) - 0.6) < 1e-12)
    #expect(abs(Schedule.cosine(floor: 0.2).factor(step: 100, total: 100) - 0.2) < 1e-12)
  }

  @Test func stepsFallAtTheirFractions() {
    let schedule = Schedule.step(factor: 0.1, at: [0.6, 0.8])
    let factors = [0, 59, 60, 79, 80, 99].map { schedule.factor(step: $0, total: 100) }
    for (factor, expected) in zip(factors, [1, 1, 0.1, 0.1, 0.01, 0.01]) { #expect(abs(factor - expected) < 1e-12) }
  }

  @Test func degenerateTrainingsAreFinite() {
    #expect(Schedule.cosine().factor(step: 0, total: 0) == 1)
    #expect(Schedule.cosine().factor(step: 5, warmup: 5, total: 5) == 1)
  }

  @Test func plateauWaitsForItsPatience() {
    var plateau = Plateau(reduction: 0.5, patience: 2)
    #expect(plateau.note(loss: 1) == 1)
    // Less than a ten-thousandth better does not count.
    #expect([0.99995, 1, 1].map { plateau.note(loss: $0) } == [1, 1, 0.5])
    // The wait begins anew, and an improvement ends it.
    #expect([1, 1, 0.9, 1, 1, 1].map { plateau.note(loss: $0) } == [0.5, 0.5, 0.5, 0.5, 0.5, 0.25])
    #expect(plateau.factor == 0.25)
  }

  @Test func plateauResumesFromItsCoding() throws {
    var plateau = Plateau(patience: 1)
    for loss in [1.0, 2] { _ = plateau.note(loss: loss) }
    var resumed = try JSONDecoder().decode(Plateau.self, from: JSONEncoder().encode(plateau))
    #expect(resumed == plateau)
    #expect(resumed.note(loss: 3) == plateau.note(loss: 3))
    #expect(abs(resumed.factor - 0.1) < 1e-12)
  }

  @Test func aFreshPlateauCanBeStored() throws {
    // Its best loss is infinite, which plain JSON cannot hold.
    let encoder = JSONEncoder()
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "∞", negativeInfinity: "-∞", nan: "NaN")
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "∞", negativeInfinity: "-∞", nan: "NaN")
    let plateau = Plateau(patience: 3)
    #expect(try decoder.decode(Plateau.self, from: encoder.encode(plateau)) == plateau)
  }
}
