import Autograd
import Datasets
import Diagnostics
import Encoders
import Graphs
import Kernels
import Layers
import Objectives
import Options

/// Alignment by hard codes: the parts of every modality are replaced by codes of one shared codebook, and CLIP's loss is
/// taken between the means of the codes; see ``VectorQuantisation``. It stands beside ``FDTOptions``, whose codes are mixed.
public struct VectorQuantisedOptions: MethodOptions {
  /// Where codes come from.
  public enum Codes: String, Codable, CaseIterable, Sendable {
    /// A table that is trained by its gradient (van den Oord et al., NeurIPS 2017).
    case gradient
    /// A table of moving averages of what the codes stand for (the same paper, appendix).
    case averages
    /// The same averages, into which the other modalities of an observation are mixed (CMG, Xia et al., NeurIPS 2023).
    ///
    /// *Deviation*: there the items have common time steps, and a part is mixed with those of its step; here with the mean
    /// of the other modalities' parts, half and half. CMG's commitment to the other modalities' codes falls away likewise.
    case crossModal
    /// No table: a few numbers are rounded (FSQ, Mentzer et al., ICLR 2024).
    case scalar
  }

  /// `vq`
  public static var key: String { "vq" }
  /// In a few words.
  public static var summary: String { "a hard code for each part, of a codebook that all modalities share" }
  /// The publication.
  public static var source: String { "van den Oord et al., NeurIPS 2017; Xia et al., NeurIPS 2023" }
  /// The file.
  public static var file: String? { #fileID }

  /// Where codes come from.
  public var codebook = Codes.averages
  /// K, the number of codes; `scalar` has the product of its levels.
  public var codes = 1024
  /// The levels of each number of `scalar`.
  public var levels = [8, 5, 5, 5]
  /// How a gradient passes the choice of a code.
  public var gradient = VectorQuantisation.Gradient.straightThrough
  /// What the distance of parts to their codes is multiplied by.
  public var commitment = 0.25
  /// γ of the averages.
  public var decay = 0.99
  /// After how many steps without use a code is moved to a part of the batch, with averages; 0 moves none.
  public var resetAfter = 100
  /// What code matching between modalities is multiplied by.
  public var matching = 0.0
  /// τ of the contrast, its first value.
  public var temperature = 0.07
  /// Between which values the logarithm of 1/τ is kept.
  public var logScaleRange = [0.0, LearntScale.officialMost]
  /// Which pairs of modalities are contrasted.
  public var pairs = ContrastedPairs.all

  /// The defaults.
  public init() {}

  /// What the numbers must be.
  public var requirements: [OptionRequirement] {
    [
      .count("codes", codes, atLeast: 2, atMost: 1_048_576), .notNegative("commitment", commitment),
      OptionRequirement(
        "levels",
        (1...16).contains(levels.count) && levels.allSatisfy { (3...64).contains($0) }
          && levels.reduce(1.0) { $0 * Double($1) } <= 1_048_576,
        "must be 1 to 16 numbers of 3 to 64, whose product is "
          + "at most 1048576"),
      OptionRequirement("decay", (0..<1).contains(decay), "must be in 0..<1"),
      .count("resetAfter", resetAfter, atLeast: 0, atMost: 1_000_000), .notNegative("matching", matching),
      OptionRequirement("matching", matching == 0 || codebook != .scalar, "must be 0 where there is no table of codes"),
      .positive("temperature", temperature), .logScaleRange("logScaleRange", logScaleRange),
    ]
  }

  /// The codebook.
  public func blocks(dimensions: Int, data: AlignedData) -> [MemoryBlock] {
    codebook == .scalar
      ? []
      : [
        MemoryBlock("method.vq.codes", "a codebook of \(codes) × \(dimensions)", 4 * Double(codes) * Double(dimensions))
      ]
  }

  /// A pair that an observation does not have is left out.
  public func indispensable(in data: AlignedData) -> [Int] { [] }

  /// The pairs.
  public func contrasted(in data: AlignedData) -> [(first: Int, second: Int)] { pairs.places(of: data.modalities) }

  /// Builds the method.
  public func make(_ parts: inout MethodParts) -> any AlignmentMethod { VectorQuantised(self, &parts) }
}

/// See ``VectorQuantisedOptions``.
struct VectorQuantised: AlignmentMethod, CodebookMethod {
  /// The averages that codes are reckoned from, and for how many steps each has not been used.
  private final class Averages: Module {
    let counts: StateBuffer
    let sums: StateBuffer
    let idle: StateBuffer

    /// Longer than any code is let idle.
    static let longest: Float = 1e7

