import Autograd
import Datasets
import Diagnostics
import Foundation
import Kernels
import Methods
import Recipes
import Runs
import TextGeneration
import Training

/// Trained networks that put pictures, and texts where they know any, into one space: what search, zero-shot
/// classification and matching need of a run, whatever its experiment.
///
/// Rows of embeddings have length 1, so that inner products are cosines.
public protocol Embedder {
  /// What the networks are searched in, and how it is brought to them.
  var data: SearchableData { get }

  /// What multiplies cosines before a softmax makes probabilities of them.
  var scale: SimilarityScale { get }

  /// The embeddings of pictures, `[count, dimension]`.
  ///
  /// - Parameter pixels: `[count, height, width, channels]` in 0…1, as ``SearchableData/form`` makes them.
  func embed(pictures pixels: [Float], count: Int) throws -> Matrix

  /// The embeddings of texts, `[texts, dimension]`, by the encoder of captions of a modality; there is one where
  /// ``SearchableData/captions`` names any.
  func embed(texts: [String], caption: String) throws -> Matrix

  /// A picture that is written for each text, `[texts, height, width, channels]` in 0…1; `nil` where the networks write none.
  ///
  /// - Parameters:
  ///   - caption: the modality of captions that the texts are read as.
  ///   - draws: how many pictures of each text, from codes drawn from what the text leaves open; 0 writes one from their mean.
  ///   - seed: of the draws.
  func imagine(texts: [String], caption: String, draws: Int, seed: UInt64) throws -> ImaginedPictures?

  /// What captions are written for pictures, and how the run's recipe writes them; `nil` where the networks write none.
  var writing: CaptionWriting? { get }

  /// The captions that are written for pictures, some for each as the options say; `nil` where the networks write none of the
  /// modality.
  ///
  /// - Parameter pixels: `[count, height, width, channels]` in 0…1, as ``SearchableData/form`` makes them.
  func captions(
    forPictures pixels: [Float], modality: String, options: DecodingOptions
  ) throws -> [[PictureCaption]]?

  /// What the networks can be asked about pictures, and how the run's recipe writes answers; `nil` where they answer nothing.
  var answering: QuestionAnswering? { get }

  /// How a question is read; `nil` where the networks answer nothing.
  func reading(ofQuestion question: String) -> QuestionReading?

  /// The answers to a question about each of some pictures; `nil` where the networks answer nothing.
  ///
  /// - Parameters:
  ///   - question: of at least one token and of not too many, see ``reading(ofQuestion:)``.
  ///   - pixels: `[count, height, width, channels]` in 0…1, as ``SearchableData/form`` makes them.
  func answers(
    to question: String, aboutPictures pixels: [Float], count: Int, options: DecodingOptions
  ) throws -> [PictureAnswer]?

  /// How near embeddings in 8-bit integers came to those in float32, in words; nil where they are float32.
  var agreement: String? { get }

  /// The embeddings of the classes of a labelling, `[classes, dimension]`, where the experiment has better ones than those
  /// of the classes' names read as texts; `nil` otherwise.
  func embeddings(ofClasses labelling: String, caption: String?) throws -> Matrix?
}

/// What captions networks write.
public struct CaptionWriting: Sendable {
  /// The modalities of captions that are written, of which there is at least one.
  public let modalities: [String]
  /// How the run's recipe writes them.
  public let options: DecodingOptions

  /// Puts both together.
  public init(modalities: [String], options: DecodingOptions) {
    precondition(!modalities.isEmpty, "CaptionWriting: no modality")
    (self.modalities, self.options) = (modalities, options)
  }
}

/// A caption that networks have written for a picture.
public struct PictureCaption: Equatable, Sendable {
  /// The words.
  public let text: String
  /// ln p of its tokens and its end.
  public let score: Double
  /// Whether it came to its end before the greatest length.
  public let isFinished: Bool

  /// Puts them together.
  public init(text: String, score: Double, isFinished: Bool) {
    (self.text, self.score, self.isFinished) = (text, score, isFinished)
  }
}

