/// Bicubic resizing with antialiasing as the library Pillow does it, to the last bit.
///
/// Widths are changed first, then heights, each pass rounded to bytes; a pass whose size stays is left out. The kernel is
/// Keys's cubic with a = −½, widened by the ratio where a picture shrinks; weights are integers of 22 bits.
package enum BicubicResize {
  /// A new axis, of which only a part is wanted.
  package struct Axis {
    let old, new: Int
    let part: Range<Int>

    /// Names the old and the new number of places, and which of the new ones are wanted.
    package init(from old: Int, to new: Int, part: Range<Int>) {
      precondition(
        old > 0 && new > 0 && part.lowerBound >= 0 && part.upperBound <= new,
        "BicubicResize: places \(part) of \(new), from \(old)")
      (self.old, self.new, self.part) = (old, new, part)
    }

    /// The old place that is nearest to each wanted one.
    var nearest: [Int] {
      part.map { min(old - 1, Int((Double($0) + 0.5) * (Double(old) / Double(new)))) }
    }
  }

  /// The wanted part of a picture in another size.
  ///
  /// Shapes: `[rows.old, columns.old, channels]` → `[rows.part, columns.part, channels]`.
  package static func resize(_ pixels: [UInt8], rows: Axis, columns: Axis, channels: Int) -> [UInt8] {
    precondition(
      pixels.count == rows.old * columns.old * channels,
      "BicubicResize: \(pixels.count) bytes for \(rows.old) × \(columns.old) × \(channels)")
    let narrow = pass(pixels, columns, outer: rows.old, inner: channels)
    return pass(narrow, rows, outer: 1, inner: columns.part.count * channels)
  }

  private static let precision = 22

  /// Which old places a new one is made of, with which weights.
  private struct Sum {
    let start: Int
    let weights: [Int32]
  }

  private static func sums(_ axis: Axis) -> [Sum] {
    guard axis.old != axis.new else {
      return axis.part.map { Sum(start: $0, weights: [1 << precision]) }
    }
    let ratio = Double(axis.old) / Double(axis.new)
    let scale = max(ratio, 1)
    let support = 2 * scale
    return axis.part.map { index in
      let centre = (Double(index) + 0.5) * ratio
      let first = max(0, Int(centre - support + 0.5))
      let last = min(axis.old, Int(centre + support + 0.5))
      let weights = (first..<last).map { cubic((Double($0) - centre + 0.5) / scale) }
      let sum = weights.reduce(0, +)
      return Sum(
        start: first,
        weights: weights.map { weight in
          let exact = (sum != 0 ? weight / sum : weight) * Double(1 << precision)
          return Int32(exact < 0 ? exact - 0.5 : exact + 0.5)
        })
    }
  }

  private static func cubic(_ distance: Double) -> Double {
    let (a, x) = (-0.5, abs(distance))
    if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
    if x < 2 { return (((x - 5) * x + 8) * x - 4) * a }
    return 0
  }

  /// Changes the middle one of three axes.
  private static func pass(_ pixels: [UInt8], _ axis: Axis, outer: Int, inner: Int) -> [UInt8] {
    let sums = sums(axis)
    return [UInt8](unsafeUninitializedCapacity: outer * sums.count * inner) { result, count in
      pixels.withUnsafeBufferPointer { pixels in
        var totals = [Int32](repeating: 0, count: inner)
        for row in 0..<outer {
          for (index, sum) in sums.enumerated() {
            for i in 0..<inner { totals[i] = 1 << (precision - 1) }
            for (offset, weight) in sum.weights.enumerated() {
              let source = (row * axis.old + sum.start + offset) * inner
              for i in 0..<inner { totals[i] &+= Int32(pixels[source + i]) &* weight }
            }
            let target = (row * sums.count + index) * inner
            for i in 0..<inner {
              result.initializeElement(at: target + i, to: UInt8(max(0, min(255, totals[i] >> precision))))
            }
          }
        }
      }
      count = outer * sums.count * inner
    }
  }
}
