import Autograd
import Datasets
import Encoders
import Foundation
import Kernels
import Methods
import Options
import Reinforcement

/// What a policy sees of a pendulum: a frozen method's representation by some modalities, or the true state.
struct PendulumCode {
  /// What it is called.
  let subject: EvaluationTable.Subject
  /// The pendulum.
  let source: PendulumSource
  /// How many numbers it has.
  let width: Int
  /// Whether it is looked at while the policy learns.
  let isTracked: Bool
  private let encode: ([PendulumMoment]) -> Tensor

  /// The cosine, the sine, and the velocity in ±1.
  init(stateOf model: FrozenModel) {
    (subject, width, isTracked) = (.named(PolicyEvaluator.state), 3, true)
    source = model.data.options.sources[PendulumSource.self]
    encode = { moments in
      Tensor(
        moments.flatMap { moment in
          let now = moment.now
          return [Float(cos(now.angle)), Float(sin(now.angle)), Float(now.velocity / Pendulum.speedLimit)]
        }, shape: [moments.count, 3])
    }
  }

  /// The representation by some modalities.
  ///
  /// - Parameter zeroingOthers: gives the joint encoder zeros for the others, instead of what the method does.
  init(of model: FrozenModel, by members: [Int], zeroingOthers: Bool = false) throws {
    let source = model.data.options.sources[PendulumSource.self]
    let names = members.map { model.names[$0] }
    let places = zeroingOthers ? model.all : members
    func input(_ place: Int, _ moments: [PendulumMoment]) -> ModalityInput {
      let values =
        model.names[place] == "image"
        ? PendulumMoment.pictures(of: moments, side: source.pictureSide) : moments.flatMap { $0.sound(source.sound) }
      let input = model.inputs(.numbers(values), of: place)
      return members.contains(place) ? input : input.masked(present: moments.map { _ in false })
    }
    let encode: ([PendulumMoment]) -> Tensor = { moments in
      Tape.withoutRecording {
        let found = model.method.representation(of: places.map { MemberInput($0, input($0, moments)) })
        return found?.detached ?? Tensor(repeating: 0, shape: [moments.count, 0])
      }
    }
    self.source = source
    self.encode = encode
    subject =
      zeroingOthers
      ? .named("\(names.joined(separator: "+")), zeros for the rest")
      : names.count == 1 ? .named(names[0]) : .together(names)
    isTracked = !zeroingOthers
    width = encode([PendulumMoment(Pendulum(angle: 0, velocity: 0))]).shape[1]
  }

  /// The codes of some moments, `[moments, width]`.
  func callAsFunction(_ moments: [PendulumMoment]) -> Tensor { encode(moments) }

  /// The torques of an actor that sees the code.
  func torques(of actor: ActorCritic, _ rule: ActionRule, _ moments: [PendulumMoment]) -> [Double] {
    Tape.withoutRecording { actor.action(encode(moments)).values.map { rule.torque(Double($0)) } }
  }
}
