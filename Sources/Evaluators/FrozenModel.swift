import Autograd
import Datasets
import Diagnostics
import Encoders
import Evaluation
import Foundation
import Kernels
import Methods
import Training

/// A trained method with its data, as evaluators see it: what it makes of each side of the split, computed once.
public final class FrozenModel {
  /// The method with its encoders.
  public let method: any AlignmentMethod
  /// The data.
  public let data: AlignedData
  /// Items as the encoders take them.
  public let inputs: InputMaker
  /// The side that is reported.
  public let side: AlignedData.Side
  /// The seed, for evaluators that draw.
  public let seed: Int
  /// What an evaluator that trains saves itself by and tells of itself; nil where the model is looked at by the way.
  public var context: SeedContext?
  /// The folder for files of evaluators; nil where none are wanted.
  public let folder: URL?
  /// What runs layers in less than float32; nil for float32.
  public let reduced: InferenceAgreement?
  private let interruption: () throws -> Void
  private let batchSize = 256
  private var representations: [RepresentationKey: Matrix?] = [:]
  private var features: [FeatureKey: Matrix?] = [:]
  private var groundings: [FeatureKey: Matrix] = [:]
  private var items: [FeatureKey: [Int]] = [:]
  /// What is left out because it would not fit, in words; nil for nothing.
  public private(set) var omission: String?

  private struct RepresentationKey: Hashable {
    let side: AlignedData.Side
    let members: [Int]
  }

  private struct FeatureKey: Hashable {
    let side: AlignedData.Side
    let place: Int
  }

  /// Freezes a method as it is now.
  ///
  /// - Parameter precision: what layers multiply; of less than float32 a sample of representations is computed in both.
  /// - Parameter interruption: throws where the user has asked to stop; asked before every batch.
  public init(
    _ method: any AlignmentMethod, data: AlignedData, inputs: InputMaker, side: AlignedData.Side, seed: Int,
    folder: URL? = nil, precision: InferencePrecision = .float32, interruption: @escaping () throws -> Void = {}
  ) {
    (self.method, self.data, self.inputs, self.side, self.seed) = (method, data, inputs, side, seed)
    (self.folder, self.interruption) = (folder, interruption)
    reduced = InferenceAgreement(precision)
  }

  /// Throws where the user has asked to stop.
  public func checkInterruption() throws { try interruption() }

  /// The modalities' names.
  public var names: [String] { data.modalities.map(\.name) }

  /// All places.
  public var all: [Int] { Array(names.indices) }

  /// Whether complete observations have an encoder of their own.
  public var hasJointEncoder: Bool {
    switch method.subsetRule {
    case .mean: false
    case .meanUnlessComplete, .each: true
    }
  }
}

// MARK: - Matrices

extension FrozenModel {
  /// The representations of all observations of a side by some modalities, `[observations, d]`; nil where the method has
  /// none. The rows of observations that lack one of them mean nothing.
  public func representations(of side: AlignedData.Side, by members: [Int]) throws -> Matrix? {
    let key = RepresentationKey(side: side, members: members)
    if let known = representations[key] { return known }
    let found: Matrix?
    if members.count > 1, isMean(members) {
      found = try mean(of: side, members)
    } else {
      found = try matrix(of: side, by: members, isCompared: true) { rows in
        self.method.representation(of: try members.map { MemberInput($0, try self.input($0, rows, side)) })
      }
    }
    representations[key] = .some(found)
    return found
  }

  private func isMean(_ members: [Int]) -> Bool {
    switch method.subsetRule {
    case .mean: true
    case .meanUnlessComplete: members.count < names.count
    case .each: false
    }
  }

  private func mean(of side: AlignedData.Side, _ members: [Int]) throws -> Matrix? {
    var sum: Matrix?
    for member in members {
      guard let own = try representations(of: side, by: [member]) else { return nil }
      guard sum != nil else {
        sum = own
        continue
      }
      // In place: representations may be most of what is held.
      for i in own.values.indices { sum?.values[i] += own.values[i] }
    }
    for i in 0..<(sum?.values.count ?? 0) { sum?.values[i] /= Float(members.count) }
    return sum
  }

  /// The features of a modality of all observations of a side, and the observations that have it; nil where the method sees
  /// it not.
  func knownFeatures(of place: Int, on side: AlignedData.Side) throws -> (features: Matrix, rows: [Int])? {
    try features(of: place, on: side).map { ($0, data.presence(side).observations(having: [place])) }
  }

  /// The representations by one modality of all observations of a side, and the observations that have it; nil where the
  /// method has none.
  func knownRepresentations(of place: Int, on side: AlignedData.Side) throws -> (features: Matrix, rows: [Int])? {
    try representations(of: side, by: [place]).map { ($0, data.presence(side).observations(having: [place])) }
  }

