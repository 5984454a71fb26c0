import Autograd
import Datasets
import Encoders
import Evaluation
import Kernels
import Layers
import Methods
import Options
import Training

/// What codes stand for: the patches and words that activate each most, and how pure their classes are.
///
/// Without a codebook, k-means clusters of the same parts take the place of the codes.
public struct ConceptsEvaluator: Evaluator {
  /// `concepts`
  public static var key: String { "concepts" }
  /// In a few words.
  public static var summary: String { "purity of what activates each code, or of clusters of parts" }

  /// A file that names the shown codes, their words and patches; the pictures stand in a `PictureGridFile` of the name
  /// `codes`.
  static let fileName = "codes.json"
  static let picturesName = "codes"

  /// The number of concepts, codes or clusters, whose purity is measured.
  public var count = 128
  /// The examples of each concept.
  public var examplesPerConcept = 10
  /// The codes that are drawn with their patches and words; 0 for none.
  public var shownCodes = 16
  /// The observations whose parts are looked at.
  public var observations = 1_000

  /// The defaults.
  public init() {}

  /// What the numbers must be.
  public var requirements: [OptionRequirement] {
    [
      .count("count", count), .count("examplesPerConcept", examplesPerConcept),
      .count("shownCodes", shownCodes, atLeast: 0), .count("observations", observations),
    ]
  }

  /// The purity of concepts, by patches and by the words of each modality of captions; writes the files of the codes.
  public func tables(of model: FrozenModel, after earlier: [EvaluationTable]) throws -> [EvaluationTable] {
    guard let image = model.data.image, let encoders = model.method.encoders,
      try model.representations(of: model.side, by: [image]) != nil
    else { return [] }
    let search = ConceptSearch(options: self, model: model, image: image, encoders: encoders)
    return [try search.table()]
  }

  /// What concepts are.
  public func notes(on model: FrozenModel) -> [String] {
    let hasCodes = (model.method as? any CodebookMethod)?.hasCodes == true
    return [
      hasCodes
        ? "Scores \"by codes\" compare the weights on the codes instead of the features. Purity: of the \(count) most used "
          + "codes, the \(examplesPerConcept) strongest patches or words."
        : "Purity: of \(count) k-means clusters of patches or words, the \(examplesPerConcept) nearest to the centre."
    ]
  }
}

/// The parts of one model's items, with what they have to do with concepts.
struct ConceptSearch {
  let options: ConceptsEvaluator
  let model: FrozenModel
  let image: Int
  let encoders: EncoderSet

  /// Parts of observations with what each has to do with each concept.
  struct Parts {
    /// `[parts, concepts]`, or the parts' own vectors without a codebook.
    var values: [Float] = []
    /// The observation of each part.
    var owners: [Int] = []
    /// The place of each part in its observation, the number of its patch; none for words.
    var places: [Int] = []
    /// The word that each part is; none for patches.
    var words: [String] = []
    /// How many parts an observation has.
    var perObservation = 0

    var matrix: Matrix {
      Matrix(rows: owners.count, columns: values.count / max(owners.count, 1), values: values)
    }
  }

  /// The different texts of a modality of captions, by an observation of each.
  private struct Words {
    let place: Int
    let parts: Parts
  }

  private var codebook: (any CodebookMethod)? {
    (model.method as? any CodebookMethod).flatMap { $0.hasCodes ? $0 : nil }
  }

  func table() throws -> EvaluationTable {
    let use = try use()
    let codes = mostUsed(use)
    let rows = Array(0..<model.data.count(model.side)).evenlySpread(options.observations)
    let patches = try patchParts(of: rows, codes: codes)
    let patchExamples = try examples(patches, name: "patches")
    var groups = [(name: "patches", examples: patchExamples, owners: patches.owners)]
    var words: [Words] = []
    for caption in model.data.captions where try model.representations(of: model.side, by: [caption]) != nil {
      let parts = try wordParts(of: caption, codes: codes)
      groups.append(
        (
          "words of \(model.names[caption])", try examples(parts, name: model.names[caption]), parts.owners
        ))
      words.append(Words(place: caption, parts: parts))
    }
    var table = EvaluationTable("purity")
    for group in groups {
      for labelling in model.data.labellings {
        guard let labels = model.data.labels(labelling, of: model.side) else { continue }
        table.add(
          .named(group.name), .share(labelling), group.examples?.purity(labels: group.owners.map { Int(labels[$0]) }))
      }
    }
    if !codes.isEmpty, let patchExamples, options.shownCodes > 0, model.folder != nil {
      try CodeCards(search: self, use: use).write(
        codes, patches: patches, patchExamples, words: words.map { ($0.place, $0.parts) })
    }
    return table
  }

  /// The mean weights of pictures and of texts on each code; a text that several observations share counts once.
  private func use() throws -> [(image: Double, text: Double)] {
    let pictured = model.data.presence(model.side).observations(having: [image])
    guard let images = try model.codeWeights(of: image, at: pictured, on: model.side) else { return [] }
    func means(_ weights: Matrix) -> [Double] { weights.columnMeans().map(Double.init) }
    var texts: [[Double]] = []
    for caption in model.data.captions {
      let rows = try differentTexts(of: caption).map(\.row)
      guard let weights = try model.codeWeights(of: caption, at: rows, on: model.side) else { continue }
      texts.append(means(weights))
    }
    return means(images).enumerated().map { code, image in
      (image, texts.reduce(0) { $0 + $1[code] } / Double(max(texts.count, 1)))
    }
  }

