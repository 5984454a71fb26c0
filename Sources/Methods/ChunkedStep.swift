import Autograd
import Kernels
import Layers
import Teams

/// A step whose batch is computed in chunks, so that what a gradient needs is held for one chunk at a time (GradCache: Gao
/// et al., RepL4NLP 2021; the form that open_clip calls gradient accumulation).
///
///     z_c     = representations of chunk c, not recorded      k_c = its keys
///     L, dZ   = loss of all rows with its gradients at Z = [z_1; …; z_G]
///     dθ      = Σ_c ∂⟨z_c, dZ_c⟩/∂θ + what the loss itself gives parameters that it uses
///
/// The gradient is that of the undivided step but for rounding: every row draws the random numbers of its place in the
/// batch, and what looks at all rows sees all of them. Each chunk passes the networks twice.
///
/// The chunks may be divided among the ranks of a team: rank r of W has chunks r·G/W … (r+1)·G/W − 1. Representations and keys
/// are gathered, every rank computes the whole loss, and gradients are summed in the order of one tree, so that where a
/// chunk was computed changes no bit.
public struct ChunkedStep {
  private let method: any AlignmentMethod
  private let chunks: Int
  private let precision: ArithmeticPrecision
  private let gradients: GradientSum
  private let team: Team
  private let fault: Fault?

  /// What can go wrong where ranks do not do their parts, for whoever checks that a check sees it.
  package enum Fault: String, CaseIterable, Sendable {
    /// What the loss itself gives parameters counts on every rank.
    case besideOnEveryRank
    /// Dropout does not know which rows are in hand.
    case noWindow
    /// Representations of two ranks are exchanged.
    case exchangedRows
  }

  /// Divides the steps of a method.
  ///
  /// - Parameters:
  ///   - chunks: G, how many chunks a batch has; at least 2.
  ///   - precision: what layers multiply.
  ///   - store: all parameters that are trained.
  ///   - team: whose ranks share the chunks, each as many.
  public init(
    _ method: any AlignmentMethod, chunks: Int, precision: ArithmeticPrecision = .float32, of store: ParameterStore,
    team: Team = .alone
  ) {
    self.init(method, chunks: chunks, precision: precision, of: store, team: team, fault: nil)
  }

  package init(
    _ method: any AlignmentMethod, chunks: Int, precision: ArithmeticPrecision, of store: ParameterStore, team: Team,
    fault: Fault?
  ) {
    precondition(chunks > 1 && chunks % team.size == 0, "ChunkedStep: \(chunks) chunks for \(team.size) ranks")
    (self.method, self.chunks, self.precision, self.team, self.fault) = (method, chunks, precision, team, fault)
    gradients = GradientSum(of: store, chunks: chunks, team: team)
  }

  /// The chunks of this rank.
  private var own: Range<Int> { team.rank * chunks / team.size..<(team.rank + 1) * chunks / team.size }

  /// Computes the loss of a batch and leaves its gradients with the parameters.
  ///
  /// - Parameters:
  ///   - batch: as many rows as chunks, or a multiple; complete observations.
  ///   - beforeKeys: told where dropout stands before the keys.
  public func callAsFunction(
    _ batch: TrainingBatch, beforeKeys: (_ dropout: RandomStream) -> Void = { _ in }
  ) throws -> LossTerms {
    precondition(
      batch.count % chunks == 0 && batch.presence == nil,
      "ChunkedStep: \(chunks) chunks of \(batch.count) observations, complete: \(batch.presence == nil)")
    try method.beginStep(batch)
    let start = batch.streams.positions
    let found = try encoded(batch, from: start, beforeKeys: beforeKeys)
    let whole = batch.leavingItems()
    let (terms, slopes) = try loss(of: found.representations, keys: found.keys, batch: whole)
    if fault != .besideOnEveryRank { gradients.takeBeside() }
    for number in own {
      let piece = piece(number, of: batch, from: start, statistics: .left)
      try Tape.backpropagate {
        let representations = try precision.use { try method.representations(of: piece.batch, in: piece.pass) }
        let products = zip(representations, slopes).compactMap { own, slope -> Tensor? in
          guard let own, own.isRecorded, let slope else { return nil }
          return (own * slope.slice(piece.rows)).sum()
        }
        return products.dropFirst().reduce(products.first ?? Tensor(0), +)
      }
      gradients.addChunk()
    }
    gradients.finish()
    method.endStep(keys: found.keys, batch: whole)
    return terms
  }

  /// A chunk with the pass that it takes.
  private struct Piece {
    let rows: Range<Int>
    let batch: TrainingBatch
    let streams: RandomStreams
    let pass: ForwardPass
  }

