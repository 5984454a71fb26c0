import Kernels

/// Which keys a query may look at.
public struct AttentionMask: Sendable {
  /// Whether query t sees only keys 0…t + offset.
  public var isCausal: Bool
  /// How many keys more than its own place a causal query sees.
  public var offset: Int
  /// For each key of each observation whether it may be seen, `[batch, keys]`; nil allows all.
  public var allowedKeys: [Bool]?

  /// Creates a mask.
  public init(isCausal: Bool = false, offset: Int = 0, allowedKeys: [Bool]? = nil) {
    self.isCausal = isCausal
    self.offset = offset
    self.allowedKeys = allowedKeys
  }
}

extension Tensor {
  /// Multi-head scaled dot-product attention (Vaswani et al., 2017).
  ///
  ///     y = softmax(Q Kᵀ / √(d / heads) + mask) V   for each head
  ///
  /// Shapes: `query [batch, queries, d]`, `key` and `value [batch, keys, d]` → `[batch, queries, d]`. Head h has the
  /// columns h·d/heads and after. A query that may see no key gets 0.
  public static func attention(
    query: Tensor, key: Tensor, value: Tensor, heads: Int, mask: AttentionMask = AttentionMask()
  ) -> Tensor {
    precondition(
      query.rank == 3 && key.shape == value.shape && key.rank == 3 && query.shape[0] == key.shape[0]
        && query.shape[2] == key.shape[2],
      "attention: query \(query.shape), key \(key.shape) and value \(value.shape) do not fit")
    let width = query.shape[2]
    let core = AttentionCore(
      batch: query.shape[0], queries: query.shape[1], keys: key.shape[1], width: width, heads: heads, mask: mask)
    let result = Tensor(uninitialized: query.shape)
    if core.roundsHeads {
      let attention = RoundedAttention(
        core, Rows(query.pointer, width), Rows(key.pointer, width), Rows(value.pointer, width))
      attention.forward(into: result.pointer)
      let nodes = [query, key, value].map { ($0.node, $0.shape) }
      return result.recorded(from: query, key, value) { gradient in
        let slopes = nodes.map { Tensor(uninitialized: $0.1) }
        attention.backward(
          gradient.pointer, Rows(slopes[0].pointer, width), Rows(slopes[1].pointer, width),
          Rows(slopes[2].pointer, width))
        for (node, slope) in zip(nodes, slopes) { node.0?.accumulate(slope) }
      }
    }
    let weights = Storage(count: core.weightCount)
    core.forward(
      Rows(query.pointer, width), Rows(key.pointer, width), Rows(value.pointer, width), weights.pointer,
      result.pointer)
    return result.recorded(from: query, key, value) { gradient in
      let slopes = [query, key, value].map { Tensor(uninitialized: $0.shape) }
      core.backward(
        Rows(query.pointer, width), Rows(key.pointer, width), Rows(value.pointer, width), weights.pointer,
        gradient.pointer, Rows(slopes[0].pointer, width), Rows(slopes[1].pointer, width),
        Rows(slopes[2].pointer, width))
      for (input, slope) in zip([query, key, value], slopes) { input.node?.accumulate(slope) }
    }
  }

  /// Self-attention whose queries, keys and values stand side by side, as one dense layer gives them.
  ///
  /// Shapes: `[batch, tokens, 3 d]` with q, k and v in this order → `[batch, tokens, d]`.
  public func selfAttention(heads: Int, mask: AttentionMask = AttentionMask()) -> Tensor {
    precondition(rank == 3 && shape[2] % 3 == 0, "selfAttention: shape \(shape) does not hold q, k and v")
    let width = shape[2] / 3
    let core = AttentionCore(
      batch: shape[0], queries: shape[1], keys: shape[1], width: width, heads: heads, mask: mask)
    let result = Tensor(uninitialized: [shape[0], shape[1], width])
    let rows = Rows.packed(pointer, width: width)
    if core.roundsHeads {
      let attention = RoundedAttention(core, rows.q, rows.k, rows.v)
      attention.forward(into: result.pointer)
      let (node, shape) = (node, shape)
      return result.recorded(from: self) { gradient in
        let slope = Tensor(uninitialized: shape)
        let output = Rows.packed(slope.pointer, width: width)
        attention.backward(gradient.pointer, output.q, output.k, output.v)
        node?.accumulate(slope)
      }
    }
    let weights = Storage(count: core.weightCount)
    core.forward(rows.q, rows.k, rows.v, weights.pointer, result.pointer)
    return result.recorded(from: self) { gradient in
      let slope = Tensor(uninitialized: self.shape)
      let input = Rows.packed(self.pointer, width: width)
      let output = Rows.packed(slope.pointer, width: width)
      core.backward(
        input.q, input.k, input.v, weights.pointer, gradient.pointer, output.q, output.k, output.v)
      self.node?.accumulate(slope)
    }
  }
}

/// Rows of float32 numbers.
typealias Rows = PitchedRows<Float>

/// Rows of numbers at a pitch.
struct PitchedRows<Number> {
  let base: UnsafeMutablePointer<Number>
  let pitch: Int

  init(_ base: UnsafeMutablePointer<Number>, _ pitch: Int) {
    self.base = base
    self.pitch = pitch
  }

  /// The rows from another place on.
  func from(row: Int, column: Int) -> Self { Self(base + row * pitch + column, pitch) }

  /// Queries, keys and values that stand side by side, `width` numbers each.
  static func packed(_ base: UnsafeMutablePointer<Number>, width: Int) -> (q: Self, k: Self, v: Self) {
    (Self(base, 3 * width), Self(base + width, 3 * width), Self(base + 2 * width, 3 * width))
  }
}

