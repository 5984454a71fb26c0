import Autograd
import Datasets
import Encoders
import Kernels

/// Words of texts of which some are to be told, as BERT draws them: of these 80 % are masked, 10 % become another word, 10 %
/// stay.
///
/// The first token and the last real one, which begin and end a text, are never drawn.
package struct MaskedWords {
  /// The texts as they are seen.
  package private(set) var tokens: [Int32]
  /// The places among all tokens that are to be told, ascending, of texts that are learnt from.
  package private(set) var places: [Int32] = []
  /// What stood there.
  package private(set) var truths: [Int32] = []

  /// Draws words.
  ///
  /// - Parameters:
  ///   - tokens: the numbers of texts of equal length, one after another.
  ///   - share: how many words are drawn.
  ///   - mask: the token that masks; nil for the one behind the vocabulary.
  ///   - learns: for each text whether its words are to be told; they are masked all the same.
  package init(
    _ tokens: [Int32], length: Int, share: Double, vocabulary: Int, mask: Int32? = nil, learns: [Bool],
    using stream: inout RandomStream
  ) {
    self.tokens = tokens
    let first = SubwordTokeniser.end + 1
    for row in learns.indices {
      let range = row * length..<(row + 1) * length
      let last = tokens[range].lastIndex { $0 != SubwordTokeniser.padding } ?? range.lowerBound
      for place in range {
        // Every place draws as much, so that no text depends on the others' lengths.
        let (draw, other) = (Double(stream.uniform()), stream.below(vocabulary - Int(first)))
        guard place > range.lowerBound, place < last, tokens[place] != SubwordTokeniser.padding, draw < share else {
          continue
        }
        if draw < 0.8 * share {
          self.tokens[place] = mask ?? Int32(vocabulary)
        } else if draw < 0.9 * share {
          self.tokens[place] = first + Int32(other)
        }
        guard learns[row] else { continue }
        places.append(Int32(place))
        truths.append(tokens[place])
      }
    }
  }

  /// No text.
  init() { tokens = [] }

  private init(tokens: [Int32], places: [Int32], truths: [Int32]) {
    (self.tokens, self.places, self.truths) = (tokens, places, truths)
  }

  /// Some of the texts, with what is to be told of them.
  ///
  /// - Parameter length: that of each text.
  package func rows(_ rows: Range<Int>, length: Int) -> MaskedWords {
    let range = rows.lowerBound * length..<rows.upperBound * length
    let own = places.indices.filter { range.contains(Int(places[$0])) }
    return MaskedWords(
      tokens: Array(tokens[range]), places: own.map { places[$0] - Int32(range.lowerBound) },
      truths: own.map { truths[$0] })
  }
}

/// Regions of which some are to be told: the features of most of these are zeros.
package struct MaskedRegions {
  /// The regions as they are seen; boxes stay.
  package private(set) var regions: RegionBatch
  /// The places among all regions that are to be told, ascending, of pictures that are learnt from.
  package private(set) var places: [Int32] = []

  /// Draws regions.
  ///
  /// - Parameters:
  ///   - share: how many regions are drawn.
  ///   - zeroed: the share of these whose features become zeros.
  ///   - learns: for each picture whether its regions are to be told; they are hidden all the same.
  package init(
    _ regions: RegionBatch, share: Double, zeroed: Double, learns: [Bool], using stream: inout RandomStream
  ) {
    self.regions = regions
    let count = regions.features.shape[1]
    var kept = [Float](repeating: 1, count: learns.count * count)
    var own = stream
    own.position = stream.take(kept.count)
    for place in kept.indices {
      let draw = Double(own.uniform())
      guard regions.isReal[place], draw < share else { continue }
      if draw < zeroed * share { kept[place] = 0 }
      if learns[place / count] { places.append(Int32(place)) }
    }
    self.regions.features = regions.features * Tensor(kept, shape: [learns.count, count, 1])
  }
}