    init(_ codebook: Tensor) {
      counts = StateBuffer(Tensor(repeating: 1, shape: [codebook.shape[0]]))
      sums = StateBuffer(codebook)
      idle = StateBuffer(Tensor(repeating: Self.longest, shape: [codebook.shape[0]]))
    }

    var parts: [ModulePart] { [.buffer("counts", counts), .buffer("sums", sums), .buffer("idle", idle)] }
  }

  /// The parts of a modality in a step, as the next codes are reckoned from them.
  private struct Seen {
    let rows: Tensor
    let numbers: [Int32]
    /// The observation of each row.
    let owners: [Int]
  }

  /// What one step leaves for its end.
  private final class Step {
    var seen: [Int: Seen] = [:]
    var extra: [(name: String, value: Tensor)] = []
  }

  private struct Quantised {
    let feature: Tensor
    let weights: Tensor
    let rows: Tensor
    let numbers: [Int32]
    let codes: Tensor
    let owners: [Int]
  }

  let options: VectorQuantisedOptions
  private let source: EncoderSet
  private let data: AlignedData
  private let maps: Projections
  /// The table; without one, the map of rounded numbers to a representation.
  private let table: Parameter?
  private let tableMap: Linear?
  private let averages: Averages?
  private let scalar: FiniteScalarQuantisation
  private let scale: LearntScale
  private let use: CodeUse
  private let current = Step()

  init(_ options: VectorQuantisedOptions, _ parts: inout MethodParts) {
    self.options = options
    (source, data) = (parts.encoders, parts.data)
    scalar = FiniteScalarQuantisation(levels: options.levels)
    let width = options.codebook == .scalar ? options.levels.count : parts.dimensions
    maps = Projections(parts.encoders, dimensions: width, bias: true, stream: &parts.stream)
    scale = LearntScale(
      temperature: options.temperature, range: options.logScaleRange[0]...options.logScaleRange[1])
    switch options.codebook {
    case .gradient, .averages, .crossModal:
      // Codes of length 1, as the parts have.
      let codes = Parameter(
        Initialiser.normal(
          [options.codes, parts.dimensions], deviation: 1 / Float(parts.dimensions).squareRoot(), &parts.stream))
      codes.isTrainable = options.codebook == .gradient
      table = codes
      tableMap = nil
      let moves = [.averages, .crossModal].contains(options.codebook)
      averages = moves ? Averages(Tensor(codes.value.values, shape: codes.shape)) : nil
    case .scalar:
      table = nil
      tableMap = Linear(options.levels.count, parts.dimensions, stream: &parts.stream)
      averages = nil
    }
    use = CodeUse(codes: options.codebook == .scalar ? scalar.codes : options.codes)
  }

  var encoders: EncoderSet? { source }

  var parts: [ModulePart] {
    [.module("maps", maps)] + (table.map { [.parameter("codebook", $0)] } ?? [])
      + (tableMap.map { [.module("code map", $0)] } ?? []) + [.module("scale", scale)]
  }

  var companions: [(name: String, module: any Module)] {
    [("use", use)] + (averages.map { [("averages", $0)] } ?? [])
  }

  private var codes: Int { options.codebook == .scalar ? scalar.codes : options.codes }

  /// The table, `[codes, d]`.
  private var codebook: Tensor? { table?.tensor }

  func beginStep(_ batch: TrainingBatch) {
    scale.clamp()
    current.seen = [:]
    current.extra = []
  }

  /// Parts in the space of the codes, `[batch, parts, width]` → `[batch · parts, d]`; of length 1 where there is a table, so
  /// that encoders cannot outrun the codes.
  private func mapped(_ parts: Tensor, of place: Int) -> Tensor {
    let rows = maps(parts.reshaped(to: [parts.shape[0] * parts.shape[1], parts.shape[2]]), of: place)
    return table == nil ? rows : rows.l2Normalised()
  }