/// Attention on rows in memory, one observation and head at a time, so that scores stay in cache.
struct AttentionCore {
  let batch, queries, keys, width, heads, headWidth: Int
  let mask: AttentionMask
  let scale: Float

  init(batch: Int, queries: Int, keys: Int, width: Int, heads: Int, mask: AttentionMask) {
    precondition(heads > 0 && width % heads == 0, "attention: a width of \(width) for \(heads) heads")
    precondition(
      mask.allowedKeys.map { $0.count == batch * keys } ?? true,
      "attention: a mask of \(mask.allowedKeys?.count ?? 0) keys for \(batch) × \(keys)")
    (self.batch, self.queries, self.keys, self.width, self.heads) = (batch, queries, keys, width, heads)
    self.mask = mask
    headWidth = width / heads
    scale = 1 / Float(headWidth).squareRoot()
  }

  var weightCount: Int { batch * heads * queries * keys }

  func hide(_ scores: UnsafeMutablePointer<Float>, observation: Int) {
    if let allowed = mask.allowedKeys {
      for key in 0..<keys where !allowed[observation * keys + key] {
        for query in 0..<queries { scores[query * keys + key] = -.infinity }
      }
    }
    if mask.isCausal {
      for query in 0..<queries {
        for key in stride(from: query + 1 + mask.offset, to: keys, by: 1) { scores[query * keys + key] = -.infinity }
      }
    }
  }

  /// One head of one observation, whose rows begin with those given.
  func forward(
    observation: Int, _ q: Rows, _ k: Rows, _ v: Rows, weights: UnsafeMutablePointer<Float>, output: Rows
  ) {
    BLAS.multiply(
      m: queries, n: keys, k: headWidth, alpha: scale, q.base, leading: q.pitch, transposed: false, k.base,
      leading: k.pitch, transposed: true, into: weights, leading: keys)
    hide(weights, observation: observation)
    RowSoftmax.softmax(weights, into: weights, rows: queries, columns: keys, scale: 1)
    BLAS.multiply(
      m: queries, n: headWidth, k: keys, weights, leading: keys, v.base, leading: v.pitch, into: output.base,
      leading: output.pitch)
  }

  /// The gradients of one head of one observation; `slope` has room for its weights.
  ///
  ///     dV = Pᵀ dY;  dP = dY Vᵀ;  dS = P ∘ (dP − rowsum(dP ∘ P));  dQ = dS K / √d;  dK = dSᵀ Q / √d
  func backward(
    _ q: Rows, _ k: Rows, _ v: Rows, weights: UnsafeMutablePointer<Float>, gradient: Rows,
    slope: UnsafeMutablePointer<Float>, _ dq: Rows, _ dk: Rows, _ dv: Rows
  ) {
    BLAS.multiply(
      m: keys, n: headWidth, k: queries, weights, leading: keys, transposed: true, gradient.base,
      leading: gradient.pitch, into: dv.base, leading: dv.pitch)
    BLAS.multiply(
      m: queries, n: keys, k: headWidth, gradient.base, leading: gradient.pitch, transposed: false, v.base,
      leading: v.pitch, transposed: true, into: slope, leading: keys)
    RowSoftmax.softmaxGradient(
      output: weights, gradient: slope, into: slope, rows: queries, columns: keys, scale: scale, adding: false)
    BLAS.multiply(
      m: queries, n: headWidth, k: keys, slope, leading: keys, k.base, leading: k.pitch, into: dq.base,
      leading: dq.pitch)
    BLAS.multiply(
      m: keys, n: headWidth, k: queries, slope, leading: keys, transposed: true, q.base, leading: q.pitch,
      into: dk.base, leading: dk.pitch)
  }

  /// All heads of all observations.
  func forward(
    _ q: Rows, _ k: Rows, _ v: Rows, _ weights: UnsafeMutablePointer<Float>, _ output: UnsafeMutablePointer<Float>
  ) {
    guard weightCount > 0 else { return Elementwise.fill(output, with: 0, count: batch * queries * width) }
    let output = Rows(output, width)
    Parallel.run(count: batch * heads) { items in
      for item in items {
        let (b, column) = (item / heads, item % heads * headWidth)
        forward(
          observation: b, q.from(row: b * queries, column: column), k.from(row: b * keys, column: column),
          v.from(row: b * keys, column: column), weights: weights + item * queries * keys,
          output: output.from(row: b * queries, column: column))
      }
    }
  }

  /// The gradients of all heads of all observations.
  func backward(
    _ q: Rows, _ k: Rows, _ v: Rows, _ weights: UnsafeMutablePointer<Float>, _ gradient: UnsafeMutablePointer<Float>,
    _ dq: Rows, _ dk: Rows, _ dv: Rows
  ) {
    guard weightCount > 0 else {
      for (rows, count) in [(dq, queries), (dk, keys), (dv, keys)] {
        for row in 0..<(batch * count) { Elementwise.fill(rows.from(row: row, column: 0).base, with: 0, count: width) }
      }
      return
    }
    let gradient = Rows(gradient, width)
    Parallel.run(count: batch * heads) { items in
      let slope = Storage(count: queries * keys)
      for item in items {
        let (b, column) = (item / heads, item % heads * headWidth)
        let (query, key) = (b * queries, b * keys)
        backward(
          q.from(row: query, column: column), k.from(row: key, column: column), v.from(row: key, column: column),
          weights: weights + item * queries * keys, gradient: gradient.from(row: query, column: column),
          slope: slope.pointer, dq.from(row: query, column: column), dk.from(row: key, column: column),
          dv.from(row: key, column: column))
      }
    }
  }
}
