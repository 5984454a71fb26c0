import Autograd
import Kernels
import Layers

/// A perceptron up to a latent representation and a linear classifier on that.
///
///     latent = φ(MLP(x)),   logits = W latent + b
///
/// Without hidden layers and with φ the identity it is linear. Shapes: `[batch, width]` → `[batch, d]`, `[batch, classes]`.
public struct LatentClassifier: Module {
  /// The perceptron, without the function behind its last layer.
  public let perceptron: MLP
  /// W and b.
  public let classifier: Linear

  /// Creates a classifier.
  public init(
    _ inputDimensions: Int, hidden: [Int], latentDimensions: Int, classes: Int, activation: Activation,
    stream: inout RandomStream
  ) {
    precondition(
      ([inputDimensions, latentDimensions, classes] + hidden).allSatisfy { $0 > 0 },
      "LatentClassifier: width \(inputDimensions), hidden \(hidden), latent \(latentDimensions), \(classes) classes")
    perceptron = MLP(widths: [inputDimensions] + hidden + [latentDimensions], activation: activation, stream: &stream)
    classifier = Linear(latentDimensions, classes, stream: &stream)
  }

  /// Perceptron and classifier.
  public var parts: [ModulePart] { [.module("perceptron", perceptron), .module("classifier", classifier)] }

  /// The latent representation and the logits; they are the same in training and evaluation.
  public func callAsFunction(_ input: Tensor) -> (latent: Tensor, logits: Tensor) {
    let latent = perceptron.activation(perceptron(input))
    return (latent, classifier(latent))
  }
}
