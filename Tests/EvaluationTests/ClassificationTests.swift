import Diagnostics
import Evaluation
import Foundation
import Kernels
import Testing

@Suite struct ClassificationTests {
  private let neighbours = NearestNeighbours(
    embeddings: matrix([[1, 0], [0, 1], [0.6, 0.8]]), labels: [0, 1, 1], classes: 2)

  @Test func votesByHand() {
    let query = matrix([[2, 0]])
    let votes = neighbours.votes(for: query, neighbours: 3, temperature: 1)
    let other = exp(-1.0) + exp(-0.4)
    #expect(isClose(Double(votes[0, 1]), other / (1 + other)))
    #expect(neighbours.predictions(for: query, neighbours: 3, temperature: 1) == [1])
    #expect(neighbours.predictions(for: query, neighbours: 3, temperature: 0.1) == [0])
    #expect(neighbours.predictions(for: query, neighbours: 1, temperature: 1) == [0])
  }

  @Test func equalVotesGoToTheLowerClass() {
    let votes = neighbours.votes(for: matrix([[1, 0]]), neighbours: 2, temperature: .infinity)
    #expect(votes.values == [0.5, 0.5])
    #expect(neighbours.predictions(for: matrix([[1, 0]]), neighbours: 2, temperature: .infinity) == [0])
  }

  @Test func moreNeighboursThanRowsAndNone() {
    let all = neighbours.votes(for: matrix([[1, 0]]), neighbours: 50, temperature: .infinity)
    #expect(isClose(Double(all[0, 1]), 2.0 / 3))
    let none = NearestNeighbours(embeddings: Matrix(rows: 0, columns: 2), labels: [], classes: 2)
    #expect(none.votes(for: matrix([[1, 0]]), neighbours: 3, temperature: 1).values == [0, 0])
    #expect(neighbours.predictions(for: Matrix(rows: 0, columns: 2), neighbours: 1, temperature: 1).isEmpty)
    #expect(neighbours.votes(for: matrix([[.nan, 0]]), neighbours: 2, temperature: 1).values == [0, 0])
  }

  @Test func neighboursAgreeWithSorting() {
    let (data, queries) = (normalMatrix(300, 6, seed: 4), normalMatrix(50, 6, seed: 5))
    let labels = (0..<300).map { $0 * 7 % 5 }
    let predictions = NearestNeighbours(embeddings: data, labels: labels, classes: 5)
      .predictions(for: queries, neighbours: 20, temperature: 0.1)
    let cosines = queries.normalisingRows().multiplied(by: data.normalisingRows(), transposingOther: true)
    for query in 0..<50 {
      let nearest = (0..<300).sorted { cosines[query, $0] > cosines[query, $1] }.prefix(20)
      var votes = [Double](repeating: 0, count: 5)
      for row in nearest { votes[labels[row]] += exp(Double(cosines[query, row]) / 0.1) }
      #expect(votes[predictions[query]] == votes.max())
    }
  }

  @Test func centroidsByHand() {
    let centroids = PrototypeClassifier(
      averaging: matrix([[2, 0], [0, 5], [-1, 0]]), labels: [0, 0, 2], classes: 4)
    let half = Float(0.5).squareRoot()
    #expect(zip(centroids.prototypes.values, [half, half, 0, 0, -1, 0, 0, 0]).allSatisfy { abs($0 - $1) < 1e-6 })
    // The second query is nearer to the zero rows of absent classes than to either centroid; they do not count.
    #expect(centroids.predictions(for: matrix([[3, 1], [-0.1, -1]])) == [0, 2])
  }

  @Test func zeroShotTakesTheNearestPrototype() {
    let names = PrototypeClassifier(prototypes: matrix([[1, 0], [0, 2], [-1, -1]]))
    #expect(names.predictions(for: matrix([[0.9, 0.5], [0.1, 0.2], [-3, -2], [1, 1]])) == [0, 1, 2, 0])
    #expect(names.predictions(for: Matrix(rows: 0, columns: 2)).isEmpty)
  }

