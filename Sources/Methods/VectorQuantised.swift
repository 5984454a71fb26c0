import Autograd
import Datasets
import Diagnostics
import Encoders
import Graphs
import Kernels
import Layers
import Objectives

/// See ``VectorQuantisedOptions``.
struct VectorQuantised: AlignmentMethod, CodebookMethod {
  /// What the representations of the rows in hand leave for their keys.
  private final class CurrentParts {
    /// For each modality that is there its parts, `[batch, parts, d]`, and their codes, `[batch, parts]`, −1 for one that does
    /// not count.
    var found: [(rows: Tensor, numbers: Tensor)?] = []
  }

  /// The real parts of a modality's items among all.
  private struct Layout {
    let batch: Int
    let count: Int
    /// For each part whether it counts.
    let isReal: [Bool]
    /// The parts that count.
    let kept: [Int32]

    /// A text without any word piece keeps its first place.
    init(_ encoding: Encoding) {
      (batch, count) = (encoding.parts.shape[0], encoding.parts.shape[1])
      var isReal = encoding.isReal ?? [Bool](repeating: true, count: batch * count)
      for item in 0..<batch where !isReal[item * count..<(item + 1) * count].contains(true) {
        isReal[item * count] = true
      }
      self.isReal = isReal
      kept = isReal.indices.filter { isReal[$0] }.map(Int32.init)
    }

    var isWhole: Bool { kept.count == batch * count }

    /// The item of each part that counts.
    var owners: [Int] { kept.map { Int($0) / count } }

    /// The parts that count, `[batch · count, d]` → `[kept, d]`.
    func keeping(_ rows: Tensor) -> Tensor { isWhole ? rows : rows.gatheringRows(kept) }

    /// All parts, those that do not count with the numbers of another, `[kept, d]` → `[batch, count, d]`.
    func all(_ rows: Tensor) -> Tensor {
      var places = [Int32](repeating: 0, count: batch * count)
      for (row, part) in kept.enumerated() { places[Int(part)] = Int32(row) }
      return (isWhole ? rows : rows.gatheringRows(places)).reshaped(to: [batch, count, rows.shape[1]])
    }

    /// The mean of each item's parts, `[kept, d]` → `[batch, d]`.
    func means(_ rows: Tensor) -> Tensor { TextTransformer.read(all(rows), .mean, isReal: isReal) }

    /// How many parts of each item count, `[batch, 1]`.
    var counts: Tensor {
      Tensor(
        (0..<batch).map { item in Float(isReal[item * count..<(item + 1) * count].count { $0 }) }, shape: [batch, 1])
    }
  }

  private struct Quantised {
    let layout: Layout
    let feature: Tensor
    let rows: Tensor
    let numbers: [Int32]
    /// The code of each row.
    let codes: Tensor
  }

  let options: VectorQuantisedOptions
  private let source: EncoderSet
  private let data: AlignedData
  private let maps: Projections
  /// The table; without one, the map of rounded numbers to a representation.
  private let table: Parameter?
  private let scalarMap: Linear?
  private let averages: CodeAverages?
  private let scalar: FiniteScalarQuantisation
  private let scale: LearntScale
  private let use: CodeUse
  private let current = CurrentParts()

  init(_ options: VectorQuantisedOptions, _ parts: inout MethodParts) {
    self.options = options
    (source, data) = (parts.encoders, parts.data)
    scalar = FiniteScalarQuantisation(levels: options.levels)
    let isScalar = options.codebook == .scalar
    maps = Projections(
      parts.encoders, dimensions: isScalar ? options.levels.count : parts.dimensions, bias: true,
      stream: &parts.stream)
    scale = LearntScale(
      temperature: options.temperature, range: options.logScaleRange[0]...options.logScaleRange[1])
    if isScalar {
      (table, averages) = (nil, nil)
      scalarMap = Linear(options.levels.count, parts.dimensions, stream: &parts.stream)
    } else {
      // Codes of length 1, as the parts have.
      let codes = Parameter(
        Initialiser.normal(
          [options.codes, parts.dimensions], deviation: 1 / Float(parts.dimensions).squareRoot(), &parts.stream))
      codes.isTrainable = options.codebook == .gradient
      averages = codes.isTrainable ? nil : CodeAverages(codes.value)
      (table, scalarMap) = (codes, nil)
    }
    use = CodeUse(codes: isScalar ? scalar.codes : options.codes)
  }

  var encoders: EncoderSet? { source }

  var parts: [ModulePart] {
    [.module("maps", maps)] + (table.map { [.parameter("codebook", $0)] } ?? [])
      + (scalarMap.map { [.module("code map", $0)] } ?? []) + [.module("scale", scale)]
  }

