import Evaluation
import Kernels
import Testing

@Suite struct CodebookHealthTests {
  @Test func threeCodesByHand() throws {
    let images = Matrix(rows: 2, columns: 3, values: [1, 0, 0, 0.5, 0.5, 0])
    let texts = Matrix(rows: 2, columns: 3, values: [1, 0, 0, 0, 1, 0])
    let health = try #require(CodebookHealth(images, texts))
    let (pictured, named) = (try #require(CodebookHealth.use(of: images)), try #require(CodebookHealth.use(of: texts)))
    #expect(pictured.support == 1.5 && named.support == 1)
    #expect(abs(pictured.usedShare - 2 / 3) < 1e-12)
    // Mean weights ¾ and ¼: exp of ¾ ln(4/3) + ¼ ln 4. Texts: ½ and ½.
    #expect(abs(pictured.perplexity - 1.7547654) < 1e-6)
    #expect(abs(named.perplexity - 2) < 1e-9)
    // Matching: 1/1 and 1/2; not matching, shifted by one: image 0 with text 1, image 1 with text 0: 0 and 1/2.
    #expect(health.matchedOverlap == 0.75 && health.mismatchedOverlap == 0.25)
    // Heaviest codes: 0 and, the first of equals, 0; 0 and 1.
    #expect(health.matchedAgreement == 0.5 && health.mismatchedAgreement == 0.5)
    let half = 0.5.squareRoot()
    #expect(abs(health.matchedCosine - (1 + half) / 2) < 1e-9)
    #expect(abs(health.mismatchedCosine - half / 2) < 1e-9)
  }

  @Test func oneObservationHasNoMismatch() {
    #expect(CodebookHealth(Matrix(rows: 1, columns: 2), Matrix(rows: 1, columns: 2)) == nil)
    #expect(CodebookHealth.use(of: Matrix(rows: 2, columns: 2, values: [1, 0, 1, 0]))?.usedShare == 0.5)
    #expect(CodebookHealth.use(of: Matrix(rows: 1, columns: 2, values: [0.5, 0.5]))?.support == 2)
    #expect(CodebookHealth.use(of: Matrix(rows: 0, columns: 2)) == nil)
    #expect(CodebookHealth(Matrix(rows: 0, columns: 2), Matrix(rows: 0, columns: 2)) == nil)
  }

  @Test func weightsOfZeroOverlapNowhere() throws {
    let health = try #require(CodebookHealth(Matrix(rows: 2, columns: 2), Matrix(rows: 2, columns: 2)))
    let use = try #require(CodebookHealth.use(of: Matrix(rows: 2, columns: 2)))
    #expect(use.support == 0 && use.usedShare == 0 && use.perplexity == 1)
    #expect(health.matchedOverlap == 0 && health.matchedCosine == 0)
  }
}

@Suite struct ConceptTests {
  @Test func clustersFindWellSeparatedGroups() {
    var stream = RandomStream(seed: 1, name: "rows")
    var rows = Matrix(rows: 30, columns: 2)
    for row in 0..<30 {
      let group = Float(row % 3)
      rows[row, 0] = group * 10 + stream.uniform()
      rows[row, 1] = group * -5 + stream.uniform()
    }
    for seed in 0..<5 {
      var stream = RandomStream(seed: UInt64(seed), name: "clusters")
      let clusters = KMeansClusters(of: rows, count: 3, using: &stream)
      #expect(Set(clusters.assignments).count == 3)
      for row in 3..<30 { #expect(clusters.assignments[row] == clusters.assignments[row % 3]) }
      for row in 0..<3 {
        #expect(abs(clusters.centres[clusters.assignments[row], 0] - Float(row) * 10 - 0.5) < 0.35)
      }
    }
  }

  @Test func clustersOfEqualRowsEnd() {
    var stream = RandomStream(seed: 1, name: "clusters")
    let rows = Matrix(rows: 4, columns: 1, repeating: 2)
    let clusters = KMeansClusters(of: rows, count: 4, using: &stream)
    #expect(clusters.centres == rows)
    var again = RandomStream(seed: 1, name: "clusters")
    #expect(KMeansClusters(of: rows, count: 4, using: &again).assignments == clusters.assignments)
  }

  @Test func examplesTakeOnePartOfAnObservation() {
    // Parts 0 and 1 are of observation 0; concept 0 is strongest there, concept 1 in observation 1.
    let scores = Matrix(rows: 4, columns: 2, values: [5, 0, 4, 1, 3, 9, .nan, 2])
    let found = ConceptExamples(scores: scores, owners: [0, 0, 1, 2], count: 2)
    #expect(found.examples[0].map(\.part) == [0, 2])
    #expect(found.examples[1].map(\.part) == [2, 3])
    // Concept 0 has labels a and b, concept 1 has b twice.
    #expect(found.purity(labels: [7, 7, 8, 8]) == 0.75)
    #expect(ConceptExamples(scores: Matrix(rows: 0, columns: 2), owners: [], count: 1).purity(labels: []) == nil)
  }

  @Test func equalScoresGoToTheEarlierPart() {
    let found = ConceptExamples(scores: Matrix(rows: 3, columns: 1, repeating: 1), owners: [2, 1, 0], count: 2)
    #expect(found.examples[0].map(\.part) == [0, 1])
  }

  @Test func objectRecallByHand() {
    let present = Matrix(rows: 3, columns: 3, values: [1, 1, 0, 0, 0, 1, 0, 0, 0])
    let scores = Matrix(rows: 3, columns: 3, values: [0.9, 0.1, 0.5, 0.1, 0.2, 0.3, 1, 1, 1])
    let found = ObjectRecall(scores: scores, present: present)
    // Picture 0 finds one of two, picture 1 its only one; picture 2 has none.
    #expect(found.recall == 0.75 && found.complete == 0.5 && found.chance == 0.5)
    let several = ObjectRecall(scores: scores, present: present, fewest: 2)
    #expect(several.recall == 0.5 && several.complete == 0)
    let none = ObjectRecall(scores: Matrix(rows: 0, columns: 3), present: Matrix(rows: 0, columns: 3))
    #expect(none.recall == nil && none.complete == nil && none.chance == nil)
  }

  @Test func equalAndBrokenScoresAreNoHits() {
    let present = Matrix(rows: 1, columns: 3, values: [0, 0, 1])
    #expect(ObjectRecall(scores: Matrix(rows: 1, columns: 3), present: present).recall == 0)
    let broken = Matrix(rows: 1, columns: 3, values: [.nan, .nan, -5])
    #expect(ObjectRecall(scores: broken, present: present).recall == 1)
  }
}
