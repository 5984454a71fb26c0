import Diagnostics
import Kernels

/// Random views of captions: another caption of the same observation, words left out, neighbours exchanged.
///
/// A word keeps all its tokens. Begin and end stay, and one word always does.
public struct CaptionAugmentation: Sendable {
  /// Probabilities.
  public struct Options: Codable, Equatable, Sendable {
    /// The probability that another caption of the observation stands for the first, where there is one.
    public var alternativeProbability = 0.25
    /// The probability that a word is left out.
    public var deletionProbability = 0.1
    /// The probability that a word changes places with the next.
    public var exchangeProbability = 0.1

    /// The defaults.
    public init() {}

    /// Checks that the numbers make sense.
    ///
    /// - Throws: an error whose place is the option.
    public func validate() throws(UserError) {
      for (key, value) in [
        ("alternativeProbability", alternativeProbability), ("deletionProbability", deletionProbability),
        ("exchangeProbability", exchangeProbability),
      ] where !(0...1).contains(value) { throw UserError(.data, "must be in 0...1", at: key) }
    }
  }

  /// The numbers of a stream that lie between the views of neighbours; a view takes at most two for each word.
  static let draws: UInt64 = 1 << 16

  /// The settings in use.
  public let options: Options

  /// Creates the augmentation.
  public init(_ options: Options = Options()) { self.options = options }

  /// A view of each observation's caption, `count · length` tokens.
  ///
  /// - Parameters:
  ///   - captions: for each language or synonym, the captions of all observations, `length` tokens each, see
  ///     ``SubwordTokeniser``; the first is the usual one, and one of padding alone is none.
  ///   - rows: the observations.
  ///   - beginsWord: whether a token is the first piece of a word.
  ///   - changesWords: whether words are left out and exchanged; not where nobody knows which tokens are a word.
  ///   - stream: each view is decided by numbers of its own.
  public func views(
    of captions: [[Int32]], length: Int, rows: [Int], beginsWord: (Int32) -> Bool,
    changesWords: Bool = true, stream: inout RandomStream
  ) -> [Int32] {
    precondition(
      !captions.isEmpty && length < Self.draws / 4
        && rows.allSatisfy { row in row >= 0 && captions.allSatisfy { (row + 1) * length <= $0.count } },
      "CaptionAugmentation: rows outside the captions of \(length) tokens")
    var views: [Int32] = []
    views.reserveCapacity(rows.count * length)
    let start = stream.take(rows.count * Int(Self.draws))
    for (place, row) in rows.enumerated() {
      var own = stream
      own.position = start &+ UInt64(place) &* Self.draws
      let all = captions.map { $0[row * length..<(row + 1) * length] }
      var caption = all[0]
      if captions.count > 1, own.uniform() < Float(options.alternativeProbability) {
        let other = all[1 + own.below(captions.count - 1)]
        if other.first != SubwordTokeniser.padding { caption = other }
      }
      views += changesWords ? view(of: caption, beginsWord, stream: &own) : Array(caption)
    }
    return views
  }

  private func view(
    of caption: ArraySlice<Int32>, _ beginsWord: (Int32) -> Bool, stream: inout RandomStream
  ) -> [Int32] {
    let words = SubwordTokeniser.words(in: caption, beginsWord: beginsWord).map { places in
      caption[caption.startIndex + places.lowerBound..<caption.startIndex + places.upperBound]
    }
    var kept = words.filter { _ in stream.uniform() >= Float(options.deletionProbability) }
    if kept.isEmpty, !words.isEmpty { kept = [words[stream.below(words.count)]] }
    var place = 0
    while place + 1 < kept.count {
      if stream.uniform() < Float(options.exchangeProbability) {
        kept.swapAt(place, place + 1)
        place += 1
      }
      place += 1
    }
    let tokens = [SubwordTokeniser.begin] + kept.joined() + [SubwordTokeniser.end]
    return tokens + [Int32](repeating: SubwordTokeniser.padding, count: caption.count - tokens.count)
  }
}
