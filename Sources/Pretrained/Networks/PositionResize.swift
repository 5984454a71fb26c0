import Foundation

/// Learned positions of a picture's patches brought to another grid.
package enum PositionResize {
  /// How a library does it.
  package enum Rule: String, Codable, Sendable {
    /// Keys's cubic with a = −½, widened where the grid shrinks, weights normalised at the border.
    case openCLIP
    /// Keys's cubic with a = −¾, the border repeated.
    case transformers
  }

  /// Resizes all rows but the first, which is the class token's.
  ///
  /// Shapes: `[1 + grid², width]` → `[1 + newGrid², width]`.
  package static func resize(_ table: [Float], width: Int, from grid: Int, to newGrid: Int, rule: Rule) -> [Float] {
    precondition(
      table.count == (1 + grid * grid) * width, "PositionResize: \(table.count) numbers of \(grid)² + 1 rows")
    let weights = rule == .openCLIP ? antialiased(from: grid, to: newGrid) : clamped(from: grid, to: newGrid)
    let rows = table[width...].map(Double.init)
    // First along columns, then along rows.
    var narrow = [Double](repeating: 0, count: grid * newGrid * width)
    for y in 0..<grid {
      for (x, row) in weights.enumerated() {
        for (old, weight) in row.enumerated() where weight != 0 {
          for i in 0..<width { narrow[(y * newGrid + x) * width + i] += weight * rows[(y * grid + old) * width + i] }
        }
      }
    }
    var result = [Double](repeating: 0, count: newGrid * newGrid * width)
    let line = newGrid * width
    for (y, row) in weights.enumerated() {
      for (old, weight) in row.enumerated() where weight != 0 {
        for i in 0..<line { result[y * line + i] += weight * narrow[old * line + i] }
      }
    }
    return Array(table[..<width]) + result.map { Float($0) }
  }

  private static func cubic(_ distance: Double, _ a: Double) -> Double {
    let x = abs(distance)
    if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
    if x < 2 { return (((x - 5) * x + 8) * x - 4) * a }
    return 0
  }

  private static func antialiased(from old: Int, to new: Int) -> [[Double]] {
    let ratio = Double(old) / Double(new)
    let scale = max(ratio, 1)
    return (0..<new).map { index in
      let centre = (Double(index) + 0.5) * ratio
      let weights = (0..<old).map { cubic((Double($0) - centre + 0.5) / scale, -0.5) }
      let sum = weights.reduce(0, +)
      return weights.map { $0 / sum }
    }
  }

  private static func clamped(from old: Int, to new: Int) -> [[Double]] {
    let ratio = Double(old) / Double(new)
    return (0..<new).map { index in
      let centre = (Double(index) + 0.5) * ratio - 0.5
      let first = Int(centre.rounded(.down))
      var weights = [Double](repeating: 0, count: old)
      for place in first - 1...first + 2 {
        weights[max(0, min(old - 1, place))] += cubic(Double(place) - centre, -0.75)
      }
      return weights
    }
  }
}
