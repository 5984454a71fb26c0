import Autograd
import Datasets
import Encoders
import Kernels
import TextGeneration

/// A method that answers questions about pictures.
public protocol AnsweringMethod: AlignmentMethod {
  /// The place of the modality of pictures that is asked about.
  var askedModality: Int { get }

  /// The place of the captions that answers are written as.
  var answeredModality: Int { get }

  /// How questions and answers are read.
  var reader: QuestionReader { get }

  /// The most tokens of a question.
  var longestQuestion: Int { get }

  /// Answers a question about each picture, ``TextGeneration/DecodingOptions/textsPerRow`` times, one picture behind the other.
  ///
  /// - Parameters:
  ///   - questions: of at least one and at most ``longestQuestion`` tokens each.
  ///   - pictures: items of ``askedModality``; nil where the questions are asked alone.
  func answers(
    to questions: [String], about pictures: ModalityInput?, options: DecodingOptions, using stream: inout RandomStream
  ) -> [WrittenText]

  /// ln p of each token of given answers, the end among them.
  func answerLogLikelihoods(
    of answers: [String], to questions: [String], about pictures: ModalityInput?
  ) -> [[Double]]
}

/// Texts as a model that predicts the next token takes them, put together piece by piece with what is to be predicted, so that tokens
/// and targets cannot disagree.
package struct TextPieces {
  /// A piece of a text.
  package enum Piece {
    /// Tokens that are read.
    case given([Int32])
    /// Tokens that are to be predicted.
    case told([Int32])
  }

  /// What is taken in, `texts · length` tokens, padded by 0 behind each.
  package let words: [Int32]
  /// For each of them the token behind it where that is to be predicted.
  package let labels: [Int32?]
  /// The tokens of the longest text but its last.
  package let length: Int

  /// Joins the pieces of each text, of which there is at least one token.
  package init(_ texts: [[Piece]]) {
    let rows = texts.map { pieces -> [(token: Int32, isTold: Bool)] in
      pieces.flatMap { piece -> [(token: Int32, isTold: Bool)] in
        switch piece {
        case .given(let tokens): tokens.map { ($0, false) }
        case .told(let tokens): tokens.map { ($0, true) }
        }
      }
    }
    let length = max(1, (rows.map(\.count).max() ?? 1) - 1)
    var (words, labels): ([Int32], [Int32?]) = ([], [])
    for row in rows {
      for place in 0..<length {
        let isRead = place + 1 < row.count
        words.append(isRead ? row[place].token : SubwordTokeniser.padding)
        labels.append(isRead && row[place + 1].isTold ? row[place + 1].token : nil)
      }
    }
    self.init(words: words, labels: labels, length: length)
  }

  private init(words: [Int32], labels: [Int32?], length: Int) {
    (self.words, self.labels, self.length) = (words, labels, length)
  }

  /// Some of the texts, of the same length.
  package func rows(_ rows: Range<Int>) -> TextPieces {
    let places = rows.lowerBound * length..<rows.upperBound * length
    return TextPieces(words: Array(words[places]), labels: Array(labels[places]), length: length)
  }

  /// Whether anything is to be predicted.
  package var hasTargets: Bool { labels.contains { $0 != nil } }
}
