/// Series of one modality: numbers of several channels over time, each of its own length.
struct SeriesItems: Sendable {
  /// The numbers of a step.
  let channels: Int
  /// The numbers of all series, one after another, `[steps, channels]` each.
  private(set) var values: [Float] = []
  /// The step at which each series begins among all of them, and the end of the last.
  private(set) var starts = [0]

  /// Begins without any.
  init(channels: Int) { self.channels = channels }

  /// The number of series.
  var count: Int { starts.count - 1 }

  /// The number of steps of a series.
  func steps(of item: Int) -> Int { starts[item + 1] - starts[item] }

  /// The number of steps of the longest series.
  var longest: Int { (0..<count).map(steps).max() ?? 0 }

  /// Adds a series, `[steps, channels]`.
  mutating func append(_ series: some Collection<Float>) {
    precondition(series.count % channels == 0, "SeriesItems: \(series.count) numbers of \(channels) channels")
    values += series
    starts.append(starts[starts.count - 1] + series.count / channels)
  }

  /// Gives each channel the mean 0 and deviation 1 over all steps of some series.
  ///
  /// - Returns: the series, and how many channels are constant in those; they are only centred.
  func standardised(by items: [Int]) -> (items: SeriesItems, constantCount: Int) {
    var (sums, squares) = ([Double](repeating: 0, count: channels), [Double](repeating: 0, count: channels))
    var steps = 0
    for item in items {
      for step in starts[item]..<starts[item + 1] {
        for channel in 0..<channels { sums[channel] += Double(values[step * channels + channel]) }
        steps += 1
      }
    }
    guard steps > 0 else { return (self, 0) }
    let means = sums.map { $0 / Double(steps) }
    for item in items {
      for step in starts[item]..<starts[item + 1] {
        for channel in 0..<channels {
          let difference = Double(values[step * channels + channel]) - means[channel]
          squares[channel] += difference * difference
        }
      }
    }
    // What rounding alone leaves of a constant's deviation must not be blown up.
    let deviations = zip(squares, means).map { square, mean in
      let deviation = (square / Double(steps)).squareRoot()
      return deviation > 1e-6 * max(1e-30, abs(mean)) ? deviation : 0
    }
    var result = self
    for index in result.values.indices {
      let channel = index % channels
      let scale = deviations[channel] > 0 ? deviations[channel] : 1
      result.values[index] = Float((Double(values[index]) - means[channel]) / scale)
    }
    return (result, deviations.count { $0 == 0 })
  }

  /// A series of a fixed length, `[length, 1 + channels]`: a step begins with 1, a step of padding is zeros. What is longer
  /// is cut at its end.
  func padded(_ item: Int, to length: Int, atFront: Bool) -> [Float] {
    let kept = min(steps(of: item), length)
    let padding = [Float](repeating: 0, count: (length - kept) * (1 + channels))
    var result = atFront ? padding : []
    result.reserveCapacity(length * (1 + channels))
    for step in starts[item]..<starts[item] + kept {
      result.append(1)
      result += values[step * channels..<(step + 1) * channels]
    }
    return atFront ? result : result + padding
  }
}
