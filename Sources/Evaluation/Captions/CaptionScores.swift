import Foundation

/// How near written captions are to those that people gave.
///
/// Captions are words, one after another; how texts become words is the caller's.
public enum CaptionScores {
  /// A caption and those it is held against, of which there is at least one.
  public struct Item: Equatable, Sendable {
    /// The written one.
    public let words: [String]
    /// What people gave.
    public let references: [[String]]

    /// Puts both together.
    public init(_ words: [String], references: [[String]]) {
      precondition(!references.isEmpty, "CaptionScores: no reference")
      (self.words, self.references) = (words, references)
    }
  }

  /// BLEU up to some length of word sequences over all items together (Papineni et al., ACL 2002): element n − 1 is BLEU-n.
  ///
  /// Counts are clipped by the references; the brevity penalty takes for each item the reference length that is nearest to
  /// its own, the shorter of two. Nothing is smoothed: without a hit of length n BLEU-n and those beyond are 0.
  public static func bleu(_ items: [Item], upTo most: Int = 4) -> [Double] {
    var (hits, totals) = ([Int](repeating: 0, count: most), [Int](repeating: 0, count: most))
    var (length, nearest) = (0, 0)
    for item in items {
      length += item.words.count
      nearest +=
        item.references.map(\.count).min {
          (abs($0 - item.words.count), $0) < (abs($1 - item.words.count), $1)
        } ?? 0
      for n in 1...most {
        let own = counts(item.words, n)
        var ceiling: [[String]: Int] = [:]
        for reference in item.references {
          for (gram, count) in counts(reference, n) { ceiling[gram] = max(ceiling[gram] ?? 0, count) }
        }
        hits[n - 1] += own.reduce(0) { $0 + min($1.value, ceiling[$1.key] ?? 0) }
        totals[n - 1] += own.values.reduce(0, +)
      }
    }
    guard length > 0 else { return [Double](repeating: 0, count: most) }
    let penalty = length >= nearest ? 1 : exp(1 - Double(nearest) / Double(length))
    var logs = 0.0
    return (0..<most).map { n in
      guard hits[n] > 0, totals[n] > 0 else {
        logs = -.infinity
        return 0
      }
      logs += log(Double(hits[n]) / Double(totals[n]))
      return logs == -.infinity ? 0 : penalty * exp(logs / Double(n + 1))
    }
  }

  /// CIDEr-D of each item (Vedantam et al., CVPR 2015), of at most 10: word sequences of up to four weighed by how few items'
  /// references have them.
  ///
  ///     s_n = Σ_g min(h_g, r_g) r_g / (‖h‖ ‖r‖) · exp(−(l_h − l_r)² / (2 · 6²)),   10 times the mean over n and references
  ///
  /// A length is the number of pairs of neighbouring words, as in the authors' code.
  public static func ciderD(_ items: [Item]) -> [Double] {
    var documents: [[String]: Int] = [:]
    for item in items {
      for gram in Set(item.references.flatMap { reference in (1...4).flatMap { counts(reference, $0).keys } }) {
        documents[gram, default: 0] += 1
      }
    }
    let total = log(Double(max(items.count, 1)))
    func vector(_ words: [String]) -> (weights: [[[String]: Double]], norms: [Double], length: Int) {
      let weights = (1...4).map { n in
        counts(words, n).reduce(into: [[String]: Double]()) {
          $0[$1.key] = Double($1.value) * (total - log(Double(max(1, documents[$1.key] ?? 0))))
        }
      }
      // Sums in an order that does not depend on the dictionary's.
      let norms = weights.map { $0.values.map { $0 * $0 }.sorted().reduce(0, +).squareRoot() }
      return (weights, norms, max(words.count - 1, 0))
    }
    return items.map { item in
      let own = vector(item.words)
      let scores = item.references.map { reference -> Double in
        let other = vector(reference)
        let distance = Double(own.length - other.length)
        let penalty = exp(-distance * distance / 72)
        return (0..<4).reduce(0.0) { sum, n in
          guard own.norms[n] > 0, other.norms[n] > 0 else { return sum }
          let products = own.weights[n].compactMap { gram, weight in
            other.weights[n][gram].map { min(weight, $0) * $0 }
          }
          return sum + products.sorted().reduce(0, +) / (own.norms[n] * other.norms[n]) * penalty
        } / 4
      }
      return 10 * scores.reduce(0, +) / Double(scores.count)
    }
  }

  /// The share of captions that are one of their references, word for word.
  public static func exactMatch(_ items: [Item]) -> Double {
    items.isEmpty ? 0 : Double(items.count { $0.references.contains($0.words) }) / Double(items.count)
  }

  private static func counts(_ words: [String], _ n: Int) -> [[String]: Int] {
    guard words.count >= n else { return [:] }
    return (0...(words.count - n)).reduce(into: [:]) { $0[Array(words[$1..<$1 + n]), default: 0] += 1 }
  }
}
