import Autograd
import Datasets
import Encoders
import Kernels
import TextGeneration

/// A method that writes captions for pictures.
public protocol CaptioningMethod: AlignmentMethod {
  /// The place of the modality of pictures that captions are written for.
  var describedModality: Int { get }

  /// The places of the modalities of captions that are written.
  var writtenModalities: [Int] { get }

  /// Writes captions for pictures, ``DecodingOptions/textsPerRow`` of each, one picture behind the other.
  ///
  /// - Parameters:
  ///   - pictures: items of ``describedModality``.
  ///   - place: one of ``writtenModalities``.
  ///   - banned: tokens that are not written, such as those of another language's pieces.
  func captions(
    for pictures: ModalityInput, in place: Int, banned: Set<Int32>, options: DecodingOptions,
    using stream: inout RandomStream
  ) -> [WrittenText]

  /// ln p of each token of given captions behind the begin token, the end among them; none for an empty caption.
  func tokenLogLikelihoods(
    of captions: ModalityInput, in place: Int, given pictures: ModalityInput
  ) -> [[Double]]

  /// Where each token of given captions behind the begin token looked, `[batch, steps, regions]`; nil where nobody can say.
  func attention(
    of captions: ModalityInput, in place: Int, given pictures: ModalityInput
  ) -> Tensor?
}

extension CaptioningMethod {
  /// Nobody can say.
  public func attention(
    of captions: ModalityInput, in place: Int, given pictures: ModalityInput
  ) -> Tensor? { nil }
}

/// Captions as a model that predicts the next token takes them: all tokens but the last, and what each is to predict.
public struct CaptionSteps {
  /// What is taken in, `batch · steps` tokens.
  public let words: [Int32]
  /// For each of them the token behind it; nil where there is none, which does not count.
  public let labels: [Int32?]
  /// The steps of the longest caption.
  public let steps: Int
  /// The steps of each caption: its tokens but for the begin token.
  public let counts: [Int]

  /// Divides captions.
  ///
  /// - Parameter captions: texts with begin and end, padded by 0 behind them.
  public init(_ captions: ModalityInput) {
    guard case .tokens(let tokens, let length) = captions, length > 1 else {
      preconditionFailure("CaptionSteps: captions are tokens, at least begin and end")
    }
    let batch = tokens.count / length
    let own = (0..<batch).map { row in
      max(0, tokens[row * length..<(row + 1) * length].prefix { $0 != 0 }.count - 1)
    }
    // An observation without a caption has a step that does not count.
    let most = max(1, own.max() ?? 1)
    var (words, labels): ([Int32], [Int32?]) = ([], [])
    for row in 0..<batch {
      let start = row * length
      words += tokens[start..<start + most]
      labels += (0..<most).map { $0 < own[row] ? tokens[start + $0 + 1] : nil }
    }
    self.init(words: words, labels: labels, steps: most, counts: own)
  }

  private init(words: [Int32], labels: [Int32?], steps: Int, counts: [Int]) {
    (self.words, self.labels, self.steps, self.counts) = (words, labels, steps, counts)
  }

  /// Some of the captions, with as many steps.
  func rows(_ rows: Range<Int>) -> CaptionSteps {
    let places = rows.lowerBound * steps..<rows.upperBound * steps
    return CaptionSteps(
      words: Array(words[places]), labels: Array(labels[places]), steps: steps, counts: Array(counts[rows]))
  }

  /// The log likelihoods of the labels, row by row.
  ///
  /// - Parameter logits: `[batch · steps, vocabulary]`.
  public func logLikelihoods(_ logits: Tensor) -> [[Double]] {
    let losses = logits.crossEntropy(targets: labels.map { $0 ?? 0 }).values
    return counts.indices.map { row in (0..<counts[row]).map { -Double(losses[row * steps + $0]) } }
  }
}