  /// The features of a modality of all observations of a side; nil where the method sees it not.
  public func features(of place: Int, on side: AlignedData.Side) throws -> Matrix? {
    let key = FeatureKey(side: side, place: place)
    if let known = features[key] { return known }
    let found = try matrix(of: side, by: [place]) { rows in
      self.method.features(of: place, try self.input(place, rows, side))
    }
    features[key] = .some(found)
    return found
  }

  /// For each observation of a side the number of its item of a modality, −1 where it has none; equal items have equal
  /// numbers.
  public func itemNumbers(of place: Int, on side: AlignedData.Side) -> [Int] {
    let key = FeatureKey(side: side, place: place)
    if let known = items[key] { return known }
    let found = data.itemNumbers(of: place, in: side)
    items[key] = found
    return found
  }

  /// The most weights of a modality's items on codes that are held, 4 GiB.
  public static let mostCodeWeights = 1 << 30

  /// The weights of a modality's items on the codes, `[observations, codes]`; nil without codes, and where there are more than
  /// ``mostCodeWeights``, which ``omission`` then says.
  public func codeWeights(of place: Int, on side: AlignedData.Side) throws -> Matrix? {
    guard let codebook = method as? any CodebookMethod, codebook.hasCodes else { return nil }
    let key = FeatureKey(side: side, place: place)
    if let known = groundings[key] { return known }
    let count = data.count(side)
    // There are at most 2²⁰ codes.
    if count > Self.mostCodeWeights >> 20,
      let row = try infer({ codebook.grounding(of: place, try input(place, [0], side)).weights }),
      count > Self.mostCodeWeights / max(row.count, 1)
    {
      omission =
        "What looks at the weights of all items on all codes is left out: \(count) observations have \(row.count) "
        + "each, more than \(Self.mostCodeWeights) in all."
      return nil
    }
    let found = try matrix(of: side, by: [place]) { rows in
      codebook.grounding(of: place, try self.input(place, rows, side)).weights
    }
    groundings[key] = found
    return found
  }

  /// The weights of the items of these observations alone, `[rows, codes]`; nil as of all.
  public func codeWeights(of place: Int, at rows: [Int], on side: AlignedData.Side) throws -> Matrix? {
    guard let weights = try codeWeights(of: place, on: side) else { return nil }
    return rows.elementsEqual(0..<weights.rows) ? weights : weights.gathering(rows)
  }

  /// What is made of texts in a modality of captions: representations and, with a codebook, weights on the codes.
  public func texts(_ sentences: [String], in place: Int) throws -> (features: Matrix, weights: Matrix?)? {
    guard let caption = data.vocabulary.caption(named: names[place]), !sentences.isEmpty else { return nil }
    let length = caption.sentenceLength
    let codebook = (method as? any CodebookMethod).flatMap { $0.hasCodes ? $0 : nil }
    var (features, weights): ([Float], [Float]) = ([], [])
    for start in stride(from: 0, to: sentences.count, by: batchSize) {
      try interruption()
      let part = Array(sentences[start..<min(start + batchSize, sentences.count)])
      let input = ModalityInput.tokens(data.vocabulary.tokens(ofSentences: part, in: caption), length: length)
      func make(_ input: ModalityInput) -> (feature: Tensor, weights: Tensor?)? {
        if let codebook {
          let grounding = codebook.grounding(of: place, input)
          return (grounding.feature, grounding.weights)
        }
        return method.representation(of: [MemberInput(place, input)]).map { ($0, nil) }
      }
      guard let found = infer({ make(input) }) else { return nil }
      reduced?.compare(found.feature) { make(input.gathering((0..<Int32($0)).map { $0 }))?.feature }
      features += found.feature.values
      weights += found.weights?.values ?? []
    }
    func matrix(_ values: [Float]) -> Matrix {
      Matrix(rows: sentences.count, columns: values.count / sentences.count, values: values)
    }
    return (matrix(features), weights.isEmpty ? nil : matrix(weights))
  }

  /// The representations of pictures, `[count, d]`, from their pixels in 0…1; nil where the method has none.
  public func pictures(_ pixels: [Float], count: Int) throws -> Matrix? {
    guard let image = data.image else { return nil }
    let input = inputs(.numbers(pixels), of: image)
    guard let found = infer({ method.representation(of: [MemberInput(image, input)]) }) else { return nil }
    reduced?.compare(found) { count in
      self.method.representation(of: [MemberInput(image, input.gathering((0..<Int32(count)).map { $0 }))])
    }
    return Matrix(rows: count, columns: found.count / max(count, 1), values: found.values)
  }

  /// The representations of items of a modality, one after another.
  public func items(_ items: ModalityItems, of place: Int, count: Int) -> Matrix? {
    let input = inputs(items, of: place)
    return infer { method.representation(of: [MemberInput(place, input)]) }.map {
      Matrix(rows: count, columns: $0.count / max(count, 1), values: $0.values)
    }
  }

