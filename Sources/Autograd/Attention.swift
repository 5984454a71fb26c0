import CKernels
import Kernels

/// Which keys a query may look at.
public struct AttentionMask: Sendable {
  /// Whether query t sees only keys 0…t.
  public var isCausal: Bool
  /// For each key of each observation whether it may be seen, `[batch, keys]`; nil allows all.
  public var allowedKeys: [Bool]?

  /// Creates a mask.
  public init(isCausal: Bool = false, allowedKeys: [Bool]? = nil) {
    self.isCausal = isCausal
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
    let weights = Storage(count: core.weightCount)
    let parts = { (base: UnsafeMutablePointer<Float>) in
      (0..<3).map { Rows(base + $0 * width, 3 * width) }
    }
    let input = parts(pointer)
    core.forward(input[0], input[1], input[2], weights.pointer, result.pointer)
    return result.recorded(from: self) { gradient in
      let slope = Tensor(uninitialized: self.shape)
      let input = parts(self.pointer)
      let output = parts(slope.pointer)
      core.backward(
        input[0], input[1], input[2], weights.pointer, gradient.pointer, output[0], output[1], output[2])
      self.node?.accumulate(slope)
    }
  }
}

/// Rows of numbers at a pitch.
private struct Rows {
  let base: UnsafeMutablePointer<Float>
  let pitch: Int

  init(_ base: UnsafeMutablePointer<Float>, _ pitch: Int) {
    self.base = base
    self.pitch = pitch
  }

  func at(row: Int, column: Int) -> UnsafeMutablePointer<Float> { base + row * pitch + column }
}

/// Attention on rows in memory, one observation and head at a time, so that scores stay in cache.
private struct AttentionCore {
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

  private func hide(_ scores: UnsafeMutablePointer<Float>, observation: Int) {
    if let allowed = mask.allowedKeys {
      for key in 0..<keys where !allowed[observation * keys + key] {
        for query in 0..<queries { scores[query * keys + key] = -.infinity }
      }
    }
    if mask.isCausal {
      for query in 0..<queries {
        for key in stride(from: query + 1, to: keys, by: 1) { scores[query * keys + key] = -.infinity }
      }
    }
  }

  func forward(
    _ q: Rows, _ k: Rows, _ v: Rows, _ weights: UnsafeMutablePointer<Float>, _ output: UnsafeMutablePointer<Float>
  ) {
    guard weightCount > 0 else { return ck_fill(0, output, batch * queries * width) }
    Parallel.run(count: batch * heads) { items in
      for item in items {
        let (b, column) = (item / heads, item % heads * headWidth)
        let scores = weights + item * queries * keys
        BLAS.multiply(
          m: queries, n: keys, k: headWidth, alpha: scale, q.at(row: b * queries, column: column), leading: q.pitch,
          transposed: false,
          k.at(row: b * keys, column: column), leading: k.pitch, transposed: true, into: scores, leading: keys)
        hide(scores, observation: b)
        ck_softmax(scores, scores, queries, keys, 1)
        BLAS.multiply(
          m: queries, n: headWidth, k: keys, scores, leading: keys, v.at(row: b * keys, column: column),
          leading: v.pitch, into: output + b * queries * width + column, leading: width)
      }
    }
  }

  func backward(
    _ q: Rows, _ k: Rows, _ v: Rows, _ weights: UnsafeMutablePointer<Float>, _ gradient: UnsafeMutablePointer<Float>,
    _ dq: Rows, _ dk: Rows, _ dv: Rows
  ) {
    guard weightCount > 0 else {
      for (rows, count) in [(dq, queries), (dk, keys), (dv, keys)] {
        for row in 0..<(batch * count) { ck_fill(0, rows.at(row: row, column: 0), width) }
      }
      return
    }
    Parallel.run(count: batch * heads) { items in
      let slope = Storage(count: queries * keys)
      for item in items {
        let (b, column) = (item / heads, item % heads * headWidth)
        let scores = weights + item * queries * keys
        let d = gradient + b * queries * width + column
        // dV = Pᵀ dY;  dP = dY Vᵀ;  dS = P ∘ (dP − rowsum(dP ∘ P));  dQ = dS K / √d;  dK = dSᵀ Q / √d
        BLAS.multiply(
          m: keys, n: headWidth, k: queries, scores, leading: keys, transposed: true, d, leading: width,
          into: dv.at(row: b * keys, column: column), leading: dv.pitch)
        BLAS.multiply(
          m: queries, n: keys, k: headWidth, d, leading: width, transposed: false, v.at(row: b * keys, column: column),
          leading: v.pitch, transposed: true, into: slope.pointer, leading: keys)
        ck_softmax_backward(scores, slope.pointer, slope.pointer, queries, keys, scale, false)
        BLAS.multiply(
          m: queries, n: headWidth, k: keys, slope.pointer, leading: keys, k.at(row: b * keys, column: column),
          leading: k.pitch, into: dq.at(row: b * queries, column: column), leading: dq.pitch)
        BLAS.multiply(
          m: keys, n: headWidth, k: queries, slope.pointer, leading: keys, transposed: true,
          q.at(row: b * queries, column: column), leading: q.pitch, into: dk.at(row: b * keys, column: column),
          leading: dk.pitch)
      }
    }
  }
}
