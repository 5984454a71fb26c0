import Kernels

/// A pendulum as it is observed: as it is now and as it was a step before, which tells its velocity.
public struct PendulumMoment: Equatable, Sendable {
  /// A step before.
  public let before: Pendulum
  /// Now.
  public let now: Pendulum

  /// An observation with the one before.
  public init(before: Pendulum, now: Pendulum) { (self.before, self.now) = (before, now) }

  /// The first observation of an episode, which stands for the one before, too.
  public init(_ first: Pendulum) { self.init(before: first, now: first) }

  /// What is heard before and now, 12 numbers.
  public func sound(_ scaling: DopplerSound.Scaling) -> [Float] {
    DopplerSound(before).scaled(scaling) + DopplerSound(now).scaled(scaling)
  }

  /// Draws the pictures before and now as two channels, `[side, side, 2]`.
  ///
  /// - Parameter side: 60, or 30 for the mean of each four pixels.
  func draw(side: Int, into target: UnsafeMutablePointer<Float>) {
    let full = PendulumPicture.side
    let pictures = [PendulumPicture.pixels(angle: before.angle), PendulumPicture.pixels(angle: now.angle)]
    for (channel, pixels) in pictures.enumerated() {
      for row in 0..<side {
        for column in 0..<side {
          var value: Float
          if side == full {
            value = pixels[row * full + column] ? 1 : 0
          } else {
            value = 0
            for i in [0, 1] {
              for j in [0, 1] where pixels[(2 * row + i) * full + 2 * column + j] { value += 0.25 }
            }
          }
          (target + (row * side + column) * 2 + channel).initialize(to: value)
        }
      }
    }
  }
}

/// The pictures of moments, drawn when they are asked for.
struct PendulumFrames: ItemStream {
  private let moments: [PendulumMoment]
  private let side: Int

  init(_ moments: [PendulumMoment], side: Int) { (self.moments, self.side) = (moments, side) }

  var count: Int { moments.count }

  func items(at indices: [Int]) -> ModalityItems {
    .numbers(PendulumMoment.pictures(of: indices.map { moments[$0] }, side: side))
  }
}

extension PendulumMoment {
  /// The pictures of some moments, `[moments, side, side, 2]` in 0…1, drawn on all threads.
  public static func pictures(of moments: [PendulumMoment], side: Int) -> [Float] {
    let size = 2 * side * side
    return [Float](unsafeUninitializedCapacity: moments.count * size) { target, count in
      if let base = target.baseAddress {
        nonisolated(unsafe) let base = base
        Parallel.run(count: moments.count) { part in
          for place in part { moments[place].draw(side: side, into: base + place * size) }
        }
      }
      count = moments.count * size
    }
  }
}

/// Classes of a pendulum's state: the eighth of the circle, and whether it moves and where to.
enum PendulumMotion {
  private static let sectors = [
    "up", "upper left", "left", "lower left", "down", "lower right", "right", "upper right",
  ]
  private static let movements = ["slow", "counter-clockwise", "clockwise"]
  /// The velocity from which a pendulum moves, in radians a second.
  private static let least = 2.0

  /// The names of the classes.
  static let names = sectors.flatMap { sector in movements.map { "\(sector), \($0)" } }

  /// The class of a pendulum.
  static func number(of pendulum: Pendulum) -> Int32 {
    let eighth = (pendulum.wrappedAngle / (.pi / 4)).rounded()
    let sector = (Int(eighth) + sectors.count) % sectors.count
    let movement = pendulum.velocity >= least ? 1 : pendulum.velocity <= -least ? 2 : 0
    return Int32(sector * movements.count + movement)
  }
}