  /// The input of a modality's items for some observations.
  public func input(_ place: Int, _ rows: some Collection<Int>, _ side: AlignedData.Side) throws -> ModalityInput {
    inputs(try data.items(of: place, at: rows, in: side), of: place)
  }

  /// What some observations become, of those that share a streamed item one alone: to decode it takes long.
  ///
  /// - Parameter isCompared: whether these are representations, of which a lower precision says how near they come to float32.
  private func matrix(
    of side: AlignedData.Side, by members: [Int], isCompared: Bool = false, _ make: ([Int]) throws -> Tensor?
  ) throws -> Matrix? {
    guard let split = data[side] else { return nil }
    guard members.count == 1, split.column(of: names[members[0]]).stream != nil else {
      return try matrix(of: Array(0..<split.count), isCompared: isCompared, make)
    }
    let items = split.column(of: names[members[0]]).rows
    // The place of each item among those that are computed; the last is that of observations without one.
    var places = [Int32](repeating: -1, count: Int(items.max() ?? -1) + 2)
    var firsts: [Int] = []
    let taken = items.enumerated().map { row, item in
      let item = item < 0 ? places.count - 1 : Int(item)
      if places[item] < 0 {
        places[item] = Int32(firsts.count)
        firsts.append(row)
      }
      return Int(places[item])
    }
    let found = try matrix(of: firsts, isCompared: isCompared, make)
    // Where no two share an item, all are in order.
    return firsts.count == taken.count ? found : found?.gathering(taken)
  }

  private func matrix(
    of observations: [Int], isCompared: Bool, _ make: ([Int]) throws -> Tensor?
  ) throws -> Matrix? {
    var values: [Float] = []
    for start in stride(from: 0, to: observations.count, by: batchSize) {
      try interruption()
      let rows = Array(observations[start..<min(start + batchSize, observations.count)])
      guard let found = try infer({ try make(rows) }) else { return nil }
      if isCompared { try reduced?.compare(found) { try make(Array(rows.prefix($0))) } }
      // An array that grows by itself is copied, and half of it is not used.
      if start == 0 { values.reserveCapacity(observations.count * (found.count / max(rows.count, 1))) }
      values += found.values
    }
    return Matrix(rows: observations.count, columns: values.count / max(observations.count, 1), values: values)
  }
}

// MARK: - Precision

extension FrozenModel {
  /// Runs networks without gradients, in a lower precision where that is wanted.
  private func infer<Result>(_ body: () throws -> Result) rethrows -> Result {
    if let reduced { try reduced.use(body) } else { try Tape.withoutRecording(body) }
  }
}

// MARK: - Views

extension FrozenModel {
  /// Representations that are compared with others: those of complete observations, or one modality's.
  public struct View {
    /// `complete`, or the modality's name.
    public let name: String
    /// The modalities that an observation must have.
    public let members: [Int]
    /// The representations, `[observations, d]`, of all observations.
    public let values: Matrix
    /// The place of the modality; nil for complete observations.
    public let place: Int?
  }

  /// The view of one modality of the reported side; nil where the method has no representation of it.
  public func view(_ place: Int, on side: AlignedData.Side? = nil) throws -> View? {
    try representations(of: side ?? self.side, by: [place]).map {
      View(name: names[place], members: [place], values: $0, place: place)
    }
  }

  /// The view of complete observations; nil where the method has none.
  public func completeView(on side: AlignedData.Side? = nil) throws -> View? {
    try representations(of: side ?? self.side, by: all).map {
      View(name: "complete", members: all, values: $0, place: nil)
    }
  }

  /// The observations of the reported side that have all modalities of all views; nil where that is all of them.
  public func common(_ views: View...) -> [Int]? {
    let presence = data.presence(side)
    return presence.isWhole ? nil : presence.observations(having: Set(views.flatMap(\.members)))
  }
}

extension Matrix {
  /// Some rows, or all where none are named.
  func gathering(_ rows: [Int]?) -> Matrix { rows.map { gathering($0) } ?? self }
}

extension FrozenModel {
  /// Some rows, drawn by the seed and in their order, where there are more than that.
  ///
  /// - Parameter purpose: what they are for; another purpose draws others.
  func sample(_ rows: [Int], atMost most: Int, for purpose: String) -> [Int] {
    guard rows.count > most else { return rows }
    var stream = RandomStreams.stream("sample/\(purpose)", seed: seed)
    return stream.permutation(of: rows.count).prefix(most).sorted().map { rows[$0] }
  }
}

extension Array {
  /// At most so many elements, evenly spread over the array, in their order.
  func evenlySpread(_ most: Int) -> [Element] {
    count <= most ? self : (0..<most).map { self[$0 * count / most] }
  }
}
