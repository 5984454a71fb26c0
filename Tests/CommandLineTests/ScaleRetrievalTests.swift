import Foundation
import Testing

/// What a training on shards and a retrieval among all of their pairs hold does not grow with the pairs but by what must.
@Suite(.serialized) struct ScaleRetrievalTests {
  /// A part of a line of `concord bench --retrieval --json`.
  private struct Part: Decodable {
    let part: String
    let pairs: Int
    let embeddings: Double
    let memoryBefore: Double
    let peakMemory: Double

    private enum CodingKeys: String, CodingKey {
      case part, pairs
      case embeddings = "embeddings_mb"
      case memoryBefore = "memory_before_mb"
      case peakMemory = "peak_memory_mb"
    }

    /// What came in the part, in megabytes.
    var growth: Double { peakMemory - memoryBefore }
  }

  /// What a pair may take beside its embeddings in megabytes, 512 bytes.
  private static let item = 512.0 / 1_048_576

  private func parts(of pairs: Int) throws -> [String: Part] {
    let outcome = try Program.run(
      ["bench", "--retrieval", "--pictures", "\(pairs)", "--steps", ScaleTrial.isLarge ? "200" : "20"]
        + ["--batch", "32", "--threads", ScaleTrial.isLarge ? "2" : "1", "--json"])
    try #require(outcome.exitCode == 0, "\(outcome.errors)")
    let all = try outcome.output.split(separator: "\n").map {
      try JSONDecoder().decode(Part.self, from: Data($0.utf8))
    }
    #expect(all.map(\.part) == ["reading the set", "training, first half", "training, second half", "evaluation"])
    #expect(all.allSatisfy { $0.pairs == pairs && $0.peakMemory > 1 })
    for one in all {
      print(
        "scale test: \(one.pairs) pairs, \(one.part): at most \(one.peakMemory) MB, as it began \(one.memoryBefore) MB")
    }
    return Dictionary(uniqueKeysWithValues: all.map { ($0.part, $0) })
  }

  @Test func memoryDoesNotGrowWithThePairs() throws {
    let counts = ScaleTrial.isLarge ? [10_000, 100_000, 1_000_000] : [1_000, 8_000]
    let found = try counts.map { try parts(of: $0) }
    for parts in found {
      let (evaluation, second) = (try #require(parts["evaluation"]), try #require(parts["training, second half"]))
      let first = try #require(parts["training, first half"])
      // Decoded pictures, steps and their intermediate results come and go.
      let bound: Double = max(first.peakMemory, second.memoryBefore) + 24
      #expect(second.peakMemory <= bound)
      // The embeddings, some numbers for each pair, and blocks of a size of their own.
      let need: Double = evaluation.embeddings + Double(evaluation.pairs) * Self.item + 160
      #expect(evaluation.growth <= need, "\(evaluation)")
    }
    let (few, many) = (try #require(found.first?["evaluation"]), try #require(found.last?["evaluation"]))
    let more = Double(many.pairs - few.pairs)
    // All similarities would be 250 MB more of 8,000 pairs, and millions of megabytes of a million.
    let need: Double = few.growth + many.embeddings - few.embeddings + more * Self.item + 64
    #expect(many.growth <= need, "\(few), \(many)")
    // Captions, their tokens and the places of the pictures are in memory.
    let (small, large) = (try #require(found.first?["reading the set"]), try #require(found.last?["reading the set"]))
    let held: Double = small.growth + more * 4 * Self.item + 64
    #expect(large.growth <= held, "\(small), \(large)")
  }
}
