import Diagnostics
import Foundation
import Kernels
import Options

/// A pendulum that is seen and heard: GMC's simulated experiment (Poklukar et al., 2022), which needs no file.
///
/// | modality | kind | what it is |
/// | --- | --- | --- |
/// | `image` | `pictureSide` × `pictureSide` × 2 in 0…1 | the picture before and the picture now, see ``PendulumPicture`` |
/// | `sound` | 12 numbers | what three receivers hear before and now, see ``DopplerSound`` |
///
/// As in the official code the training observations are one course of random torques, uniform in ±2, from one beginning;
/// the test observations are another. Validation is drawn from the first. Pictures are drawn when a batch needs them, which is
/// as quick as reading them and takes no memory.
public struct PendulumSource: DataSource {
  /// `pendulum`
  public static var key: String { "pendulum" }
  /// In a few words.
  public static var summary: String { "a simulated pendulum in two frames and the Doppler sound at three receivers" }
  /// The labelling: an eighth of the circle, and whether the pendulum moves.
  public static let labelling = "motion"

  /// The observations of the course that is divided into training and validation.
  public var observations = 20_000
  /// The observations of the test's course.
  public var testObservations = 2_000
  /// The share of the observations for validation.
  public var validationFraction = 0.1
  /// The side of the pictures: 60, or 30 for the mean of each four pixels.
  public var pictureSide = 60
  /// How frequencies and amplitudes are scaled.
  public var sound = DopplerSound.Scaling.range
  /// Whose order of steps the pendulum has where its velocity passes the limit.
  public var integration = Pendulum.Integration.gym
  /// Selects the torques, the beginnings and the split.
  public var seed: UInt64 = 0

  /// The defaults.
  public init() {}

  /// What the values must be.
  public var requirements: [OptionRequirement] {
    [
      .count("observations", observations, atLeast: 4), .count("testObservations", testObservations, atLeast: 1),
      .share("validationFraction", validationFraction),
      OptionRequirement(
        "validationFraction", Int(validationFraction * Double(observations)) > 0,
        "must leave at least one of the observations"),
      OptionRequirement(
        "pictureSide", [PendulumPicture.side, PendulumPicture.side / 2].contains(pictureSide), "must be 60 or 30"),
    ]
  }

  /// The modalities: picture and sound.
  public var modalities: [Modality] {
    [
      Modality(name: "image", kind: .image(height: pictureSide, width: pictureSide, channels: 2)),
      Modality(name: "sound", kind: .vector(count: 12)),
    ]
  }

  /// A pendulum as an episode begins: a random state, and one step without torque.
  public func beginning(using stream: inout RandomStream) -> Pendulum {
    var pendulum = Pendulum(angle: stream.uniform(within: .pi), velocity: stream.uniform(within: 1))
    _ = pendulum.step(torque: 0, integration: integration)
    return pendulum
  }

  /// Simulates both courses.
  public func load(_ request: DataRequest) throws(UserError) -> MultimodalDataset {
    var stream = RandomStream(seed: seed, name: "pendulum/torques")
    let course = course(of: observations, using: &stream)
    let test = self.course(of: testObservations, using: &stream)
    var split = RandomStream(seed: seed, name: "pendulum/split")
    let order = split.permutation(of: observations)
    let validation = order.prefix(Int(validationFraction * Double(observations))).sorted()
    let training = order.dropFirst(validation.count).sorted()
    return MultimodalDataset(
      name: Self.key, train: side("train", training.map { course[$0] }),
      validation: side("validation", validation.map { course[$0] }), test: side("test", test),
      classNames: [Self.labelling: PendulumMotion.names], checksum: checksum(course + test),
      provenance: DatasetProvenance(
        sources: [.init(name: "simulated pendulum", publisher: "this program", licence: "none needed")],
        notes: [
          "training and validation are one course of random torques without a new beginning, the test is another",
          "what an observation is, is decided by the seed \(seed); the velocity passes its limit as in \(integration.rawValue)",
        ]))
  }

  /// A course of random torques: each observation with the one before, the first with itself.
  private func course(of count: Int, using stream: inout RandomStream) -> [PendulumMoment] {
    var pendulum = beginning(using: &stream)
    var moments = [PendulumMoment(pendulum)]
    while moments.count < count {
      let before = pendulum
      _ = pendulum.step(torque: stream.uniform(within: Pendulum.torqueLimit), integration: integration)
      moments.append(PendulumMoment(before: before, now: pendulum))
    }
    return moments
  }

  private func side(_ name: String, _ moments: [PendulumMoment]) -> MultimodalSplit {
    let rows = (0..<Int32(moments.count)).map { $0 }
    return MultimodalSplit(
      name: name,
      columns: [
        ModalityColumn(
          modality: modalities[0], stream: PendulumFrames(moments, side: pictureSide), rows: rows),
        ModalityColumn(
          modality: modalities[1], items: .numbers(moments.flatMap { $0.sound(sound) }), rows: rows),
      ], labels: [Self.labelling: moments.map { PendulumMotion.number(of: $0.now) }])
  }

  private func checksum(_ moments: [PendulumMoment]) -> String {
    var hash = SHA256()
    hash.update("pendulum 1 \(observations) \(validationFraction) \(seed) \(pictureSide) \(sound.rawValue)\n")
    moments.flatMap { [$0.now.angle, $0.now.velocity] }.withUnsafeBytes { hash.update($0) }
    return hash.hexDigest
  }
}

extension RandomStream {
  /// A number uniform in ±limit.
  package mutating func uniform(within limit: Double) -> Double {
    (Double(next() >> 11) * 0x1p-52 - 1) * limit
  }
}
