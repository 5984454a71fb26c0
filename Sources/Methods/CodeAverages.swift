import Autograd
import Kernels
import Layers
import Objectives

/// The moving averages that hard codes are reckoned from, and for how many steps each code has not been used.
final class CodeAverages: Module {
  /// The real parts of a modality in a step, with their codes.
  struct Seen {
    /// `[rows, d]`, constant.
    let rows: Tensor
    /// The code of each row.
    let numbers: [Int32]
    /// The observation of each row, its place in the batch.
    let owners: [Int]
  }

  private let counts: StateBuffer
  private let sums: StateBuffer
  private let idle: StateBuffer

  /// Longer than any code is let idle: after the first step every code that found no part is moved to one.
  private static let longest: Float = 1e7
  private static let stream = "dead codes"

  /// Begins with a table, `[codes, d]`.
  init(_ codebook: Tensor) {
    counts = StateBuffer(Tensor(repeating: 1, shape: [codebook.shape[0]]))
    sums = StateBuffer(Tensor(codebook.values, shape: codebook.shape))
    idle = StateBuffer(Tensor(repeating: Self.longest, shape: [codebook.shape[0]]))
  }

  var parts: [ModulePart] { [.buffer("counts", counts), .buffer("sums", sums), .buffer("idle", idle)] }

  /// Moves a table towards the parts of a step, one modality after another.
  ///
  /// - Parameters:
  ///   - seen: the parts of each modality.
  ///   - mixes: whether a part counts half and the mean of its observation's other modalities half.
  ///   - resetAfter: after how many steps without use a code is moved to a part of the step; 0 moves none.
  func move(
    _ table: Parameter, towards seen: [Seen], mixes: Bool, decay: Float, resetAfter: Int, streams: RandomStreams
  ) {
    var state = VectorQuantisation.Averages(counts: counts.value, sums: sums.value)
    var waits = idle.value.values.map { $0 + 1 }
    let means = mixes ? seen.map(Self.means) : []
    var moved: Tensor?
    for (place, own) in seen.enumerated() {
      for number in own.numbers { waits[Int(number)] = 0 }
      let others = means.indices.filter { $0 != place }.map { means[$0] }
      moved = state.move(
        towards: own.rows, numbers: own.numbers, targets: mixes ? Self.mixed(own, others) : nil, decay: decay,
        epsilon: 1e-5)
    }
    guard let moved else { return }
    table.assign(moved)
    if resetAfter > 0 { reset(table, &waits, &state, seen, after: resetAfter, streams) }
    (counts.value, sums.value, idle.value) = (state.counts, state.sums, Tensor(waits))
  }

  /// The mean of the rows of each observation.
  private static func means(_ seen: Seen) -> [Int: [Float]] {
    let (width, values) = (seen.rows.shape[1], seen.rows.values)
    var found: [Int: (sum: [Float], count: Float)] = [:]
    for (row, owner) in seen.owners.enumerated() {
      var entry = found[owner] ?? ([Float](repeating: 0, count: width), 0)
      for i in 0..<width { entry.sum[i] += values[row * width + i] }
      entry.count += 1
      found[owner] = entry
    }
    return found.mapValues { entry in entry.sum.map { $0 / entry.count } }
  }

  /// Half of each row and half of the mean over the other modalities of its observation; the row itself where there is none.
  private static func mixed(_ seen: Seen, _ others: [[Int: [Float]]]) -> Tensor {
    let width = seen.rows.shape[1]
    var values = seen.rows.values
    for (row, owner) in seen.owners.enumerated() {
      let partners = others.compactMap { $0[owner] }
      guard !partners.isEmpty else { continue }
      for i in 0..<width {
        let mean = partners.reduce(0) { $0 + $1[i] } / Float(partners.count)
        values[row * width + i] = 0.5 * values[row * width + i] + 0.5 * mean
      }
    }
    return Tensor(values, shape: seen.rows.shape)
  }

  /// Moves codes that nobody has used for long to parts of the step.
  private func reset(
    _ table: Parameter, _ waits: inout [Float], _ state: inout VectorQuantisation.Averages, _ seen: [Seen],
    after limit: Int, _ streams: RandomStreams
  ) {
    let dead = waits.indices.filter { waits[$0] >= Float(limit) }
    guard !dead.isEmpty else { return }
    let width = table.shape[1]
    var (codes, counts, sums) = (table.value.values, state.counts.values, state.sums.values)
    let rows = seen.map(\.rows.values)
    for code in dead {
      let values = rows[streams[Self.stream].below(rows.count)]
      let row = streams[Self.stream].below(values.count / width)
      let (own, part) = (code * width..<(code + 1) * width, values[row * width..<(row + 1) * width])
      codes.replaceSubrange(own, with: part)
      sums.replaceSubrange(own, with: part)
      (counts[code], waits[code]) = (1, 0)
    }
    table.assign(Tensor(codes, shape: table.shape))
    state = VectorQuantisation.Averages(counts: Tensor(counts), sums: Tensor(sums, shape: table.shape))
  }
}
