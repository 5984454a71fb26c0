import Kernels

/// Random tokens from a lower bound on.
func exampleTokens(_ count: Int, from first: Int, below bound: Int, stream: inout RandomStream) -> [Int32] {
  (0..<count).map { _ in Int32(first + stream.below(bound - first)) }
}
