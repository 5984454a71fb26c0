import Autograd
import Datasets
import Diagnostics
import Encoders
import Kernels
import Options

/// A batch of training observations, whose items are made when they are asked for, each once.
///
/// What is drawn for a row comes from its place in the batch, so that it does not depend on what else is asked for.
public final class TrainingBatch {
  /// The observations.
  public let rows: [Int]
  /// How many steps were made before this one.
  public let step: Int
  /// The training's random state.
  public let streams: RandomStreams
  private let data: AlignedData
  private let makeInput: InputMaker
  private var drawnItems: [ModalityInput]?
  private var drawnImageViews: [ModalityInput] = []
  private var drawnCaptionViews: [ModalityInput] = []
  /// The numbers of items that were asked for last.
  private var knownNumbers: (places: [Int], numbers: [[Int]])?

  /// The streams that views come from.
  public static let viewStreams = ["augment images", "augment captions"]
  /// The stream that changes of items come from.
  public static let itemStream = "augmentation"

  /// Describes a batch.
  public init(rows: [Int], step: Int, streams: RandomStreams, data: AlignedData, inputs: InputMaker) {
    (self.rows, self.step, self.streams, self.data, makeInput) = (rows, step, streams, data, inputs)
  }

  /// The number of observations.
  public var count: Int { rows.count }

  /// The items of all modalities, pictures changed where that is wanted; zeros, or an empty text, for what is missing.
  public func inputs() throws -> [ModalityInput] {
    if let drawnItems { return drawnItems }
    let items = try data.modalities.indices.map(items(of:))
    drawnItems = items
    return items
  }

  /// For each modality the items of the observations that have it, as ``presence`` names them; nil where fewer than two
  /// have.
  ///
  /// Zeros in place of what is missing would move the statistics of batch norm.
  func presentInputs() throws -> [ModalityInput?] {
    try inputs().enumerated().map { place, input in present(input, of: place) }
  }

  /// Those of a batch's items of a modality whose observations have it; nil where fewer than two have.
  func present(_ input: ModalityInput, of place: Int) -> ModalityInput? {
    guard let places = presence?[place], places.count < count else { return input }
    return places.count > 1 ? input.gathering(places) : nil
  }

  /// The items of a modality, made anew.
  func items(of place: Int) throws -> ModalityInput {
    makeInput(try data.trainingItems(of: place, at: rows, using: &streams[Self.itemStream]), of: place)
  }

  /// A random view of each caption of a modality.
  func captionView(of place: Int) throws -> ModalityInput {
    makeInput(try data.captionViews(rows, of: place, using: &streams[Self.viewStreams[1]]), of: place)
  }

  /// The same for some modalities alone; nil for the others, whose items are not made.
  func presentInputs(among places: Set<Int>) throws -> [ModalityInput?] {
    try data.modalities.indices.map { place in
      places.contains(place) ? present(try items(of: place), of: place) : nil
    }
  }

  /// The first or second random view of each picture.
  public func imageViews(_ number: Int) throws -> ModalityInput {
    guard let image = data.image else { preconditionFailure("TrainingBatch: views of pictures without pictures") }
    while drawnImageViews.count <= number {
      let items = try data.imageViews(rows, using: &streams[Self.viewStreams[0]])
      drawnImageViews.append(makeInput(items, of: image))
    }
    return drawnImageViews[number]
  }

  /// The first or second random view of each caption.
  public func captionViews(_ number: Int) throws -> ModalityInput {
    guard let caption = data.captions.first else { preconditionFailure("TrainingBatch: views of captions without any") }
    while drawnCaptionViews.count <= number {
      let items = try data.captionViews(rows, using: &streams[Self.viewStreams[1]])
      drawnCaptionViews.append(makeInput(items, of: caption))
    }
    return drawnCaptionViews[number]
  }

  /// The tags that are trained with, `[batch, tags]`; nil without tags.
  public var tags: Tensor? { data.trainingTags(at: rows).map { Tensor($0) } }

  /// The numbers to predict, nil where an observation has none; nil where nothing is to be predicted.
  public var targets: [Float?]? { data.targets(at: rows, in: .train) }

  /// The classes under a labelling.
  public func labels(_ labelling: String) -> [Int32] {
    guard let labels = data.labels(labelling, of: .train) else { preconditionFailure("TrainingBatch: no \(labelling)") }
    return rows.map { labels[$0] }
  }

  /// For each modality the places in the batch, ascending, of the observations that have it; nil where none lacks any.
  public var presence: [[Int32]]? { data.presence(.train).places(in: rows) }

  /// Whether an observation of the batch has a modality.
  public func isPresent(_ modality: Int, at place: Int) -> Bool { data.presence(.train)[modality, rows[place]] }

  /// For each observation a key that those share which have an equal text, picture or sound in one of some modalities, and
  /// which are no negatives of each other; nil where none do, or where they are to be negatives.
  public func sharing(_ places: [Int]) -> [Int]? {
    guard data.options.sparesEqualItems else { return nil }
    var keys = Array(0..<count)
    for place in places {
      guard let numbers = itemNumbers(of: place) else { continue }
      var first: [Int: Int] = [:]
      keys = Self.joining(
        keys,
        numbers.enumerated().map { place, number in
          if number >= 0, let known = first[number] { return known }
          first[number] = place
          return place
        })
    }
    return Set(keys).count < count ? keys : nil
  }

  /// The same for two modalities.
  public func sharing(_ first: Int, _ second: Int) -> [Int]? { sharing([first, second]) }

  /// The numbers of the items of a modality that the observations are trained with.
  private func itemNumbers(of place: Int) -> [Int]? {
    data.trainingItemNumbers(of: place, at: data.trainingRows(of: place, at: rows))
  }

  /// For each observation the numbers of its items of some modalities, −1 where it has none or they are not known, for
  /// queues of past keys; nil where equal items are to be negatives.
  public func itemNumbers(of places: [Int]) -> [[Int]]? {
    guard data.options.sparesEqualItems else { return nil }
    if let known = knownNumbers, known.places == places { return known.numbers }
    let numbers = places.map { itemNumbers(of: $0) }
    let found = rows.indices.map { row in numbers.map { $0?[row] ?? -1 } }
    knownNumbers = (places, found)
    return found
  }

  /// Keys that are the same where either of two are.
  static func joining(_ first: [Int], _ second: [Int]) -> [Int] {
    var keys = first
    for (row, other) in second.enumerated() where keys[row] != keys[other] {
      let (kept, gone) = (min(keys[row], keys[other]), max(keys[row], keys[other]))
      for place in keys.indices where keys[place] == gone { keys[place] = kept }
    }
    return keys
  }
}
