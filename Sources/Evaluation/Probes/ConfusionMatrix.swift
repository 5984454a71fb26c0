/// How often each class was taken for each other.
public struct ConfusionMatrix: Equatable, Codable, Sendable {
  /// The counts: `counts[truth][prediction]`.
  public let counts: [[Int]]

  /// Counts predictions against the truth; both lie below `classes`.
  public init(truths: [Int], predictions: [Int], classes: Int) {
    precondition(
      truths.count == predictions.count,
      "Confusion matrix: \(predictions.count) predictions for \(truths.count) observations")
    var counts = [[Int]](repeating: [Int](repeating: 0, count: classes), count: classes)
    for (truth, prediction) in zip(truths, predictions) {
      precondition(
        0..<classes ~= truth && 0..<classes ~= prediction,
        "Confusion matrix: class \(truth) taken for \(prediction), but there are \(classes) classes")
      counts[truth][prediction] += 1
    }
    self.counts = counts
  }

  /// The share of observations whose prediction is right, or nil without observations.
  public var accuracy: Double? {
    let total = counts.reduce(0) { $0 + $1.reduce(0, +) }
    let right = counts.indices.reduce(0) { $0 + counts[$1][$1] }
    return total == 0 ? nil : Double(right) / Double(total)
  }

  /// The share of each class's observations whose prediction is right (recall); nil for a class without observations.
  public var classAccuracies: [Double?] {
    counts.indices.map { truth in
      let total = counts[truth].reduce(0, +)
      return total == 0 ? nil : Double(counts[truth][truth]) / Double(total)
    }
  }

  /// The mean of the accuracies of the classes that have observations, or nil without observations.
  public var balancedAccuracy: Double? {
    let present = classAccuracies.compactMap { $0 }
    return present.isEmpty ? nil : present.reduce(0, +) / Double(present.count)
  }
}

/// The share of the most frequent truth, which an answer without a look at the observations reaches; nil without any.
public func majorityShare(of truths: [Int]) -> Double? {
  let counts = Dictionary(grouping: truths) { $0 }.values.map(\.count)
  return counts.max().map { Double($0) / Double(truths.count) }
}

/// The mean over the classes among the truths of the share of each one's observations whose prediction is right, or nil
/// without observations.
public func balancedAccuracy(of predictions: [Int], against truths: [Int]) -> Double? {
  let classes = max(predictions.max() ?? -1, truths.max() ?? -1) + 1
  return ConfusionMatrix(truths: truths, predictions: predictions, classes: classes).balancedAccuracy
}

/// The share of predictions that equal the truth, or nil without observations.
public func accuracy(of predictions: [Int], against truths: [Int]) -> Double? {
  precondition(
    predictions.count == truths.count, "Accuracy: \(predictions.count) predictions for \(truths.count) observations")
  guard !truths.isEmpty else { return nil }
  return Double(zip(predictions, truths).count { $0 == $1 }) / Double(truths.count)
}
