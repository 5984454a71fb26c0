import Alignment
import Autograd
import Datasets
import GMC
import Kernels
import Layers

/// The training steps that the PyTorch peer times too, on random data.
public enum BenchmarkCases {
  /// The cases by name, in order.
  public static let all: [(name: String, make: @Sendable () -> BenchmarkCase)] = [
    ("gmc-digits", gmcDigits)
  ]

  private static func random(_ shape: [Int], _ stream: inout RandomStream) -> Tensor {
    Tensor((0..<shape.reduce(1, *)).map { _ in stream.uniform() }, shape: shape)
  }

  /// GMC's networks for image, sound, trajectory and label, a batch of 64, Adam.
  @Sendable private static func gmcDigits() -> BenchmarkCase {
    var stream = RandomStream(seed: 0, name: "benchmark")
    let batch = 64
    let modalities = [
      Modality(name: "image", kind: .image(height: 28, width: 28, channels: 1)),
      Modality(name: "sound", kind: .spectrogram(frames: 32, bands: 128)),
      Modality(name: "trajectory", kind: .vector(count: 200)), Modality(name: "label", kind: .label(count: 10)),
    ]
    let network = GMCNetwork(
      modalities: modalities, model: GMCSettings.ModelSettings(), hasJointEncoder: true, stream: &stream)
    var label = [Float](repeating: 0, count: batch * 10)
    for row in 0..<batch { label[row * 10 + stream.below(10)] = 1 }
    let inputs: [ModalityInput] = [
      .numbers(random([batch, 28, 28, 1], &stream)), .numbers(random([batch, 32, 128, 1], &stream)),
      .numbers(random([batch, 200], &stream)), .numbers(Tensor(label, shape: [batch, 10])),
    ]
    let method = Alignment.GMC()
    let optimiser = Optimiser(.adam(), for: network)
    let pass = ForwardPass(dropout: RandomStream(seed: 0, name: "dropout"))
    return BenchmarkCase(name: "gmc-digits", batch: batch, parameters: network.parameterCount) {
      let loss = Tape.backpropagate {
        let single = inputs.enumerated().map { network.representation(of: $0.offset, $0.element, in: pass) }
        return method.loss(
          representations: single, joint: network.jointRepresentation(inputs, in: pass), names: modalities.map(\.name)
        ).total
      }
      optimiser.update(learningRate: 1e-3)
      return loss.scalar
    }
  }
}
