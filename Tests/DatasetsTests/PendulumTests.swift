import Datasets
import Diagnostics
import Foundation
import Kernels
import Options
import Testing

/// The simulator against values of Gym 0.19, Gymnasium 1.4 and the official renderer, computed in double precision.
@Suite struct PendulumTests {
  private struct Step {
    let torque, angle, velocity, reward: Double
  }

  private func check(
    _ steps: [Step], from start: Pendulum, integration: Pendulum.Integration = .gym,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    var pendulum = start
    for step in steps {
      let reward = pendulum.step(torque: step.torque, integration: integration)
      #expect(abs(pendulum.angle - step.angle) < 1e-12, sourceLocation: sourceLocation)
      #expect(abs(pendulum.velocity - step.velocity) < 1e-12, sourceLocation: sourceLocation)
      #expect(abs(reward - step.reward) < 1e-12, sourceLocation: sourceLocation)
    }
  }

  @Test(arguments: Pendulum.Integration.allCases) func slowCourseIsThatOfBothGyms(integration: Pendulum.Integration) {
    check(
      [
        Step(torque: 2, angle: 1.071555161930296, velocity: 1.4311032386059224, reward: -1.029),
        Step(torque: -1, angle: 1.1685333031404466, velocity: 1.9395628242030116, reward: -1.3540361130142984),
        Step(torque: 0.5, angle: 1.303768095850553, velocity: 2.704695854202131, reward: -1.7419104754513581),
        Step(torque: 0, angle: 1.4751738624495379, velocity: 3.4281153319796958, reward: -2.4313492141315964),
        Step(torque: -3, angle: 1.6689083160996343, velocity: 3.8746890730019286, reward: -3.355335397389713),
      ], from: Pendulum(angle: 1, velocity: 0.5), integration: integration)
  }

  @Test func fastCourseIsGyms() {
    check(
      [
        Step(torque: 2, angle: 2.424098653505963, velocity: 8, reward: -9.629),
        Step(torque: 2, angle: 2.863754850194865, velocity: 8, reward: -12.280254281929423),
        Step(torque: -2, angle: 3.259040238196733, velocity: 7.905707760037369, reward: -14.605091842014613),
        Step(torque: 0, angle: 3.6499314601969477, velocity: 7.81782444000429, reward: -15.395474916964812),
        Step(torque: 1, angle: 4.030070428076085, velocity: 7.602779357582739, reward: -13.046863720121703),
      ], from: Pendulum(angle: 2, velocity: 7.5))
  }

  @Test func gymnasiumClipsBeforeItMoves() {
    var pendulum = Pendulum(angle: 2, velocity: 7.5)
    let steps: [(Double, Double)] = [
      (2, 2.4), (2, 2.8), (-2, 3.197562055630846), (0, 3.593026354315355), (1, 3.9796310508137007),
    ]
    for (torque, angle) in steps {
      _ = pendulum.step(torque: torque, integration: .gymnasium)
      #expect(abs(pendulum.angle - angle) < 1e-12)
    }
  }

  @Test func angleIsWrappedForTheReward() {
    #expect(abs(Pendulum(angle: 5 * .pi / 2, velocity: 0).wrappedAngle - .pi / 2) < 1e-12)
    #expect(abs(Pendulum(angle: -7 * .pi / 2, velocity: 0).wrappedAngle - .pi / 2) < 1e-12)
    #expect(Pendulum(angle: .pi, velocity: 0).wrappedAngle == -.pi)
  }

  @Test(arguments: [
    (0.0, 0.0, [440.0, 440, 440], [0.0663129973474801, 0.0663129973474801, 0.6944444444444443]),
    (
      1, 0.5, [451.21142922031623, 441.7875223933777, 429.32225143347375],
      [0.10689633343717424, 0.05966657430805141, 0.28879449734221274]
    ),
    (
      2, 7.5, [539.7302572097359, 633.1359692915489, 346.2243261577201],
      [0.20626870217919335, 0.0778218438083463, 0.1303603171543904]
    ),
    (
      -2.5, -4, [547.8347234578878, 422.2905045003705, 405.13854192187904],
      [0.10216335474824552, 0.22115621694141058, 0.10678020211573985]
    ),
  ]) func soundIsTheOfficialOne(angle: Double, velocity: Double, frequencies: [Double], amplitudes: [Double]) {
    let sound = DopplerSound(Pendulum(angle: angle, velocity: velocity))
    for (own, expected) in zip(sound.frequencies + sound.amplitudes, frequencies + amplitudes) {
      #expect(abs(own - expected) < 1e-9)
    }
    let scaled = sound.scaled(.range)
    #expect(scaled.count == 6 && scaled.allSatisfy { (0...1).contains($0) })
    #expect(abs(scaled[0] - Float((frequencies[0] - 8800 / 28) / (8800 / 12 - 8800 / 28))) < 1e-6)
    #expect(abs(scaled[5] - Float((amplitudes[2] - 0.0591627069) / (1 / 1.44 - 0.0591627069))) < 1e-6)
    let logarithms = sound.scaled(.logarithm)
    #expect(abs(logarithms[1] - Float(4 * log(frequencies[1] / 440))) < 1e-6)
    #expect(abs(logarithms[3] - Float(log(amplitudes[0]) + 1.9)) < 1e-6)
  }

