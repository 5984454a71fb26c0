import Autograd
import Kernels
import Layers

/// How often ViLBERT's pretext tasks were right in an epoch, and how often the best answer that knows nothing would have
/// been: numbers of buffers, so that a training that goes on counts on.
final class ViLBERTWatch: Module {
  private enum Count: Int, CaseIterable {
    case pairs, matched, rightPairs, words, rightWords, regions, rightRegions, error, squares
    /// Whether the epoch of the numbers is over.
    case isOver
  }

  private let counts = StateBuffer(Tensor(repeating: 0, shape: [Count.allCases.count]))
  /// How often each word, and each class as the most frequent of a region, was to be told; or the sums of features.
  private let words, regions: StateBuffer
  private let classes: Int

  init(words: Int, classes: Int, features: Int) {
    self.classes = classes
    self.words = StateBuffer(Tensor(repeating: 0, shape: [words]))
    regions = StateBuffer(Tensor(repeating: 0, shape: [classes > 0 ? classes : features]))
  }

  var parts: [ModulePart] { [.buffer("counts", counts), .buffer("words", words), .buffer("regions", regions)] }

  private subscript(count: Count) -> Double { Double(counts.value.values[count.rawValue]) }

  private func add(_ numbers: [Count: Float]) {
    if self[.isOver] > 0 {
      for buffer in [counts, words, regions] { buffer.value = Tensor(repeating: 0, shape: buffer.value.shape) }
    }
    var values = counts.value.values
    for (count, number) in numbers { values[count.rawValue] += number }
    counts.value = Tensor(values)
  }

  private func add(_ numbers: [Float], to buffer: StateBuffer) {
    buffer.value = Tensor(zip(buffer.value.values, numbers).map { $0 + $1 })
  }

  func endEpoch() {
    var values = counts.value.values
    values[Count.isOver.rawValue] = 1
    counts.value = Tensor(values)
  }

  /// Notes the logits of belonging together and of not, `[batch, 2]`.
  func noteAlignment(_ logits: Tensor, isMatched: [Bool]) {
    let values = logits.values
    let right = isMatched.indices.count { (values[2 * $0] > values[2 * $0 + 1]) == isMatched[$0] }
    add([
      .pairs: Float(isMatched.count), .matched: Float(isMatched.count { $0 }), .rightPairs: Float(right),
    ])
  }

  /// Notes what is made of masked words, `[words, d]`, a thousand at a time.
  func noteWords(_ states: Tensor, table: Tensor, bias: Tensor, truths: [Int32]) {
    var (right, seen) = (0, [Float](repeating: 0, count: words.value.count))
    Tape.withoutRecording {
      for start in stride(from: 0, to: truths.count, by: 1024) {
        let range = start..<min(start + 1024, truths.count)
        let told = states.slice(range).linear(weight: table, bias: bias).maxWithIndices(axis: 1).indices
        right += zip(told, truths[range]).count { $0 == $1 }
      }
    }
    for truth in truths { seen[Int(truth)] += 1 }
    add([.words: Float(truths.count), .rightWords: Float(right)])
    add(seen, to: words)
  }

  /// Notes the logits of classes of masked regions, `[regions, classes]`: right is whose greatest is among the most frequent.
  func noteRegions(_ logits: Tensor, classes truths: Tensor) {
    let (told, values, most) = (
      logits.maxWithIndices(axis: 1).indices, truths.values, truths.maxWithIndices(axis: 1)
    )
    let greatest = most.values.values
    var (right, seen) = (0, [Float](repeating: 0, count: classes))
    for row in told.indices {
      if values[row * classes + Int(told[row])] == greatest[row] { right += 1 }
      for column in 0..<classes where values[row * classes + column] == greatest[row] { seen[column] += 1 }
    }
    add([.regions: Float(told.count), .rightRegions: Float(right)])
    add(seen, to: regions)
  }

  /// Notes the features that are told of masked regions, `[regions, features]`.
  func noteRegions(_ told: Tensor, features truths: Tensor) {
    let error = (told - truths).squared().sum().scalar
    add([.regions: Float(told.shape[0]), .error: error, .squares: truths.squared().sum().scalar])
    add(truths.sum(axis: 0).values, to: regions)
  }

  /// The shares of right answers, each with that of the most frequent answer; of features the share of their variance that is
  /// told, which is 0 for their mean.
  var monitors: [Monitor] {
    var found: [Monitor] = []
    func add(_ subject: String, _ metric: String, _ value: Double) {
      found.append(Monitor(evaluator: "pretext", subject: subject, metric: metric, value: value))
    }
    if self[.pairs] > 0 {
      let share = self[.matched] / self[.pairs]
      add("alignment", "accuracy", self[.rightPairs] / self[.pairs])
      add("alignment", "prior", max(share, 1 - share))
    }
    if self[.words] > 0 {
      add("masked words", "accuracy", self[.rightWords] / self[.words])
      add("masked words", "prior", Double(words.value.values.max() ?? 0) / self[.words])
    }
    if self[.regions] > 0 {
      if classes > 0 {
        add("masked regions", "accuracy", self[.rightRegions] / self[.regions])
        add("masked regions", "prior", Double(regions.value.values.max() ?? 0) / self[.regions])
      } else {
        let sums = regions.value.values.reduce(0) { $0 + Double($1) * Double($1) }
        let variance = self[.squares] - sums / self[.regions]
        if variance > 0 { add("masked regions", "explained variance", 1 - self[.error] / variance) }
      }
    }
    return found
  }
}
