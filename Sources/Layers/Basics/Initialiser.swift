import Autograd
import Kernels

/// First values of parameters, drawn from a stream.
///
/// The defaults of the layers are PyTorch's: dense and convolution weights and biases uniform in ±1/√fanIn (Kaiming
/// uniform with a = √5), recurrent ones in ±1/√hidden, embeddings standard normal, gains 1 and offsets 0.
public enum Initialiser {
  /// Uniform in `low..<high`.
  public static func uniform(_ shape: [Int], low: Float, high: Float, _ stream: inout RandomStream) -> Tensor {
    let span = high - low
    return Tensor((0..<shape.reduce(1, *)).map { _ in low + span * stream.uniform() }, shape: shape)
  }

  /// Uniform in ±1/√fanIn.
  public static func fanIn(_ shape: [Int], fanIn: Int, _ stream: inout RandomStream) -> Tensor {
    let bound = 1 / Float(max(fanIn, 1)).squareRoot()
    return uniform(shape, low: -bound, high: bound, &stream)
  }

  /// Normal around 0.
  public static func normal(_ shape: [Int], deviation: Float = 1, _ stream: inout RandomStream) -> Tensor {
    Tensor((0..<shape.reduce(1, *)).map { _ in deviation * stream.normal() }, shape: shape)
  }
}
