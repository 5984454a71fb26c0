import Datasets
import Encoders
import Kernels
import Methods
import TextGeneration

/// An answer that a model has written.
public struct WrittenAnswer: Equatable, Sendable {
  /// The words.
  public let text: String
  /// ln p of the tokens, and of the end where it was written.
  public let score: Double
  /// Whether the end was written.
  public let isFinished: Bool
}

extension FrozenModel {
  /// The method where it answers questions; nil for one that does not.
  public var answerer: (any AnsweringMethod)? { method as? any AnsweringMethod }

  /// The first answer to a question about each picture; nil where the method answers none.
  ///
  /// - Parameter pixels: of the pictures, one after another, in 0…1.
  public func answers(
    to questions: [String], aboutPictures pixels: [Float], options: DecodingOptions
  ) -> [WrittenAnswer]? {
    guard let method = answerer else { return nil }
    let (block, size) = (Self.writtenRows, pixels.count / max(questions.count, 1))
    var stream = options.stream
    return stride(from: 0, to: questions.count, by: block).flatMap { start in
      let end = min(start + block, questions.count)
      return answers(
        to: Array(questions[start..<end]),
        about: inputs(.numbers(Array(pixels[start * size..<end * size])), of: method.askedModality), by: method,
        options: options, using: &stream)
    }
  }

  /// The same about items as encoders take them, or about nothing.
  func answers(
    to questions: [String], about pictures: ModalityInput?, by method: any AnsweringMethod, options: DecodingOptions,
    using stream: inout RandomStream
  ) -> [WrittenAnswer] {
    let found = method.answers(to: questions, about: pictures, options: options, using: &stream)
    return questions.indices.map { row in
      let text = found[row * options.textsPerRow]
      return WrittenAnswer(text: method.reader.text(of: text.tokens), score: text.score, isFinished: text.isFinished)
    }
  }
}