  @Test(
    arguments: [
      (0.0, [106, 1934, 3127, 57053]), (1, [119, 2783, 2379, 58630]), (2, [121, 4153, 2300, 76312]),
      (-2.5, [116, 4473, 4208, 165_348]), (Double.pi / 2, [106, 3127, 1934, 57053]),
    ] as [(Double, [Int])]) func pictureIsTheOfficialOne(angle: Double, sums: [Int])
  {
    let pixels = PendulumPicture.pixels(angle: angle)
    #expect(pixels.count == 3600)
    let places = pixels.indices.filter { pixels[$0] }.map { (row: $0 / 60, column: $0 % 60) }
    let own = [
      places.count, places.reduce(0) { $0 + $1.row }, places.reduce(0) { $0 + $1.column },
      places.reduce(0) { $0 + $1.row * $1.column },
    ]
    #expect(own == sums)
    // Sums of squares would agree by chance with a mirrored picture; the tip tells the side.
    if angle == 1 { #expect(pixels[(30 - 12) * 60 + 30 - 19] && !pixels[(30 - 12) * 60 + 30 + 19]) }
  }

  @Test func picturesHaveTheFrameBeforeAndThatOfNow() {
    let moment = PendulumMoment(
      before: Pendulum(angle: 1, velocity: 0), now: Pendulum(angle: 2, velocity: 0))
    let full = PendulumMoment.pictures(of: [moment, PendulumMoment(moment.now)], side: 60)
    #expect(full.count == 2 * 7200)
    func pixels(_ picture: Int, _ channel: Int) -> [Bool] {
      (0..<3600).map { full[(picture * 3600 + $0) * 2 + channel] == 1 }
    }
    #expect(pixels(0, 0) == PendulumPicture.pixels(angle: 1))
    #expect(pixels(0, 1) == PendulumPicture.pixels(angle: 2))
    #expect(pixels(1, 0) == pixels(1, 1) && pixels(1, 0) == pixels(0, 1))
    let half = PendulumMoment.pictures(of: [moment], side: 30)
    #expect(half.count == 1800)
    #expect(half.enumerated().filter { $0.offset % 2 == 0 }.reduce(0) { $0 + $1.element } == 119 / 4.0)
    #expect(Set(half).isSubset(of: [0, 0.25, 0.5, 0.75, 1]))
  }

  private func small(_ change: (inout PendulumSource) -> Void = { _ in }) -> PendulumSource {
    var source = PendulumSource()
    (source.observations, source.testObservations) = (200, 30)
    change(&source)
    return source
  }

  @Test func sidesAreTwoCourses() throws {
    let data = try small().load(DataRequest())
    #expect(data.train.count == 180 && data.validation.count == 20 && data.test.count == 30)
    #expect(data.modalities.map(\.name) == ["image", "sound"])
    #expect(data.modalities.map(\.kind.elementCount) == [7200, 12])
    #expect(data.classNames["motion"]?.count == 24)
    guard case .numbers(let sound) = data.test.items(of: "sound", at: 0..<30),
      case .numbers(let pictures) = try data.test.readItems(of: "image", at: [0, 1])
    else {
      Issue.record("no numbers")
      return
    }
    // The first observation stands for the one before, too; what was heard now is what was heard before, a step later.
    #expect(Array(sound[..<6]) == Array(sound[6..<12]))
    for start in stride(from: 12, to: 360, by: 12) {
      #expect(sound[start..<start + 6].elementsEqual(sound[start - 6..<start]))
    }
    #expect(pictures.count == 2 * 7200)
    #expect((0..<3600).allSatisfy { pictures[2 * $0] == pictures[2 * $0 + 1] })
  }

  @Test func seedDecides() throws {
    let first = try small().load(DataRequest())
    #expect(try small().load(DataRequest()).checksum == first.checksum)
    for change: (inout PendulumSource) -> Void in [
      { $0.seed = 1 }, { $0.sound = .logarithm }, { $0.pictureSide = 30 }, { $0.integration = .gymnasium },
    ] {
      #expect(try small(change).load(DataRequest()).checksum != first.checksum)
    }
  }

  /// Uniform torques spend most of the time below: 2.5 in a hundred observations are upright.
  @Test func statesAreSpreadAsPublished() throws {
    let data = try PendulumSource().load(DataRequest())
    #expect(data.train.count == 18_000 && data.validation.count == 2_000 && data.test.count == 2_000)
    let names = data.classNames["motion"] ?? []
    let labels = data.train.labels["motion"] ?? []
    let below = labels.count { names[Int($0)].hasPrefix("down") || names[Int($0)].hasPrefix("lower") }
    #expect(Double(below) / 18_000 > 0.4)
    #expect(Set(labels).count == 24)
  }

  @Test(arguments: ["pictureSide", "validationFraction", "observations"]) func nonsenseIsRefused(key: String) {
    let source = small {
      switch key {
      case "pictureSide": $0.pictureSide = 28
      case "validationFraction": $0.validationFraction = 0.001
      default: $0.observations = 1
      }
    }
    let error = #expect(throws: UserError.self) { try source.validate() }
    #expect(error?.place == key)
  }
}