  /// Quantises a modality's parts: those that are real, one row each.
  private func quantised(_ place: Int, _ input: ModalityInput, in pass: ForwardPass) -> Quantised {
    let found = source.encoding(of: place, input, in: pass)
    let (batch, count) = (found.parts.shape[0], found.parts.shape[1])
    let isReal = found.isReal ?? [Bool](repeating: true, count: batch * count)
    // A text without any word piece keeps its first place.
    let kept = (0..<batch).flatMap { row -> [Int] in
      let places = (row * count..<(row + 1) * count).filter { isReal[$0] }
      return places.isEmpty ? [row * count] : places
    }
    let all = mapped(found.parts, of: place)
    let rows = kept.count == batch * count ? all : all.gatheringRows(kept.map(Int32.init))
    let owners = kept.map { $0 / count }
    let (numbers, chosen, output): ([Int32], Tensor, Tensor)
    if let codebook {
      numbers = VectorQuantisation.nearest(rows, in: codebook)
      chosen = codebook.gatheringRows(numbers)
      output = VectorQuantisation.quantised(rows, to: chosen, gradient: options.gradient)
    } else {
      let rounded = scalar.quantised(rows)
      (numbers, chosen) = (rounded.numbers, rounded.values)
      output = tableMap.map { $0(rounded.values) } ?? rounded.values
    }
    // The mean over an item's rows, as a product with their shares.
    var shares = [Float](repeating: 0, count: batch * kept.count)
    var weights = [Float](repeating: 0, count: batch * codes)
    var counts = [Float](repeating: 0, count: batch)
    for owner in owners { counts[owner] += 1 }
    for (row, owner) in owners.enumerated() {
      shares[owner * kept.count + row] = 1 / counts[owner]
      weights[owner * codes + Int(numbers[row])] += 1 / counts[owner]
    }
    let feature = Tensor(shares, shape: [batch, kept.count]).multiplied(by: output).l2Normalised()
    return Quantised(
      feature: feature, weights: Tensor(weights, shape: [batch, codes]), rows: rows, numbers: numbers, codes: chosen,
      owners: owners)
  }

  func representations(of batch: TrainingBatch, in pass: ForwardPass) throws -> [Tensor?] {
    let (presence, modalities) = (batch.presence, source.modalities)
    var likely: [Int: Tensor] = [:]
    var commitments: [Tensor] = []
    let features = try batch.presentInputs().enumerated().map { place, input -> Tensor? in
      guard let input else { return nil }
      let found = quantised(place, input, in: pass)
      use.add(found.weights)
      let owners = found.owners.map { owner in presence.map { Int($0[place][owner]) } ?? owner }
      current.seen[place] = Seen(rows: found.rows.detached, numbers: found.numbers, owners: owners)
      if table != nil {
        let losses = VectorQuantisation.losses(found.rows, found.codes)
        commitments.append(losses.commitment * Float(options.commitment))
        if options.codebook == .gradient { commitments.append(losses.codebook) }
      }
      if options.matching > 0, let codebook {
        let rows = VectorQuantisation.likelyCodes(found.rows, codebook)
        var shares = [Float](repeating: 0, count: found.feature.shape[0] * found.owners.count)
        let counts = found.owners.reduce(into: [Int: Float]()) { $0[$1, default: 0] += 1 }
        for (row, owner) in found.owners.enumerated() {
          shares[owner * found.owners.count + row] = 1 / (counts[owner] ?? 1)
        }
        likely[place] = Tensor(shares, shape: [found.feature.shape[0], found.owners.count]).multiplied(by: rows)
      }
      return found.feature
    }
    if let first = commitments.first {
      current.extra.append(
        ("codes", commitments.dropFirst().reduce(first, +) * (1 / Float(max(current.seen.count, 1)))))
    }
    if options.matching > 0, presence == nil {
      let terms = options.pairs.places(of: modalities).compactMap { first, second -> Tensor? in
        guard let own = likely[first], let other = likely[second] else { return nil }
        return (VectorQuantisation.codeMatching(own, other) + VectorQuantisation.codeMatching(other, own)) * 0.5
      }
      if let first = terms.first {
        current.extra.append(
          ("code matching", terms.dropFirst().reduce(first, +) * Float(options.matching / Double(terms.count))))
      }
    }
    return features
  }

  func loss(of representations: [Tensor?], keys: [Tensor?], batch: TrainingBatch) throws -> LossTerms {
    let terms = options.pairs.mean(of: data.modalities, in: batch, representations) { first, second, sharing in
      clipLoss(first, second, logScale: scale.tensor, sharing: sharing)
    }
    return LossTerms(summing: terms + current.extra)
  }

  /// Moves the averages; after the first step every code that found no part is moved to one.
  func endStep(keys: [Tensor?], batch: TrainingBatch) {
    guard let averages, let table else { return }
    var state = VectorQuantisation.Averages(counts: averages.counts.value, sums: averages.sums.value)
    var idle = averages.idle.value.values.map { $0 + 1 }
    var moved: Tensor?
    for place in current.seen.keys.sorted() {
      guard let seen = current.seen[place] else { continue }
      for number in seen.numbers { idle[Int(number)] = 0 }
      moved = state.move(
        towards: seen.rows, numbers: seen.numbers,
        targets: options.codebook == .crossModal ? mixed(place, seen) : nil, decay: Float(options.decay), epsilon: 1e-5)
    }
    guard var codes = moved?.values else { return }
    if options.resetAfter > 0 { reset(&codes, &idle, &state, batch) }
    table.assign(Tensor(codes, shape: table.shape))
    (averages.counts.value, averages.sums.value) = (state.counts, state.sums)
    averages.idle.value = Tensor(idle)
    current.seen = [:]
  }