  var companions: [(name: String, module: any Module)] {
    [("use", use)] + (averages.map { [("averages", $0)] } ?? [])
  }

  var marks: [StateBuffer] { [use.isUsed] }

  private var codeCount: Int { table?.shape[0] ?? scalar.codes }

  func beginStep(_ batch: TrainingBatch) throws { scale.clamp() }

  /// Parts in the space of the codes, `[batch, parts, width]` → `[batch · parts, d]`; of length 1 where there is a table, so
  /// that encoders cannot outrun the codes.
  private func mapped(_ parts: Tensor, of place: Int) -> Tensor {
    let rows = maps(parts.reshaped(to: [parts.shape[0] * parts.shape[1], parts.shape[2]]), of: place)
    return table == nil ? rows : rows.l2Normalised()
  }

  /// Quantises the real parts of a modality's items.
  private func quantised(_ place: Int, _ input: ModalityInput, in pass: ForwardPass) -> Quantised {
    let found = source.encoding(of: place, input, in: pass)
    let layout = Layout(found)
    let rows = layout.keeping(mapped(found.parts, of: place))
    let (numbers, codes, output): ([Int32], Tensor, Tensor)
    if let table {
      numbers = VectorQuantisation.nearest(rows, in: table.value)
      codes = table.tensor.gatheringRows(numbers)
      output = VectorQuantisation.quantised(rows, to: codes, gradient: options.gradient)
    } else {
      let rounded = scalar.quantised(rows)
      (numbers, codes) = (rounded.numbers, rounded.values)
      output = scalarMap.map { $0(codes) } ?? codes
    }
    return Quantised(
      layout: layout, feature: layout.means(output).l2Normalised(), rows: rows, numbers: numbers, codes: codes)
  }

  /// The share of each code among an item's parts, `[batch, codes]`.
  private func weights(_ found: Quantised) -> Tensor {
    let (batch, owners) = (found.layout.batch, found.layout.owners)
    var counts = [Float](repeating: 0, count: batch)
    for owner in owners { counts[owner] += 1 }
    var weights = [Float](repeating: 0, count: batch * codeCount)
    for (row, owner) in owners.enumerated() {
      weights[owner * codeCount + Int(found.numbers[row])] += 1 / counts[owner]
    }
    return Tensor(weights, shape: [batch, codeCount])
  }

  /// For each modality the feature; with a table the cost of each item's codes with the number of its parts, `[batch, 2]`, and
  /// where codes are matched what they are likely to be.
  func representations(of batch: TrainingBatch, in pass: ForwardPass) throws -> [Tensor?] {
    var (features, costs, likely): ([Tensor?], [Tensor?], [Tensor?]) = ([], [], [])
    current.found = []
    // Codes that averages move at the end of a step are others when an undivided step's gradients are computed.
    let codes = table.map { averages == nil ? $0.tensor : Tensor($0.value.values, shape: $0.shape) }
    for (place, input) in try batch.presentInputs().enumerated() {
      let found = input.map { quantised(place, $0, in: pass) }
      features.append(found?.feature)
      if let found { use.add(found.numbers) }
      guard let codes else { continue }
      costs.append(found.map(cost))
      if averages != nil { current.found.append(found.map(parts)) }
      if options.matching > 0 {
        likely.append(found.map { $0.layout.means(VectorQuantisation.likelyCodes($0.rows, codes)) })
      }
    }
    return features + costs + likely
  }

  /// What the codes of each item cost, the sum over its parts, and how many parts it has, `[batch, 2]`.
  private func cost(_ found: Quantised) -> Tensor {
    let losses = VectorQuantisation.losses(found.rows, found.codes)
    var each = losses.commitment * Float(options.commitment)
    if table?.isTrainable == true { each = each + losses.codebook }
    let counts = found.layout.counts
    return Tensor.concatenated([found.layout.means(each) * counts, counts], axis: 1)
  }

  private func parts(_ found: Quantised) -> (rows: Tensor, numbers: Tensor) {
    let layout = found.layout
    var numbers = [Float](repeating: -1, count: layout.batch * layout.count)
    for (part, number) in zip(layout.kept, found.numbers) { numbers[Int(part)] = Float(number) }
    return (layout.all(found.rows.detached), Tensor(numbers, shape: [layout.batch, layout.count]))
  }

  /// For each modality its parts and their codes, where averages follow them.
  func keys(of batch: TrainingBatch, in pass: ForwardPass) throws -> [Tensor?] {
    current.found.flatMap { [$0?.rows, $0?.numbers] }
  }

