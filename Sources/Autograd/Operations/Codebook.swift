import Kernels

/// What padded tokens do where scores are pooled over tokens.
public enum TokenPadding: String, Codable, CaseIterable, Sendable {
  /// Their scores are multiplied by 0, so a maximum is at least 0 where an observation has padding.
  case zero
  /// They take no part. Without any real token the pooled score is 0.
  case excluded
}

extension Tensor {
  /// The greatest score of any token for each code: max_n ⟨x[b, n], E[c]⟩ · scale.
  ///
  /// Shapes: `x [batch, tokens, d]`, `codebook [codes, d]` → `[batch, codes]`. The scores of all tokens are never held at
  /// once: a block of codes meets a few observations, and only the maximum and its token remain. The gradient goes to
  /// the first of the tokens with the greatest score, and only for codes whose own gradient is not zero.
  ///
  /// - Parameters:
  ///   - isReal: for each token of each observation whether it is one, `[batch, tokens]`; nil means all.
  ///   - padding: what the others do.
  ///   - codesPerBlock: how many codes are scored at once; it changes speed, not the result.
  public func greatestCodeScores(
    codebook: Tensor, scale: Float = 1, isReal: [Bool]? = nil, padding: TokenPadding = .zero, codesPerBlock: Int = 512
  ) -> Tensor {
    precondition(
      rank == 3 && codebook.rank == 2 && shape[2] == codebook.shape[1],
      "greatestCodeScores: tokens of shape \(shape) and a codebook of shape \(codebook.shape) do not fit")
    let (batch, tokens, codes) = (shape[0], shape[1], codebook.shape[0])
    precondition(
      tokens > 0 && tokens < CodeRows.noToken && codes > 0 && codesPerBlock > 0,
      "greatestCodeScores: \(tokens) tokens, \(codes) codes in blocks of \(codesPerBlock)")
    precondition(
      isReal.map { $0.count == batch * tokens } ?? true,
      "greatestCodeScores: a mask of \(isReal?.count ?? 0) tokens for \(batch) × \(tokens)")
    let layout = TokenLayout(batch: batch, tokens: tokens, isReal: isReal)
    let rows = layout.compact(self)
    let result = Tensor(uninitialized: [batch, codes])
    let records = Tape.isRecording && (node != nil || codebook.node != nil)
    let winners = records ? TokenNumbers(count: batch * codes) : nil
    layout.pool(
      rows, codebook, scale: scale, floorsAtZero: padding == .zero, codesPerBlock: codesPerBlock, into: result,
      winners)
    return result.recorded(from: self, codebook) { gradient in
      guard let winners else { return }
      let width = codebook.shape[1]
      self.node?.accumulate { target, adding in
        if !adding { Elementwise.fill(target, with: 0, count: self.count) }
        layout.scatter(width: width, into: target) { rows in
          CodeRows.addCodes(
            weights: gradient.pointer, tokens: winners.pointer, starts: layout.starts, codebook.pointer, to: rows,
            observations: batch, codes: codes, dimensions: width, scale: scale)
        }
      }
      codebook.node?.accumulate { target, adding in
        if !adding { Elementwise.fill(target, with: 0, count: codebook.count) }
        CodeRows.addRows(
          weights: gradient.pointer, tokens: winners.pointer, starts: layout.starts, rows.pointer, to: target,
          observations: batch, codes: codes, dimensions: width, scale: scale)
      }
    }
  }

  /// The sum of codes by weights, w E; it takes time in proportion to the non-zero weights where they are few.
  ///
  /// Shapes: `w [batch, codes]`, `codebook [codes, d]` → `[batch, d]`.
  public func weightedCodes(_ codebook: Tensor) -> Tensor {
    precondition(
      rank == 2 && codebook.rank == 2 && shape[1] == codebook.shape[0] && count > 0,
      "weightedCodes: weights of shape \(shape) for a codebook of shape \(codebook.shape)")
    let (batch, codes, width) = (shape[0], shape[1], codebook.shape[1])
    // A dense product does about sixteen multiplications in the time of a sparse one.
    guard Elementwise.countNonzero(pointer, count: count) <= count / 16 else { return multiplied(by: codebook) }
    let result = Tensor(repeating: 0, shape: [batch, width])
    CodeRows.addCodes(
      weights: pointer, tokens: nil, starts: nil, codebook.pointer, to: result.pointer, observations: batch,
      codes: codes, dimensions: width, scale: 1)
    return result.recorded(from: self, codebook) { gradient in
      self.node?.accumulate { target, adding in
        BLAS.multiply(
          m: batch, n: codes, k: width, gradient.pointer, leading: width, transposed: false, codebook.pointer,
          leading: width,
          transposed: true, beta: adding ? 1 : 0, into: target, leading: codes)
      }
      codebook.node?.accumulate { target, adding in
        if !adding { Elementwise.fill(target, with: 0, count: codebook.count) }
        CodeRows.addRows(
          weights: self.pointer, tokens: nil, starts: nil, gradient.pointer, to: target, observations: batch,
          codes: codes, dimensions: width, scale: 1)
      }
    }
  }
}

/// A block of 16-bit token numbers from the pool.
private final class TokenNumbers {
  private let storage: Storage
  let pointer: UnsafeMutablePointer<UInt16>

  init(count: Int) {
    storage = Storage(count: (count + 1) / 2)
    pointer = UnsafeMutableRawPointer(storage.pointer).bindMemory(to: UInt16.self, capacity: count)
  }
}

