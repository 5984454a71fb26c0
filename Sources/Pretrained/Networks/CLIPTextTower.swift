import Autograd
import Graphs
import Kernels
import Layers

/// CLIP's text encoder without its projection: `x = table[tokens] + positions;  x = blocks(x);  z = norm(x)`, causal.
public struct CLIPTextTower: Module {
  /// Which token stands for a text.
  public let readout: CLIPConfiguration.Readout
  let embedding: Embedding
  let positions: Parameter
  let transformer: Transformer

  /// Table, positions and blocks.
  public var parts: [ModulePart] {
    [
      .module("embedding", embedding), .parameter("positions", positions), .module("transformer", transformer),
    ]
  }

  /// The width of a token.
  public var width: Int { embedding.table.shape[1] }
  /// The most tokens of a text.
  public var length: Int { positions.shape[1] }

  private func residualStream(_ tokens: [Int32], batch: Int, in pass: ForwardPass) -> Tensor {
    let length = tokens.count / batch
    let embedded = embedding(tokens).reshaped(to: [batch, length, width])
    return transformer.residualStream(
      embedded + positions.tensor.slice(axis: 1, 0..<length), mask: AttentionMask(isCausal: true), in: pass)
  }

  private func check(_ tokens: [Int32], batch: Int) -> Int {
    let length = batch > 0 ? tokens.count / batch : 0
    precondition(
      length > 0 && tokens.count == batch * length && length <= self.length,
      "CLIP: \(tokens.count) tokens of \(batch) texts, at most \(self.length) each")
    return length
  }

  /// The token that stands for each text behind the last norm, `[batch, width]`.
  ///
  /// What is behind the last end token of a batch is not computed, since no token looks ahead.
  public func ends(_ tokens: [Int32], batch: Int, in pass: ForwardPass = .evaluation) -> Tensor {
    let length = check(tokens, batch: batch)
    let ends = (0..<batch).map { end(of: tokens[$0 * length..<($0 + 1) * length]) }
    let used = (ends.max() ?? 0) + 1
    let kept = (0..<batch).flatMap { tokens[$0 * length..<$0 * length + used] }
    let stream = residualStream(kept, batch: batch, in: pass)
    let rows = ends.enumerated().map { Int32($0 * used + $1) }
    return transformer.norm(stream.reshaped(to: [batch * used, width]).gatheringRows(rows))
  }

  /// All tokens behind the last norm, `[batch, length, width]`, the one that stands for each text, `[batch, width]`, and for
  /// each token whether it belongs to its text, up to its end.
  public func tokens(
    _ tokens: [Int32], batch: Int, in pass: ForwardPass
  ) -> (ends: Tensor, tokens: Tensor, isReal: [Bool]) {
    let length = check(tokens, batch: batch)
    let ends = (0..<batch).map { end(of: tokens[$0 * length..<($0 + 1) * length]) }
    let all = transformer.norm(residualStream(tokens, batch: batch, in: pass))
    let rows = ends.enumerated().map { Int32($0 * length + $1) }
    let isReal = ends.flatMap { end in (0..<length).map { $0 <= end } }
    return (all.reshaped(to: [batch * length, width]).gatheringRows(rows), all, isReal)
  }

  /// The token that stands for each text behind the last norm as operators: `[batch, length]` tokens → `[batch, width]`.
  func describedEnds(_ tokens: GraphValue) -> GraphValue {
    transformer.norm.described(describedStream(tokens, length: length).gathering(describedPlaces(tokens)))
  }

  /// What ``tokens(_:batch:in:)`` gives as operators, of `[batch, length]` tokens.
  public func describedTokens(
    _ tokens: GraphValue, length: Int
  ) -> (ends: GraphValue, tokens: GraphValue, isReal: GraphValue) {
    let all = transformer.norm.described(describedStream(tokens, length: length))
    let ends = describedPlaces(tokens)
    let places = tokens.builder.constant(GraphConstant(Array(0..<length)), named: "places")
    return (all.gathering(ends), all, places.exceeds(ends.unsqueezed(1)).negated)
  }

  private func describedStream(_ tokens: GraphValue, length: Int) -> GraphValue {
    let placed = embedding.described(tokens).adding(positions.constant(first: length), named: "positions")
    let mask = GraphMask(tokens.builder, length: length, isCausal: true, allowedKeys: nil)
    return transformer.describedStream(placed, mask: mask)
  }

  /// Where the tokens that stand for the texts are, `[batch]`.
  private func describedPlaces(_ tokens: GraphValue) -> GraphValue {
    switch readout {
    case .largest: tokens.firstGreatest(isInteger: true)
    case .token(let token): tokens.equals(integer: Int(token)).cast(to: .float).firstGreatest(isInteger: false)
    }
  }

  /// Where the token that stands for a text is; the first one where the text has none.
  private func end(of tokens: ArraySlice<Int32>) -> Int {
    let token: Int32? =
      switch readout {
      case .largest: tokens.max()
      case .token(let token): token
      }
    return token.flatMap { tokens.firstIndex(of: $0) }.map { $0 - tokens.startIndex } ?? 0
  }
}

extension Parameter {
  /// The first rows of positions, `[1, positions, d]`, for a graph.
  func constant(first count: Int) -> GraphConstant {
    let width = shape[2]
    return GraphConstant(Array(value.values.prefix(count * width)), shape: [1, count, width])
  }
}
