import Autograd
import Datasets
import Diagnostics
import Evaluation
import Evaluators
import Kernels
import Methods
import Search
import TextGeneration

/// A trained model as search, zero-shot classification and matching need it.
struct ModelEmbedder: Embedder {
  let data: SearchableData
  let scale: SimilarityScale
  var agreement: String? { model.reduced?.text }
  private let model: FrozenModel
  private let zeroShot: ZeroShotEvaluator
  private let decoding: DecodingOptions
  private let answers: DecodingOptions

  /// Opens a model.
  ///
  /// - Parameters:
  ///   - decoding: how captions are written unless something else is asked for.
  ///   - answers: how answers are written.
  ///   - own: the observations of the run's data, with the data's checksum, where they are looked through.
  /// - Throws: `UserError` where no modality is of pictures, or files cannot become such pictures.
  init(
    _ model: FrozenModel, zeroShot: ZeroShotEvaluator, decoding: DecodingOptions, answers: DecodingOptions,
    own: (split: MultimodalSplit, checksum: String)?
  ) throws {
    (self.model, self.zeroShot, self.decoding, self.answers) = (model, zeroShot, decoding, answers)
    let aligned = model.data
    guard let image = aligned.image, let side = aligned[model.side] else {
      throw UserError(
        .data, "the run has no modality of pictures, only \(model.names.joined(separator: ", "))",
        at: aligned.dataset.name, mend: "only runs with pictures can be searched")
    }
    if model.method.pairScorer != nil, model.captioner == nil, model.answerer == nil,
      try model.pictures([Float](repeating: 0, count: aligned.modalities[image].kind.elementCount), count: 1) == nil
    {
      throw Self.vectorless
    }
    // A method of pictures alone knows no texts.
    let captions = try aligned.captions.filter { try model.texts(["a"], in: $0) != nil }
    model.reduced?.forget()
    data = try SearchableData(
      aligned.dataset, side: own?.split ?? side, image: model.names[image], captions: captions.map { model.names[$0] },
      readers: Dictionary(
        uniqueKeysWithValues: aligned.vocabulary.captions.compactMap { caption in
          caption.reader.map { (caption.name, $0) }
        }), isChanged: own.map { $0.checksum != aligned.dataset.checksum } ?? false)
    scale = model.method.similarityScale ?? SimilarityScale(1, origin: "none, since the method has no temperature")
  }

  /// The error of asking for vectors where pictures and texts are only looked at together.
  private static var vectorless: UserError {
    UserError(
      .data, "names one that has no vectors of pictures by themselves", at: "method.name",
      mend: "such a run is measured by evaluation.evaluators=[pairRetrieval]")
  }

  func embed(pictures pixels: [Float], count: Int) throws -> Matrix {
    guard let found = try model.pictures(pixels, count: count) else {
      throw Self.vectorless
    }
    return found.normalisingRows()
  }

  func embed(texts: [String], caption: String) throws -> Matrix {
    guard let place = model.names.firstIndex(of: caption), let found = try model.texts(texts, in: place) else {
      preconditionFailure("ModelEmbedder: no captions \(caption)")
    }
    return found.features.normalisingRows()
  }

  func imagine(texts: [String], caption: String, draws: Int, seed: UInt64) throws -> ImaginedPictures? {
    guard let place = model.names.firstIndex(of: caption),
      let found = try model.pictures(for: texts, in: place, draws: draws, seed: seed)
    else { return nil }
    return ImaginedPictures(pixels: found.pixels, shape: found.shape)
  }

  var writing: CaptionWriting? {
    guard let method = model.captioner else { return nil }
    return CaptionWriting(modalities: method.writtenModalities.map { model.names[$0] }, options: decoding)
  }

  func captions(
    forPictures pixels: [Float], modality: String, options: DecodingOptions
  ) throws -> [[PictureCaption]]? {
    guard let place = model.names.firstIndex(of: modality) else { return nil }
    return model.captions(forPictures: pixels, in: place, options: options)?.map { texts in
      texts.map { PictureCaption(text: $0.text, score: $0.score, isFinished: $0.isFinished) }
    }
  }

  var answering: QuestionAnswering? {
    guard let method = model.answerer else { return nil }
    let examples = QuestionSet(model.data, caption: method.answeredModality).examples
    return QuestionAnswering(modality: model.names[method.answeredModality], options: answers, examples: examples)
  }

  func reading(ofQuestion question: String) -> QuestionReading? {
    guard let method = model.answerer else { return nil }
    return QuestionReading(
      tokenCount: method.reader.tokens(of: question).count, mostTokens: method.longestQuestion,
      unknownWords: method.reader.unknownWords(in: question), rareWords: method.reader.rareWords(in: question))
  }

  func answers(
    to question: String, aboutPictures pixels: [Float], count: Int, options: DecodingOptions
  ) throws -> [PictureAnswer]? {
    model.answers(
      to: [String](repeating: question, count: count), aboutPictures: pixels, options: options
    )?.map { PictureAnswer(text: $0.text, score: $0.score, isFinished: $0.isFinished) }
  }

  /// Where the classes themselves are a modality, its representations; else the mean of each class's prompts, where the
  /// recipe has prompts, templates or names for all of them.
  func embeddings(ofClasses labelling: String, caption: String?) throws -> Matrix? {
    let classes = model.data.classNames(labelling)
    if caption == nil,
      let place = model.data.modalities.firstIndex(where: { modality in
        modality.kind == .label(count: classes.count)
          && (modality.name == labelling || model.data.labellings.count == 1)
      })
    {
      let hot = classes.indices.flatMap { row in classes.indices.map { $0 == row ? Float(1) : 0 } }
      return model.items(.numbers(hot), of: place, count: classes.count)?.normalisingRows()
    }
    guard zeroShot.readsFiles, let first = data.captions.first,
      let place = model.names.firstIndex(of: caption ?? first.name)
    else { return nil }
    return try zeroShot.classTexts(of: model.data).prototypes(of: labelling, in: place, model)?.features.prototypes
  }
}