  /// A chunk as it is when the step begins.
  private func piece(
    _ number: Int, of batch: TrainingBatch, from start: [String: RandomStream], statistics: BatchNormStatistics
  ) -> Piece {
    let size = batch.count / chunks
    let rows = number * size..<(number + 1) * size
    let streams = RandomStreams(
      seed: batch.streams.seed, positions: start, window: RowWindow(rows, of: batch.count))
    return Piece(
      rows: rows, batch: batch.chunk(rows, streams: streams), streams: streams,
      pass: ForwardPass(
        streams: fault == .noWindow ? RandomStreams(seed: streams.seed, positions: start) : streams, chunks: chunks,
        statistics: statistics))
  }

  /// Representations and keys of all rows; the batch's streams move on by them.
  private func encoded(
    _ batch: TrainingBatch, from start: [String: RandomStream], beforeKeys: (RandomStream) -> Void
  ) throws -> (representations: [Tensor?], keys: [Tensor?]) {
    let statistics = ChunkStatistics()
    var (representations, keys): ([[Tensor?]], [[Tensor?]]) = ([], [])
    var (end, order): ([String: RandomStream]?, BatchOrder?) = (nil, nil)
    for number in own {
      statistics.beginChunk()
      let piece = piece(number, of: batch, from: start, statistics: .collected(statistics))
      try Tape.withoutRecording {
        try precision.use {
          representations.append(try method.representations(of: piece.batch, in: piece.pass))
          var dropout = piece.pass.dropout
          dropout.window = nil
          beforeKeys(dropout)
          keys.append(try method.keys(of: piece.batch, in: piece.pass))
        }
      }
      precondition(
        end == nil || end == piece.streams.positions, "ChunkedStep: the chunks of a batch have drawn differently")
      (end, order) = (piece.streams.positions, piece.batch.keyOrder)
    }
    statistics.move(in: team)
    for mark in method.marks { team.join(mark) }
    if let end { batch.streams.positions = end }
    let all = gathered(keys, batch)
    return (gathered(representations, batch), order.map { method.restored(keys: all, from: $0) } ?? all)
  }

  /// The rows of all chunks, one after another.
  private func gathered(_ own: [[Tensor?]], _ batch: TrainingBatch) -> [Tensor?] {
    own[0].indices.map { place in
      let parts = own.compactMap { $0[place] }
      let isByRows = parts.allSatisfy { $0.shape.first == batch.count / chunks }
      precondition(
        parts.isEmpty || parts.count == own.count && isByRows,
        "ChunkedStep: shapes \(parts.map(\.shape)) of \(own.count) chunks of \(batch.count / chunks) rows")
      return parts.isEmpty ? nil : gathered(Tensor.concatenated(parts), batch)
    }
  }

  /// The rows of all ranks.
  private func gathered(_ own: Tensor, _ batch: TrainingBatch) -> Tensor {
    guard !team.isAlone else { return own }
    var numbers = team.gathered(own.values)
    if fault == .exchangedRows {
      let count = numbers.count / team.size
      numbers = Array(numbers[count..<2 * count] + numbers[..<count] + numbers[(2 * count)...])
    }
    return Tensor(numbers, shape: [batch.count] + own.shape.dropFirst())
  }

  /// The loss of all rows and its gradients at their representations, nil where there are none.
  private func loss(
    of representations: [Tensor?], keys: [Tensor?], batch: TrainingBatch
  ) throws -> (terms: LossTerms, slopes: [Tensor?]) {
    var found: LossTerms?
    let places = representations.indices.filter { representations[$0] != nil }
    let slopes = try Tape.gradients(at: places.compactMap { representations[$0] }) { leaves in
      var recorded = representations
      for (place, leaf) in zip(places, leaves) { recorded[place] = leaf }
      let terms = try precision.use { try method.loss(of: recorded, keys: keys, batch: batch) }
      found = terms
      return terms.total
    }.gradients
    guard let found else { preconditionFailure("ChunkedStep: no loss") }
    var slopesByPlace = [Tensor?](repeating: nil, count: representations.count)
    for (place, slope) in zip(places, slopes) { slopesByPlace[place] = slope }
    return (found, slopesByPlace)
  }
}

extension Team {
  /// Marks what any rank has marked.
  fileprivate func join(_ mark: StateBuffer) {
    guard !isAlone else { return }
    mark.value = Tensor(self.any(mark.value.values.map { $0 > 0 }).map { $0 ? 1 : 0 }, shape: mark.value.shape)
  }
}
