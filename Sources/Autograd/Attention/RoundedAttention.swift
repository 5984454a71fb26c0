import Kernels

/// Rows of bfloat16 numbers.
typealias RoundedRows = PitchedRows<UInt16>

/// One head of one observation with factors rounded to bfloat16, whose rows begin with those given.
extension AttentionCore {
  /// Whether a head's products are large enough that rounding their factors pays.
  var roundsHeads: Bool {
    ArithmeticPrecision.rounds && Bfloat16.isWorthwhile(m: queries, n: keys, k: headWidth)
  }

  /// The softmax of a head into `weights`; `scores` has room for its scores.
  func softmax(
    observation: Int, _ q: RoundedRows, _ k: RoundedRows, scores: UnsafeMutablePointer<Float>,
    weights: UnsafeMutablePointer<UInt16>
  ) {
    Bfloat16.multiply(
      m: queries, n: keys, k: headWidth, q.base, leading: q.pitch, transposed: false, k.base, leading: k.pitch,
      transposed: true, into: scores, leading: keys)
    hide(scores, observation: observation)
    Bfloat16.softmax(scores, into: weights, rows: queries, columns: keys, scale: scale)
  }

  /// The gradients of a head; `scores` and `slope` have room for its weights.
  ///
  ///     dV = Pᵀ dY;  dP = dY Vᵀ;  dS = P ∘ (dP − rowsum(dP ∘ P)) / √d;  dQ = dS K;  dK = dSᵀ Q
  func backward(
    _ q: RoundedRows, _ k: RoundedRows, _ v: RoundedRows, weights: UnsafeMutablePointer<UInt16>,
    gradient: RoundedRows, scores: UnsafeMutablePointer<Float>, slope: UnsafeMutablePointer<UInt16>, _ dq: Rows,
    _ dk: Rows, _ dv: Rows
  ) {
    Bfloat16.multiply(
      m: keys, n: headWidth, k: queries, weights, leading: keys, transposed: true, gradient.base,
      leading: gradient.pitch, into: dv.base, leading: dv.pitch)
    Bfloat16.multiply(
      m: queries, n: keys, k: headWidth, gradient.base, leading: gradient.pitch, transposed: false, v.base,
      leading: v.pitch, transposed: true, into: scores, leading: keys)
    Bfloat16.softmaxGradient(
      output: weights, gradient: scores, into: slope, rows: queries, columns: keys, scale: scale)
    Bfloat16.multiply(
      m: queries, n: headWidth, k: keys, slope, leading: keys, k.base, leading: k.pitch, into: dq.base,
      leading: dq.pitch)
    Bfloat16.multiply(
      m: keys, n: headWidth, k: queries, slope, leading: keys, transposed: true, q.base, leading: q.pitch,
      into: dk.base, leading: dk.pitch)
  }
}

/// Attention over queries, keys and values that are kept rounded, with the softmax of all heads.
struct RoundedAttention {
  private let core: AttentionCore
  private let query, key, value, weights: Bfloat16Storage

  /// Rounds queries, keys and values.
  init(_ core: AttentionCore, _ q: Rows, _ k: Rows, _ v: Rows) {
    self.core = core
    func rounded(_ rows: Rows, _ count: Int) -> Bfloat16Storage {
      let result = Bfloat16Storage(count: core.batch * count * core.width)
      Bfloat16.round(
        rows.base, leading: rows.pitch, into: result.pointer, rows: core.batch * count, columns: core.width)
      return result
    }
    query = rounded(q, core.queries)
    key = rounded(k, core.keys)
    value = rounded(v, core.keys)
    weights = Bfloat16Storage(count: core.weightCount)
  }

  /// Runs `body` for the heads of all observations, with the first rows of queries and keys and the first column.
  private func each(
    _ items: Range<Int>, _ body: (_ item: Int, _ query: Int, _ key: Int, _ column: Int) -> Void
  ) {
    for item in items {
      let (observation, column) = (item / core.heads, item % core.heads * core.headWidth)
      body(item, observation * core.queries, observation * core.keys, column)
    }
  }

  func forward(into output: UnsafeMutablePointer<Float>) {
    let (q, k, v) = rows
    let area = core.queries * core.keys
    Parallel.run(count: core.batch * core.heads) { items in
      let scores = Storage(count: area)
      each(items) { item, queryRow, keyRow, column in
        let own = weights.pointer + item * area
        let values = v.from(row: keyRow, column: column)
        core.softmax(
          observation: item / core.heads, q.from(row: queryRow, column: column), k.from(row: keyRow, column: column),
          scores: scores.pointer, weights: own)
        Bfloat16.multiply(
          m: core.queries, n: core.headWidth, k: core.keys, own, leading: core.keys, values.base,
          leading: values.pitch, into: output + queryRow * core.width + column, leading: core.width)
      }
      withExtendedLifetime(scores) {}
    }
  }

  /// The gradients; those of queries, keys and values are written.
  func backward(_ gradient: UnsafeMutablePointer<Float>, _ dq: Rows, _ dk: Rows, _ dv: Rows) {
    let (q, k, v) = rows
    let area = core.queries * core.keys
    let slopes = Bfloat16Storage(
      rounding: gradient, leading: core.width, rows: core.batch * core.queries, columns: core.width)
    let dy = RoundedRows(slopes.pointer, core.width)
    Parallel.run(count: core.batch * core.heads) { items in
      let (scores, slope) = (Storage(count: area), Bfloat16Storage(count: area))
      each(items) { item, queryRow, keyRow, column in
        core.backward(
          q.from(row: queryRow, column: column), k.from(row: keyRow, column: column),
          v.from(row: keyRow, column: column), weights: weights.pointer + item * area,
          gradient: dy.from(row: queryRow, column: column), scores: scores.pointer, slope: slope.pointer,
          dq.from(row: queryRow, column: column), dk.from(row: keyRow, column: column),
          dv.from(row: keyRow, column: column))
      }
      withExtendedLifetime((scores, slope)) {}
    }
    withExtendedLifetime(slopes) {}
  }

  private var rows: (q: RoundedRows, k: RoundedRows, v: RoundedRows) {
    (
      RoundedRows(query.pointer, core.width), RoundedRows(key.pointer, core.width),
      RoundedRows(value.pointer, core.width)
    )
  }
}