/// Where the real tokens of each observation lie.
private struct TokenLayout {
  let batch, tokens: Int
  /// The first real token of each observation among all real ones, and their number last.
  let starts: [Int32]
  /// The row of each real token; nil where all are real.
  let rows: [Int32]?

  init(batch: Int, tokens: Int, isReal: [Bool]?) {
    (self.batch, self.tokens) = (batch, tokens)
    guard let isReal, isReal.contains(false) else {
      starts = (0...batch).map { Int32($0 * tokens) }
      rows = nil
      return
    }
    var starts: [Int32] = [0]
    var rows: [Int32] = []
    for observation in 0..<batch {
      for row in (observation * tokens)..<((observation + 1) * tokens) where isReal[row] { rows.append(Int32(row)) }
      starts.append(Int32(rows.count))
    }
    self.starts = starts
    self.rows = rows
  }

  private func range(_ observation: Int) -> Range<Int> { Int(starts[observation])..<Int(starts[observation + 1]) }

  /// The real tokens one after another, `[real tokens, d]`.
  func compact(_ queries: Tensor) -> Tensor {
    guard let rows else { return queries.detached }
    let width = queries.shape[2]
    let result = Tensor(uninitialized: [rows.count, width])
    RowVectors.gather(from: queries.pointer, rows: rows, into: result.pointer, count: rows.count, columns: width)
    return result
  }

  /// Lets `body` add to the rows of the real tokens, and brings them to where all tokens lie.
  func scatter(width: Int, into target: UnsafeMutablePointer<Float>, _ body: (UnsafeMutablePointer<Float>) -> Void) {
    guard let rows else { return body(target) }
    let part = Tensor(repeating: 0, shape: [rows.count, width])
    body(part.pointer)
    RowVectors.scatterAdd(
      part.pointer, rows: rows, into: target, count: rows.count, columns: width, tableRows: batch * tokens)
  }

  /// Neighbouring observations whose tokens together make one product.
  private var groups: [Range<Int>] {
    let rowsPerProduct = 256
    var groups: [Range<Int>] = []
    var first = 0
    for observation in 0..<batch {
      if observation > first, Int(starts[observation + 1] - starts[first]) > rowsPerProduct {
        groups.append(first..<observation)
        first = observation
      }
    }
    return batch > 0 ? groups + [first..<batch] : []
  }

  func pool(
    _ queries: Tensor, _ codebook: Tensor, scale: Float, floorsAtZero: Bool, codesPerBlock: Int, into result: Tensor,
    _ winners: TokenNumbers?
  ) {
    let (codes, width) = (codebook.shape[0], codebook.shape[1])
    let groups = groups
    let largest = groups.map { Int(starts[$0.upperBound] - starts[$0.lowerBound]) }.max() ?? 0
    let block = min(codesPerBlock, codes)
    let rounded = RoundedFactors(queries, codebook, block: block)
    BLAS.prepare()
    // Products of one block of codes follow one another, each on one thread: OpenBLAS takes a single one in here.
    Parallel.run(count: (codes + block - 1) / block * groups.count) { units in
      let tile = Storage(count: largest * block)
      for unit in units {
        let first = unit / groups.count * block
        let group = groups[unit % groups.count]
        let columns = min(block, codes - first)
        let begin = Int(starts[group.lowerBound])
        let rows = Int(starts[group.upperBound]) - begin
        if rows > 0, let rounded {
          Bfloat16.multiply(
            m: rows, n: columns, k: width, rounded.queries.pointer + begin * width, leading: width, transposed: false,
            rounded.codebook.pointer + first * width, leading: width, transposed: true, into: tile.pointer,
            leading: block)
          // A positive scale changes no maximum's place: it then comes behind, on the pooled scores alone.
          if scale <= 0 {
            Elementwise.affine(tile.pointer, scale: scale, shift: 0, into: tile.pointer, count: rows * block)
          }
        } else if rows > 0 {
          BLAS.multiply(
            m: rows, n: columns, k: width, alpha: scale, queries.pointer + begin * width, leading: width,
            transposed: false,
            codebook.pointer + first * width, leading: width, transposed: true, into: tile.pointer, leading: block)
        }
        for observation in group {
          let own = range(observation)
          CodeRows.greatestOverTokens(
            tile.pointer + (own.lowerBound - begin) * block, pitch: block, tokens: own.count, codes: columns,
            floorsAtZero: floorsAtZero && own.count < tokens, into: result.pointer + observation * codes + first,
            tokens: winners.map { $0.pointer + observation * codes + first })
        }
      }
    }
    if rounded != nil, scale > 0, scale != 1 {
      Elementwise.affine(result.pointer, scale: scale, shift: 0, into: result.pointer, count: batch * codes)
    }
  }
}

/// Tokens and codes rounded to bfloat16.
private struct RoundedFactors {
  let queries, codebook: Bfloat16Storage

  /// Rounds both where layers compute in bfloat16; nil elsewhere.
  init?(_ queries: Tensor, _ codebook: Tensor, block: Int) {
    let (codes, width) = (codebook.shape[0], codebook.shape[1])
    guard ArithmeticPrecision.current == .bfloat16, Bfloat16.isWorthwhile(m: 64, n: block, k: width) else { return nil }
    self.queries = Bfloat16Storage(
      rounding: queries.pointer, leading: width, rows: queries.count / width, columns: width)
    self.codebook = Bfloat16Storage(rounding: codebook.pointer, leading: width, rows: codes, columns: width)
  }
}