  func loss(of representations: [Tensor?], keys: [Tensor?], batch: TrainingBatch) throws -> LossTerms {
    let count = data.modalities.count
    var terms = options.pairs.mean(of: data.modalities, in: batch, Array(representations[..<count])) {
      first, second, sharing in
      clipLoss(first, second, logScale: scale.tensor, sharing: sharing)
    }
    guard table != nil else { return LossTerms(summing: terms) }
    let costs = representations[count..<2 * count].compactMap { $0 }.map { costs in
      costs.slice(axis: 1, 0..<1).sum() * (1 / costs.slice(axis: 1, 1..<2).detached.sum().scalar)
    }
    if let first = costs.first {
      terms.append(("codes", costs.dropFirst().reduce(first, +) * (1 / Float(costs.count))))
    }
    if options.matching > 0 {
      let matching = options.pairs.mean(of: data.modalities, in: batch, Array(representations[(2 * count)...])) {
        first, second, sharing in
        (VectorQuantisation.codeMatching(first, second, sharing: sharing)
          + VectorQuantisation.codeMatching(second, first, sharing: sharing)) * Float(0.5 * options.matching)
      }
      terms.append(("code matching", matching.dropFirst().reduce(matching[0].1) { $0 + $1.1 }))
    }
    return LossTerms(summing: terms)
  }

  /// Moves the codes towards the parts of the step.
  func endStep(keys: [Tensor?], batch: TrainingBatch) {
    guard let averages, let table else { return }
    let presence = batch.presence
    let seen = data.modalities.indices.compactMap { place -> CodeAverages.Seen? in
      guard let rows = keys[2 * place], let numbers = keys[2 * place + 1]?.values else { return nil }
      let (count, width) = (rows.shape[1], rows.shape[2])
      let kept = numbers.indices.filter { numbers[$0] >= 0 }
      return CodeAverages.Seen(
        rows: rows.reshaped(to: [numbers.count, width]).gatheringRows(kept.map(Int32.init)),
        numbers: kept.map { Int32(numbers[$0]) },
        owners: kept.map { part in presence.map { Int($0[place][part / count]) } ?? part / count })
    }
    averages.move(
      table, towards: seen, mixes: options.codebook == .crossModal, decay: Float(options.decay),
      resetAfter: options.resetAfter, streams: batch.streams)
  }

  func endEpoch(_ epoch: Int, of training: MethodTraining) throws { scale.clamp() }

  func representation(of members: [MemberInput]) -> Tensor? {
    averaged(members.map { quantised($0.place, $0.input, in: .evaluation).feature })
  }

  func described(of place: Int, _ input: GraphValue) throws(UserError) -> GraphValue {
    let found = source.described(place, input)
    let rows = maps.described(found.parts, of: place)
    let output =
      if let table {
        rows.l2Normalised().nearestRows(of: table.constant)
      } else {
        scalarMap.map { $0.described(scalar.described(rows)) } ?? scalar.described(rows)
      }
    guard let isReal = found.isReal else { return output.mean(axes: [1]).l2Normalised() }
    // A text without any word piece keeps its first place.
    let isEmpty = isReal.cast(to: .float).sum(axes: [1], keepingAxes: true).equals(0)
    let kept = GraphValue.concatenated(
      [isReal.slice(axis: 1, from: 0, to: 1).or(isEmpty), isReal.slice(axis: 1, from: 1)], axis: 1)
    return TextTransformer.describedMean(output, isReal: kept).l2Normalised()
  }

  /// The mean of an item's codes: the encoder's vector stands beside the parts that become codes without being trained.
  func features(of place: Int, _ input: ModalityInput) -> Tensor? {
    quantised(place, input, in: .evaluation).feature
  }

  var similarityScale: SimilarityScale? { SimilarityScale(scale.value, origin: "the scale that the run has learnt") }

  func grounding(of place: Int, _ input: ModalityInput) -> (feature: Tensor, weights: Tensor?) {
    let found = quantised(place, input, in: .evaluation)
    return (found.feature, weights(found))
  }

  /// Minus the distance of each part to some codes; without a table 1 for a part's own code.
  func partScores(of place: Int, _ input: ModalityInput, codes: [Int]) -> Tensor {
    let found = source.encoding(of: place, input, in: .evaluation).parts
    let (rows, shape) = (mapped(found, of: place), [found.shape[0], found.shape[1], codes.count])
    guard let table else {
      return Tensor(
        scalar.quantised(rows).numbers.flatMap { number in codes.map { Int(number) == $0 ? 1 : 0 } }, shape: shape)
    }
    let chosen = table.value.gatheringRows(codes.map(Int32.init))
    return (-VectorQuantisation.distances(rows, chosen)).reshaped(to: shape)
  }

  var usedShare: Double { use.share }
  var hasCodes: Bool { true }
}