  /// The codes of the greatest mean weight over both modalities; of equal ones the lower first.
  private func mostUsed(_ use: [(image: Double, text: Double)]) -> [Int] {
    let use = use.map { $0.image + $0.text }
    return Array(use.indices.sorted { (use[$1], $0) < (use[$0], $1) }.prefix(options.count)).filter { use[$0] > 0 }
  }

  private func scores(of place: Int, _ input: ModalityInput, codes: [Int]) -> Tensor {
    Tape.withoutRecording {
      codebook.map { $0.partScores(of: place, input, codes: codes) }
        ?? encoders.encoding(of: place, input, in: .evaluation).parts
    }
  }

  /// The pixels of some observations in 0…1, with their shape.
  func pixels(_ rows: some Collection<Int>) throws -> (values: [Float], shape: [Int]) {
    guard case .image(let height, let width, let channels) = model.data.modalities[image].kind,
      case .numbers(let values) = try model.data.items(of: image, at: rows, in: model.side)
    else { return ([], []) }
    return (values, [rows.count, height, width, channels])
  }

  var patchSize: Int? { encoders.patchSize }

  /// The patches of some observations that are not of one colour.
  private func patchParts(of rows: [Int], codes: [Int], batchSize: Int = 64) throws -> Parts {
    var parts = Parts()
    for start in stride(from: 0, to: rows.count, by: batchSize) {
      try model.checkInterruption()
      let own = Array(rows[start..<min(start + batchSize, rows.count)])
      let (pixels, shape) = try pixels(own)
      let scores = scores(of: image, try model.input(image, own, model.side), codes: codes)
      let (count, width) = (scores.shape[1], scores.shape[2])
      let values = scores.values
      parts.perObservation = count
      let grid = PatchGrid(image: shape, patches: count, patchSize: patchSize)
      for (row, owner) in own.enumerated() {
        for patch in 0..<count where !grid.isPlain(patch, of: row, pixels) {
          let first = (row * count + patch) * width
          parts.values += values[first..<first + width]
          parts.owners.append(owner)
          parts.places.append(patch)
        }
      }
    }
    return parts
  }

  /// For each different text an observation that has it, and its tokens.
  private func differentTexts(of caption: Int) throws -> [(row: Int, tokens: [Int32])] {
    let rows = model.data.presence(model.side).observations(having: [caption])
    guard case .tokens(let tokens) = try model.data.items(of: caption, at: rows, in: model.side) else { return [] }
    let length = tokens.count / max(rows.count, 1)
    return model.data.differentTexts(of: caption, at: rows, in: model.side).firsts.map {
      (rows[$0], Array(tokens[$0 * length..<($0 + 1) * length]))
    }
  }

  /// The words of the different texts of a modality: of the pieces of a word the greatest score of each code, or without
  /// codes the mean of their vectors.
  private func wordParts(of caption: Int, codes: [Int], batchSize: Int = 256) throws -> Parts {
    let texts = try differentTexts(of: caption)
    var parts = Parts()
    let vocabulary = model.data.vocabulary
    guard let language = vocabulary.caption(named: model.names[caption]) else { return parts }
    for start in stride(from: 0, to: texts.count, by: batchSize) {
      try model.checkInterruption()
      let own = texts[start..<min(start + batchSize, texts.count)]
      let tokens = own.flatMap(\.tokens)
      let scores = scores(of: caption, .tokens(tokens, length: language.textLength), codes: codes)
      let (count, width) = (scores.shape[1], scores.shape[2])
      let values = scores.values
      for (row, text) in own.enumerated() {
        for word in vocabulary.words(in: text.tokens, of: language) {
          // What is said of a word's writing is no part of it.
          let pieces = word.places.filter { text.tokens[$0] >= SubwordTokeniser.firstByte }.map { place in
            Array(values[(row * count + place) * width..<(row * count + place + 1) * width])
          }
          parts.values += Self.joining(pieces, byGreatest: codebook != nil)
          parts.owners.append(text.row)
          parts.words.append(word.text)
        }
      }
    }
    return parts
  }

  /// The greatest number of some vectors in each place, or their mean.
  private static func joining(_ vectors: [[Float]], byGreatest: Bool) -> [Float] {
    guard var joined = vectors.first else { return [] }
    for vector in vectors.dropFirst() {
      for place in joined.indices {
        joined[place] = byGreatest ? max(joined[place], vector[place]) : joined[place] + vector[place]
      }
    }
    return byGreatest ? joined : joined.map { $0 / Float(vectors.count) }
  }

  /// The strongest parts of each concept: by the codes' scores, or the nearest to each centre of clusters.
  private func examples(_ parts: Parts, name: String) throws -> ConceptExamples? {
    guard !parts.owners.isEmpty else { return nil }
    var scores = parts.matrix
    if codebook == nil {
      let rows = scores.normalisingRows()
      var stream = RandomStreams.stream("clusters/\(name)", seed: model.seed)
      let centres = KMeansClusters(of: rows, count: min(options.count, rows.rows), using: &stream).centres
      // ⟨x, c⟩ − ‖c‖² / 2 is the greater, the nearer c is to a row of length 1.
      scores = rows.multiplied(by: centres, transposingOther: true)
        .subtractingFromRows(centres.rowLengths().map { $0 * $0 / 2 })
    }
    return ConceptExamples(scores: scores, owners: parts.owners, count: options.examplesPerConcept)
  }
}