  /// Half of each row and half of the means of the other modalities' rows of its observation; the row itself where there is
  /// none.
  private func mixed(_ place: Int, _ seen: Seen) -> Tensor {
    let width = seen.rows.shape[1]
    var sums: [Int: (values: [Float], count: Float)] = [:]
    for (other, found) in current.seen where other != place {
      let values = found.rows.values
      let counts = found.owners.reduce(into: [Int: Float]()) { $0[$1, default: 0] += 1 }
      for (row, owner) in found.owners.enumerated() {
        var entry = sums[owner] ?? ([Float](repeating: 0, count: width), 0)
        for i in 0..<width { entry.values[i] += values[row * width + i] / (counts[owner] ?? 1) }
        entry.count += 1 / (counts[owner] ?? 1)
        sums[owner] = entry
      }
    }
    var values = seen.rows.values
    for (row, owner) in seen.owners.enumerated() {
      guard let entry = sums[owner], entry.count > 0 else { continue }
      for i in 0..<width {
        values[row * width + i] = 0.5 * values[row * width + i] + 0.5 * entry.values[i] / entry.count
      }
    }
    return Tensor(values, shape: seen.rows.shape)
  }

  /// Moves codes that nobody has used for long to parts of the batch.
  private func reset(
    _ codes: inout [Float], _ idle: inout [Float], _ state: inout VectorQuantisation.Averages, _ batch: TrainingBatch
  ) {
    let dead = idle.indices.filter { idle[$0] >= Float(options.resetAfter) }
    let places = current.seen.keys.sorted()
    guard !dead.isEmpty, !places.isEmpty, let table else { return }
    let width = table.shape[1]
    var (counts, sums) = (state.counts.values, state.sums.values)
    let rows = places.compactMap { current.seen[$0]?.rows.values }
    for code in dead {
      let values = rows[batch.streams["dead codes"].below(rows.count)]
      let row = batch.streams["dead codes"].below(values.count / width)
      for i in 0..<width {
        codes[code * width + i] = values[row * width + i]
        sums[code * width + i] = values[row * width + i]
      }
      (counts[code], idle[code]) = (1, 0)
    }
    state = VectorQuantisation.Averages(counts: Tensor(counts), sums: Tensor(sums, shape: table.shape))
  }

  func endEpoch(_ epoch: Int, of training: MethodTraining) throws { scale.clamp() }

  func representation(of members: [MemberInput]) -> Tensor? {
    averaged(members.map { quantised($0.place, $0.input, in: .evaluation).feature })
  }

  func described(of place: Int, _ input: GraphValue) throws(UserError) -> GraphValue {
    throw UserError(
      .data, "the nearest of some codes is not written as operators of ONNX", at: "method.name",
      mend: "export a run of fdt, whose codes are mixed")
  }

  func features(of place: Int, _ input: ModalityInput) -> Tensor? {
    source.encoding(of: place, input, in: .evaluation).vector
  }

  var similarityScale: SimilarityScale? { SimilarityScale(scale.value, origin: "the scale that the run has learnt") }

  func grounding(of place: Int, _ input: ModalityInput) -> (feature: Tensor, weights: Tensor?) {
    let found = quantised(place, input, in: .evaluation)
    return (found.feature, found.weights)
  }

  /// Minus the distance of each part to some codes.
  func partScores(of place: Int, _ input: ModalityInput, codes: [Int]) -> Tensor {
    let found = source.encoding(of: place, input, in: .evaluation).parts
    let rows = mapped(found, of: place)
    guard let codebook else {
      let numbers = scalar.quantised(rows).numbers
      let hits = numbers.flatMap { number in codes.map { Int(number) == $0 ? Float(1) : 0 } }
      return Tensor(hits, shape: [found.shape[0], found.shape[1], codes.count])
    }
    let chosen = codebook.gatheringRows(codes.map(Int32.init))
    let squares =
      rows.squared().sum(axis: 1, keepingAxis: true) + chosen.squared().sum(axis: 1)
      - rows.multiplied(by: chosen, otherTransposed: true) * 2
    return (-(squares.relu() + 1e-8).squareRoot()).reshaped(to: [found.shape[0], found.shape[1], codes.count])
  }

  var usedShare: Double { use.share }
  var hasCodes: Bool { true }
}
