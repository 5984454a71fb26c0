/// Numbers as a table or an array has them: single precision where the source has no more, else double, so that what is
/// standardised loses nothing before.
enum FolderNumbers: Sendable {
  /// Single precision.
  case single([Float])
  /// Double precision.
  case double([Double])

  /// How many numbers there are.
  var count: Int {
    switch self {
    case .single(let values): values.count
    case .double(let values): values.count
    }
  }

  /// A number.
  subscript(index: Int) -> Double {
    switch self {
    case .single(let values): Double(values[index])
    case .double(let values): values[index]
    }
  }

  /// A number in words, with no more digits than it has.
  func text(_ index: Int) -> String {
    switch self {
    case .single(let values): "\(values[index])"
    case .double(let values): "\(values[index])"
    }
  }

  /// Some numbers in single precision.
  func floats(_ range: Range<Int>) -> [Float] {
    switch self {
    case .single(let values): Array(values[range])
    case .double(let values): values[range].map { Float($0) }
    }
  }

  /// The deviation, as a share of the mean, below which there is nothing but rounding.
  var rounding: Double {
    switch self {
    case .single: 1e-6
    case .double: 1e-12
    }
  }

  /// Gives number `i` of every item the mean 0 and deviation 1 of all numbers with the same `i mod period` in some items,
  /// before it is rounded to single precision.
  ///
  /// - Parameter size: how many numbers an item has.
  /// - Returns: the numbers, and how many of the `period` are constant in those items; they are only centred.
  func standardised(size: Int, period: Int, by items: [Int]) -> (values: [Float], constantCount: Int) {
    // A double's large offset, such as of seconds since 1970, is taken away before anything is summed.
    var offsets = [Double](repeating: 0, count: period)
    if case .double = self, let first = items.first {
      for i in 0..<period { offsets[i] = self[first * size + i] }
    }
    var sums = [Double](repeating: 0, count: period)
    var squares = sums
    for item in items {
      for i in 0..<size { sums[i % period] += self[item * size + i] - offsets[i % period] }
    }
    let count = Double(items.count * size / period)
    let means = zip(offsets, sums).map { $0 + $1 / count }
    for item in items {
      for i in 0..<size {
        let difference = self[item * size + i] - means[i % period]
        squares[i % period] += difference * difference
      }
    }
    // What rounding alone leaves of a constant's deviation must not be blown up.
    let deviations = zip(squares, means).map { square, mean in
      let deviation = (square / count).squareRoot()
      return deviation > rounding * max(1e-30, abs(mean)) ? deviation : 0
    }
    let values = (0..<self.count).map { i in
      let place = (i % size) % period
      return Float((self[i] - means[place]) / (deviations[place] > 0 ? deviations[place] : 1))
    }
    return (values, deviations.count { $0 == 0 })
  }
}
