import Foundation

/// The picture of a pendulum: what Gym 0.19 draws in 100 × 100 pixels, cut to rows and columns 20…79, 1 on the rod and 0
/// beside it.
///
/// With k = 100 / 4.4 a pixel of row r and column c lies at X = (c + 20.5) / k − 2.2, Y = 2.2 − (r + 20.5) / k. It is on the
/// rod where its distance to the line from the axle to the tip, (−sin θ, cos θ), is at most 0.1. Gym draws the rod's ends as
/// polygons of 30 corners; a disc differs in a tenth of a pixel a picture, in the mean.
public enum PendulumPicture {
  /// The pixels of a side.
  public static let side = 60
  private static let offsets = (0..<side).map { (place: Int) -> Double in (Double(place) + 20.5) / (100 / 4.4) - 2.2 }

  /// The pixels, row by row from the top, `[60, 60]`.
  public static func pixels(angle: Double) -> [Bool] {
    let (sine, cosine) = (sin(angle), cos(angle))
    return [Bool](unsafeUninitializedCapacity: side * side) { target, count in
      offsets.withUnsafeBufferPointer { offsets in
        for row in 0..<side {
          let y = -offsets[row]
          for column in 0..<side {
            let x = offsets[column]
            let along = y * cosine - x * sine
            let across = -x * cosine - y * sine
            let beyond = along - min(max(along, 0), 1)
            target[row * side + column] = beyond * beyond + across * across <= 0.01
          }
        }
      }
      count = side * side
    }
  }
}
