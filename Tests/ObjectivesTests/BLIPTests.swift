import Autograd
import Foundation
import Kernels
import Objectives
import Testing

@Suite struct BLIPTests {
  private let image = Tensor([1, 2, 2, -1], shape: [2, 2]).l2Normalised()
  private let text = Tensor([1, 1, 1, -1], shape: [2, 2]).l2Normalised()
  private let imageTwin = Tensor([1, 2.2, 2, -0.8], shape: [2, 2]).l2Normalised()
  private let textTwin = Tensor([1, 0.9, 1.1, -1], shape: [2, 2]).l2Normalised()
  private let imageQueue = Tensor([0, 1, 1, 0], shape: [2, 2])
  private let textQueue = Tensor([-1, 0, 0, -1], shape: [2, 2])

  private func loss(
    _ image: Tensor, _ text: Tensor, temperature: Tensor = Tensor(0.07), alpha: Float = 0.4,
    positives: [BLIPContrast.Positive] = []
  ) -> Tensor {
    let toText = BLIPContrast.direction(
      image, twin: imageTwin, keys: textTwin, queue: textQueue, temperature: temperature, alpha: alpha,
      positives: positives)
    let toImage = BLIPContrast.direction(
      text, twin: textTwin, keys: imageTwin, queue: imageQueue, temperature: temperature, alpha: alpha,
      positives: positives)
    return (toText.loss + toImage.loss) * 0.5
  }

  /// The value is from a calculation in double precision by another program.
  @Test func goldenValue() {
    #expect(abs(loss(image, text).scalar - 0.08250791897563954) < 2e-6)
  }

  /// Without a queue, without soft targets, and with a twin that is the network itself it is CLIP's loss.
  @Test func withoutQueueAndSoftTargetsItIsCLIP() {
    let (u, v) = (randomTensor([4, 3]).l2Normalised(), randomTensor([4, 3], "other").l2Normalised())
    let none = Tensor([], shape: [0, 3])
    func direction(_ one: Tensor, _ other: Tensor) -> Tensor {
      BLIPContrast.direction(one, twin: one, keys: other, queue: none, temperature: Tensor(0.2), alpha: 0).loss
    }
    let found = (direction(u, v) + direction(v, u)) * 0.5
    #expect(abs(found.scalar - clipLoss(u, v, logScale: Tensor(-logf(0.2))).scalar) < 1e-5)
  }

  @Test func gradientsReachRowsAndTemperatureAlone() {
    let error = GradientCheck(step: 1e-3).largestError(at: [image, text, Tensor(0.5)]) {
      // The soft targets are constants, which a difference in the temperature would change.
      loss($0[0], $0[1], temperature: $0[2], alpha: 0, positives: [(0, 3)])
    }
    #expect(error < 5e-3)
    let rows = GradientCheck(step: 1e-3).largestError(at: [image, text]) {
      loss($0[0], $0[1], temperature: Tensor(0.5))
    }
    #expect(rows < 5e-3)
    let gradients = Tape.gradients(at: [imageTwin, textTwin, textQueue]) { inputs in
      BLIPContrast.direction(
        image, twin: inputs[0], keys: inputs[1], queue: inputs[2], temperature: Tensor(0.07), alpha: 0.4
      ).loss
    }.gradients
    #expect(gradients.allSatisfy { $0.values.allSatisfy { $0 == 0 } })
  }

  /// The temperature's gradient comes through the logits, with targets as they are at that temperature.
  @Test func softTargetsAreConstant() {
    let half = Tensor(0.5)
    let analytic = Tape.gradients(at: [half]) { loss(image, text, temperature: $0[0]) }.gradients[0].scalar
    let difference =
      (loss(image, text, temperature: Tensor(0.501)).scalar - loss(image, text, temperature: Tensor(0.499)).scalar)
      / 0.002
    #expect(abs(analytic - difference) > 1e-3)
  }

