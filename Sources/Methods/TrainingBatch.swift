import Autograd
import Datasets
import Diagnostics
import Encoders
import Kernels
import Layers
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
  /// All rows of the batch that this is a chunk of, and which of them are its own; nil for a whole batch.
  private var part: (all: [Int], range: Range<Int>)?
  /// Whether its chunks make the items.
  private var leavesItems = false
  private var drawnItems: [ModalityInput]?
  private var drawnImageViews: [ModalityInput] = []
  /// Where the stream of items stood before them.
  private var itemStart: RandomStream?
  /// Where each view of pictures begins in its stream.
  private var viewStarts: [RandomStream] = []
  /// The order that keys are computed in, where one was drawn.
  private(set) var keyOrder: BatchOrder?
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

  /// Neighbouring rows of the batch as a batch, which draws for each row what the whole batch does.
  ///
  /// - Parameter streams: where it draws from, with these rows as their window.
  func chunk(_ range: Range<Int>, streams: RandomStreams) -> TrainingBatch {
    precondition(
      streams.window == RowWindow(range, of: count) && part == nil,
      "TrainingBatch.chunk: rows \(range) of \(count), streams for \(String(describing: streams.window))")
    let chunk = TrainingBatch(rows: Array(rows[range]), step: step, streams: streams, data: data, inputs: makeInput)
    chunk.part = (rows, range)
    return chunk
  }

  /// The same batch without its items, which its chunks make.
  func leavingItems() -> TrainingBatch {
    let batch = TrainingBatch(rows: rows, step: step, streams: streams, data: data, inputs: makeInput)
    batch.leavesItems = true
    return batch
  }

  /// What of each row of the whole batch is of this one's rows.
  func own<Value>(_ values: [Value]) -> [Value] { part.map { Array(values[$0.range]) } ?? values }

  /// Which rows of the whole batch are this one's.
  var range: Range<Int> { part?.range ?? 0..<count }

  /// The number of observations of the whole batch.
  var wholeCount: Int { part?.all.count ?? count }

  /// The texts of a modality of the whole batch, which a chunk and the loss of a batch in chunks have, too: nothing is drawn
  /// for them.
  func texts(of place: Int) throws -> ModalityInput {
    guard case .tokens = data.modalities[place].kind else { preconditionFailure("TrainingBatch: no texts at \(place)") }
    if let known = drawnItems, part == nil { return known[place] }
    var stream = streams[Self.itemStream]
    return makeInput(try data.trainingItems(of: place, at: part?.all ?? rows, using: &stream), of: place)
  }

  /// Whether an observation of the whole batch has a modality.
  func isPresent(_ modality: Int, atWhole place: Int) -> Bool {
    data.presence(.train)[modality, (part?.all ?? rows)[place]]
  }

  private func requireItems() {
    precondition(!leavesItems, "TrainingBatch: the loss of a batch in chunks asks for items, which only chunks have")
  }

  /// The items of all modalities, pictures changed where that is wanted; zeros, or an empty text, for what is missing.
  public func inputs() throws -> [ModalityInput] {
    if let drawnItems { return drawnItems }
    requireItems()
    if itemStart == nil { itemStart = streams[Self.itemStream] }
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
    requireItems()
    return makeInput(try data.trainingItems(of: place, at: rows, using: &streams[Self.itemStream]), of: place)
  }

  /// A random view of each caption of a modality.
  func captionView(of place: Int) throws -> ModalityInput {
    requireItems()
    return makeInput(try data.captionViews(rows, of: place, using: &streams[Self.viewStreams[1]]), of: place)
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
    requireItems()
    while drawnImageViews.count <= number {
      let view = drawnImageViews.count
      var stream = try start(ofView: view)
      drawnImageViews.append(makeInput(try data.imageViews(rows, using: &stream), of: image))
      noteEnd(ofView: view, stream)
    }
    return drawnImageViews[number]
  }

  private func start(ofView number: Int) throws -> RandomStream {
    if viewStarts.isEmpty { viewStarts = [streams[Self.viewStreams[0]]] }
    while viewStarts.count <= number { _ = try imageViews(viewStarts.count - 1) }
    return viewStarts[number]
  }

  private func noteEnd(ofView number: Int, _ stream: RandomStream) {
    guard viewStarts.count == number + 1 else { return }
    viewStarts.append(stream)
    streams[Self.viewStreams[0]] = stream
  }

  /// A random order of the whole batch for keys, drawn once.
  func drawKeyOrder(from stream: String) -> BatchOrder {
    if let keyOrder { return keyOrder }
    let order = BatchOrder(count: wholeCount, stream: &streams[stream])
    keyOrder = order
    return order
  }

  /// The first or second random view of each picture in an order of the whole batch; of a chunk, those at its places of the
  /// order.
  func imageViews(_ number: Int, in order: BatchOrder) throws -> ModalityInput {
    guard part != nil else { return try imageViews(number).shuffled(order) }
    let (items, end) = try pictures(in: order, from: try start(ofView: number)) { try data.imageViews($0, using: &$1) }
    noteEnd(ofView: number, end)
    return items
  }

  /// The items of pictures in such an order.
  func pictures(in order: BatchOrder) throws -> ModalityInput {
    guard let image = data.image else { preconditionFailure("TrainingBatch: pictures without any") }
    guard part != nil else { return try inputs()[image].shuffled(order) }
    _ = try inputs()
    let start = itemStart ?? streams[Self.itemStream]
    return try pictures(in: order, from: start) { try data.trainingItems(of: image, at: $0, using: &$1) }.input
  }

  /// A chunk's pictures in an order of the whole batch. They are of any rows, so each is made by itself.
  private func pictures(
    in order: BatchOrder, from start: RandomStream,
    _ make: (_ rows: [Int], inout RandomStream) throws -> ModalityItems
  ) throws -> (input: ModalityInput, end: RandomStream) {
    guard let image = data.image, let part else { preconditionFailure("TrainingBatch: an order without pictures") }
    requireItems()
    var (values, end): ([Float], RandomStream) = ([], start)
    for item in order.order[part.range] {
      var stream = start
      stream.window = RowWindow(Int(item)..<Int(item) + 1, of: part.all.count)
      guard case .numbers(let own) = try make([part.all[Int(item)]], &stream) else {
        preconditionFailure("TrainingBatch: pictures without pixels")
      }
      values += own
      end = stream
    }
    end.window = start.window
    return (makeInput(.numbers(values), of: image), end)
  }

  /// What was computed in an order of the whole batch, in that of its rows; of a chunk it stays, since its rows are others'.
  func restored(_ tensor: Tensor, from order: BatchOrder) -> Tensor { part == nil ? order.restored(tensor) : tensor }

  /// The first or second random view of each caption.
  public func captionViews(_ number: Int) throws -> ModalityInput {
    guard let caption = data.captions.first else { preconditionFailure("TrainingBatch: views of captions without any") }
    requireItems()
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

extension ModalityInput {
  /// Numbers in another order of the batch.
  fileprivate func shuffled(_ order: BatchOrder) -> ModalityInput {
    guard case .numbers(let tensor) = self else { return self }
    return .numbers(order.shuffled(tensor))
  }
}
