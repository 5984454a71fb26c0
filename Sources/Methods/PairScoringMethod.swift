import Encoders

/// A method that looks at a picture and a text together and says how well they match, beside or in place of vectors that are
/// compared.
///
/// Such a score has to be computed for every pair by itself, so that to rank n texts for n pictures takes n² passes.
public protocol PairScoringMethod: AlignmentMethod {
  /// Whether its settings let it learn such a score; what has not learnt one must not be asked.
  var scoresPairs: Bool { get }

  /// How well some pictures and texts match, the first with the first and so on; the greater, the better.
  func pairScores(pictures: ModalityInput, texts: ModalityInput) -> [Float]

  /// The probability that some pictures and texts belong together, the first with the first and so on; nil where the method
  /// says nothing of a pair by itself.
  func matchProbabilities(pictures: ModalityInput, texts: ModalityInput) -> [Float]?

  /// The scores of some pairs among pictures and texts, which a method may look at once each.
  ///
  /// - Parameter pairs: for each pair the place of its picture and of its text.
  func pairScores(pictures: ModalityInput, texts: ModalityInput, pairs: [(picture: Int32, text: Int32)]) -> [Float]
}

extension PairScoringMethod {
  /// It learns one always.
  public var scoresPairs: Bool { true }

  /// It says nothing.
  public func matchProbabilities(pictures: ModalityInput, texts: ModalityInput) -> [Float]? { nil }

  /// Each pair by itself.
  public func pairScores(
    pictures: ModalityInput, texts: ModalityInput, pairs: [(picture: Int32, text: Int32)]
  ) -> [Float] {
    pairScores(pictures: pictures.gathering(pairs.map(\.picture)), texts: texts.gathering(pairs.map(\.text)))
  }
}

extension AlignmentMethod {
  /// The method where it scores pairs; nil for one that does not, or whose settings leave that out.
  public var pairScorer: (any PairScoringMethod)? {
    guard let method = self as? any PairScoringMethod, method.scoresPairs else { return nil }
    return method
  }
}