/// What networks can be asked about pictures.
public struct QuestionAnswering: Sendable {
  /// The modality of captions whose language is spoken.
  public let modality: String
  /// How the run's recipe writes answers.
  public let options: DecodingOptions
  /// Some questions of the kinds that the networks were trained on.
  public let examples: [String]

  /// Puts them together.
  public init(modality: String, options: DecodingOptions, examples: [String]) {
    (self.modality, self.options, self.examples) = (modality, options, examples)
  }
}

/// How a question is read.
public struct QuestionReading: Equatable, Sendable {
  /// The number of tokens.
  public let tokenCount: Int
  /// The most tokens that a question may have.
  public let mostTokens: Int
  /// The words with signs that no training text has.
  public let unknownWords: [String]
  /// The words that no training text has as a whole word.
  public let rareWords: [String]

  /// Puts them together.
  public init(tokenCount: Int, mostTokens: Int, unknownWords: [String], rareWords: [String]) {
    (self.tokenCount, self.mostTokens) = (tokenCount, mostTokens)
    (self.unknownWords, self.rareWords) = (unknownWords, rareWords)
  }
}

/// An answer that networks have written to a question about a picture.
public struct PictureAnswer: Equatable, Sendable {
  /// The words.
  public let text: String
  /// ln p of its tokens and its end.
  public let score: Double
  /// Whether it came to its end before the greatest length.
  public let isFinished: Bool

  /// Puts them together.
  public init(text: String, score: Double, isFinished: Bool) {
    (self.text, self.score, self.isFinished) = (text, score, isFinished)
  }
}

/// Pictures that networks have written.
public struct ImaginedPictures: Sendable {
  /// The pixels, `[count, height, width, channels]` in 0…1.
  public let pixels: [Float]
  /// `[height, width, channels]`
  public let shape: [Int]

  /// Puts them together.
  public init(pixels: [Float], shape: [Int]) { (self.pixels, self.shape) = (pixels, shape) }

  /// How many there are.
  public var count: Int { pixels.count / max(shape.reduce(1, *), 1) }
}

extension Embedder {
  /// They write no pictures.
  public func imagine(texts: [String], caption: String, draws: Int, seed: UInt64) throws -> ImaginedPictures? { nil }

  /// They write no captions.
  public var writing: CaptionWriting? { nil }

  /// They write no captions.
  public func captions(
    forPictures pixels: [Float], modality: String, options: DecodingOptions
  ) throws -> [[PictureCaption]]? { nil }

  /// They answer nothing.
  public var answering: QuestionAnswering? { nil }

  /// They answer nothing.
  public func reading(ofQuestion question: String) -> QuestionReading? { nil }

  /// They answer nothing.
  public func answers(
    to question: String, aboutPictures pixels: [Float], count: Int, options: DecodingOptions
  ) throws -> [PictureAnswer]? { nil }

  /// Embeddings are float32.
  public var agreement: String? { nil }

  /// Classes are their names.
  public func embeddings(ofClasses labelling: String, caption: String?) throws -> Matrix? { nil }
}

/// An experiment whose trained networks can be searched.
public protocol SearchableExperiment: Experiment {
  /// Opens the networks of a seed.
  ///
  /// - Parameters:
  ///   - checkpoint: the parameters, a file of ``Checkpoint``.
  ///   - context: where data and cache are; its folder is the seed's, which keeps what is needed of the data.
  ///   - observations: whether the run's own observations are looked through, for which its data must be there.
  ///   - precision: what layers multiply.
  /// - Throws: `UserError` where the seed keeps nothing of its data or they are wanted and missing, the checkpoint does not
  ///   fit, or there are no pictures to search.
  func embedder(
    seed: Int, settings: Settings, checkpoint: URL, context: SeedContext, observations: Bool,
    precision: InferencePrecision
  ) throws -> any Embedder
}

extension SearchableExperiment {
  /// Opens the networks of a seed in float32.
  public func embedder(
    seed: Int, settings: Settings, checkpoint: URL, context: SeedContext, observations: Bool
  ) throws -> any Embedder {
    try embedder(
      seed: seed, settings: settings, checkpoint: checkpoint, context: context, observations: observations,
      precision: .float32)
  }
}
