/// A pen's path as a fixed number of points.
public enum PenTrajectory {
  /// The strokes joined in order by straight lines, resampled to points equidistant in arc length, centred on their
  /// bounding box and scaled so that its longer side spans −1…1.
  ///
  /// - Returns: `x₀, y₀, x₁, y₁, …`, `[2 · count]`; zeros for a path without length.
  public static func resampled(_ strokes: [[SIMD2<Float>]], count: Int) -> [Float] {
    precondition(count >= 2, "PenTrajectory.resampled: needs at least 2 points, not \(count)")
    let path = strokes.flatMap { $0 }
    var lengths: [Float] = [0]
    for (start, end) in zip(path, path.dropFirst()) {
      let step = end - start
      lengths.append(lengths[lengths.count - 1] + (step * step).sum().squareRoot())
    }
    guard let total = lengths.last, total > 0 else { return [Float](repeating: 0, count: 2 * count) }
    var points: [SIMD2<Float>] = []
    points.reserveCapacity(count)
    var segment = 0
    for i in 0..<count {
      let target = total * Float(i) / Float(count - 1)
      while segment < path.count - 2, lengths[segment + 1] < target { segment += 1 }
      let span = lengths[segment + 1] - lengths[segment]
      let share = span > 0 ? min(1, (target - lengths[segment]) / span) : 0
      points.append(path[segment] + share * (path[segment + 1] - path[segment]))
    }
    var low = points[0]
    var high = points[0]
    for point in points {
      low = pointwiseMin(low, point)
      high = pointwiseMax(high, point)
    }
    let centre = (low + high) / 2
    let half = max(high.x - low.x, high.y - low.y) / 2
    // A path that comes back may be met at the same place each time.
    guard half > 0 else { return [Float](repeating: 0, count: 2 * count) }
    return points.flatMap { point in
      let placed = (point - centre) / half
      return [placed.x, placed.y]
    }
  }
}