  @Test func confusionByHand() {
    let (truths, predictions) = ([0, 0, 1, 1, 1], [0, 1, 1, 1, 0])
    let confusion = ConfusionMatrix(truths: truths, predictions: predictions, classes: 3)
    #expect(confusion.counts == [[1, 1, 0], [1, 2, 0], [0, 0, 0]])
    #expect(isClose(confusion.accuracy, 0.6) && confusion.accuracy == accuracy(of: predictions, against: truths))
    #expect(confusion.classAccuracies[0] == 0.5 && isClose(confusion.classAccuracies[1], 2.0 / 3))
    #expect(confusion.classAccuracies[2] == nil && isClose(confusion.balancedAccuracy, 7.0 / 12))
  }

  @Test func nothingHasNoAccuracy() {
    let nothing = ConfusionMatrix(truths: [], predictions: [], classes: 2)
    #expect(nothing.accuracy == nil && nothing.balancedAccuracy == nil && accuracy(of: [], against: []) == nil)
  }

  @Test func averagePrecisionByHand() {
    // First tag: right at places 1 and 3: (1 + 2/3) / 2. Second: two tied at the top. Third: on no observation.
    let tags = matrix([[1, 1, 0], [0, 0, 0], [1, 1, 0], [0, 0, 0]])
    let scores = matrix([[0.9, 0.9, 0.1], [0.8, 0.9, 0.2], [0.7, 0.5, 0.3], [0.1, 0.1, 0.4]])
    let precision = TagPrecision(scores: scores, tags: tags)
    #expect(isClose(precision.averages[0], 5.0 / 6) && isClose(precision.averages[1], 0.5 * 0.5 + 0.5 * 2 / 3))
    #expect(precision.averages[2] == nil && isClose(precision.mean, (5.0 / 6 + 7.0 / 12) / 2))
  }

  @Test func averagePrecisionOfTiesAndOfNothing() {
    let tags = matrix([[1], [0], [0], [0]])
    #expect(TagPrecision(scores: Matrix(rows: 4, columns: 1), tags: tags).averages == [0.25])
    #expect(TagPrecision(scores: matrix([[.nan], [0], [0], [0]]), tags: tags).averages == [0.25])
    let nothing = TagPrecision(scores: Matrix(rows: 0, columns: 2), tags: Matrix(rows: 0, columns: 2))
    #expect(nothing.averages == [nil, nil] && nothing.mean == nil)
  }

  @Test func ridgeProbeSeparatesLinearClasses() throws {
    var features = normalMatrix(300, 4, seed: 8)
    let labels = (0..<300).map { $0 % 3 }
    for row in 0..<300 { features[row, labels[row]] += 8 }
    let probe = try RidgeProbe(features: features, labels: labels, classes: 3)
    #expect(try #require(accuracy(of: probe.predictions(for: features), against: labels)) > 0.99)
    // Scores of one-hot targets sum to 1, for their weights sum to 0 and their offsets to 1.
    let scores = probe.scores(for: features)
    #expect((0..<300).allSatisfy { abs(scores[row: $0].reduce(0, +) - 1) < 1e-4 })
  }

  @Test func ridgeProbeByHand() throws {
    // Features −1 and 1, classes 0 and 1: XᵀX = 2, XᵀY = (−1, 1), λ = 0.5 · 2: W = (−1, 1) / 3.
    let probe = try RidgeProbe(features: matrix([[-1], [1]]), labels: [0, 1], classes: 2, ridge: 0.5)
    let scores = probe.scores(for: matrix([[3]]))
    #expect(abs(scores[0, 0] + 0.5) < 1e-6 && abs(scores[0, 1] - 1.5) < 1e-6)
    #expect(throws: UserError.self) { try RidgeProbe(features: matrix([[.nan]]), labels: [0], classes: 1) }
  }
}
