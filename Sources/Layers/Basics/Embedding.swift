import Autograd
import Graphs
import Kernels

/// A table of vectors, one for each token.
///
/// Shapes: n token numbers → `[n, dimensions]`.
public struct Embedding: Module {
  /// The vectors, `[vocabulary, dimensions]`.
  public let table: Parameter

  /// Creates a table of normal numbers.
  public init(vocabulary: Int, dimensions: Int, deviation: Float = 1, stream: inout RandomStream) {
    table = Parameter(Initialiser.normal([vocabulary, dimensions], deviation: deviation, &stream))
  }

  /// Takes a table that is there already.
  public init(table: Parameter) { self.table = table }

  /// The table.
  public var parts: [ModulePart] { [.parameter("table", table)] }

  /// The vectors of tokens.
  public func callAsFunction(_ tokens: [Int32]) -> Tensor { table.tensor.gatheringRows(tokens) }

  /// One operator, `[…]` token numbers → `[…, dimensions]`.
  public func described(_ tokens: GraphValue) -> GraphValue { tokens.rows(of: table.constant) }
}