  @Test func positivesShareTheTarget() {
    // Logits of row 0: 2, 1 of the batch, 0, −1 of the queue; with a positive in the queue the target is ½ at each.
    let rows = Tensor([1, 0, 0, 1], shape: [2, 2])
    let keys = Tensor([2, 0, 1, 1], shape: [2, 2])
    let queue = Tensor([0, 3, -1, 0], shape: [2, 2])
    func value(_ positives: [BLIPContrast.Positive]) -> Float {
      BLIPContrast.direction(
        rows, twin: rows, keys: keys, queue: queue, temperature: Tensor(1), alpha: 0, positives: positives
      ).loss.scalar
    }
    let first = logf(expf(2) + expf(1) + 1 + expf(-1))
    let second = logf(1 + expf(1) + expf(3) + 1)
    #expect(abs(value([]) - ((first - 2) + (second - 1)) / 2) < 1e-5)
    #expect(abs(value([(0, 3)]) - ((first - 0.5) + (second - 1)) / 2) < 1e-5)
    // A positive that is named twice counts once.
    #expect(value([(0, 3), (0, 3)]) == value([(0, 3)]))
  }

  @Test func negativesAreWeighedByLikenessAndSpareWhatIsEqual() {
    let logits = Tensor([5, 1, 1, 0, 9, 0, 2, 2, 2], shape: [3, 3])
    let weights = BLIPMatching.weights(logits, spared: [(0, 2), (2, 0)])
    let sum = expf(5) + 2 * expf(1)
    #expect(abs(weights.values[1] - (expf(1) / sum + 1e-4)) < 1e-6)
    #expect(weights.values[0] == 0 && weights.values[2] == 0 && weights.values[4] == 0 && weights.values[6] == 0)
    // Nothing is left by the softmax, and still each can be drawn.
    let sure = BLIPMatching.weights(Tensor([500, 0, 0, 500], shape: [2, 2]))
    #expect(sure.values == [0, 1e-4, 1e-4, 0])
  }

  @Test func negativesAreDrawnByTheirWeights() {
    let weights = Tensor([0, 3, 1, 0, 0, 0, 1, 0, 0], shape: [3, 3])
    var stream = RandomStream(seed: 3, name: "negatives")
    var counts = [0, 0, 0]
    for _ in 0..<2000 {
      let drawn = BLIPMatching.drawn(weights, using: &stream)
      #expect(drawn[1] == nil && drawn[2] == 0)
      if let first = drawn[0] { counts[Int(first)] += 1 }
    }
    #expect(counts[0] == 0 && counts[1] + counts[2] == 2000)
    // Three in four, within five deviations of 19.4.
    #expect(abs(counts[1] - 1500) < 97)
  }

  @Test func pairsAreTheBatchAndWhatWasDrawn() {
    let pairs = BLIPMatching.Pairs(negativePictures: [1, nil, 0], negativeTexts: [2, 0, nil])
    #expect(pairs.texts == [0, 1, 2, 0, 2, 2, 0] && pairs.pictures == [0, 1, 2, 1, 0, 0, 1])
    #expect(pairs.labels == [1, 1, 1, 0, 0, 0, 0])
    let loss = BLIPMatching.loss(Tensor(repeating: 0, shape: [7, 2]), pairs)
    #expect(abs(loss.scalar - logf(2)) < 1e-6)
    #expect(abs(BLIPMatching.prior(ofShare: 1 / 3) - 0.636514168294813) < 1e-12)
    #expect(BLIPMatching.prior(ofShare: 1) == 0)
    // Answers that know the share alone.
    let share = Tensor([0, -logf(2), 0, -logf(2), 0, -logf(2)], shape: [3, 2])
    let one = BLIPMatching.Pairs(negativePictures: [1, nil], negativeTexts: [nil, nil])
    #expect(one.labels == [1, 1, 0])
    #expect(abs(BLIPMatching.loss(share, one).scalar - (2 * logf(3) + logf(1.5)) / 3) < 1e-6)
  }
}
