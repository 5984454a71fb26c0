/// Single numbers that sum up a sample; each needs at least one value.
public enum SampleStatistic {
  /// The arithmetic mean.
  public static func mean(of values: [Double]) -> Double {
    precondition(!values.isEmpty, "Mean: there are no values")
    return values.reduce(0, +) / Double(values.count)
  }

  /// The value below which a share of the sample lies, interpolated linearly between the sorted values
  /// `x_⌊h⌋` and `x_⌊h⌋+1`, `h = (n − 1) · share` (type 7 of Hyndman and Fan, 1996).
  public static func quantile(_ share: Double, of values: [Double]) -> Double {
    precondition(!values.isEmpty && 0...1 ~= share, "Quantile: \(share) of \(values.count) values is undefined")
    return quantile(share, ofSorted: values.sorted())
  }

  static func quantile(_ share: Double, ofSorted sorted: [Double]) -> Double {
    let position = Double(sorted.count - 1) * share
    let lower = Int(position)
    let upper = min(lower + 1, sorted.count - 1)
    let fraction = position - Double(lower)
    // An exact place needs no neighbour, which may be infinite.
    return fraction == 0 ? sorted[lower] : sorted[lower] + fraction * (sorted[upper] - sorted[lower])
  }

  /// The median.
  public static func median(of values: [Double]) -> Double { quantile(0.5, of: values) }

  /// The mean of the middle half: `⌊n / 4⌋` values are cut at each end (Agarwal et al., NeurIPS 2021).
  public static func interquartileMean(of values: [Double]) -> Double {
    let cut = values.count / 4
    return mean(of: Array(values.sorted()[cut..<(values.count - cut)]))
  }
}
