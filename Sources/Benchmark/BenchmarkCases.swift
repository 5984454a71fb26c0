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
    ("gmc-digits", gmcDigits), ("clip-vit", { clip("clip-vit", codes: nil) }),
    ("fdt-1024", { clip("fdt-1024", codes: 1024) }), ("fdt-16384", { clip("fdt-16384", codes: 16_384) }),
    ("moco-resnet", mocoResNet),
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

  /// A vision and a text transformer of width 192 with four layers, with a codebook or without; a batch of 128, AdamW.
  private static func clip(_ name: String, codes: Int?) -> BenchmarkCase {
    var stream = RandomStream(seed: 0, name: "benchmark")
    let batch = 128
    var options = ImageTextEncoder.Options()
    if let codes {
      var codebook = FiniteDiscreteTokens.Options()
      codebook.codes = codes
      options.codebook = codebook
    }
    let network = ImageTextEncoder(options, stream: &stream)
    let images = random([batch, options.image.imageSize, options.image.imageSize, options.image.channels], &stream)
    let texts = (0..<batch * options.text.length).map { _ in Int32(stream.below(options.text.vocabulary)) }
    let optimiser = Optimiser(.adamW(), for: network, options: { _ in ParameterGroupOptions(weightDecay: 0.01) })
    let pass = ForwardPass(dropout: RandomStream(seed: 0, name: "dropout"))
    return BenchmarkCase(name: name, batch: batch, parameters: network.parameterCount) {
      let loss = Tape.backpropagate { network.loss(images: images, texts: texts, in: pass) }
      optimiser.update(learningRate: 5e-4)
      return loss.scalar
    }
  }

  /// MoCo v2 with a small ResNet, its momentum twin and a queue of 4,096 keys; a batch of 128, SGD.
  @Sendable private static func mocoResNet() -> BenchmarkCase {
    var stream = RandomStream(seed: 0, name: "benchmark")
    let batch = 128
    let encoder = { (stream: inout RandomStream) in
      Sequential(
        ResNet(widths: [32, 64, 128], stream: &stream),
        MLP(widths: [128, 128, 128], activation: Activation.relu, stream: &stream))
    }
    let network = encoder(&stream)
    let optimiser = Optimiser(
      .sgd(momentum: 0.9), for: network, options: { _ in ParameterGroupOptions(weightDecay: 1e-4) })
    let twin = MomentumTwin(of: network, into: encoder(&stream))
    let method = MoCo(.init(temperature: 0.2, queueSize: 4096, momentum: 0.999))
    let queue = NegativeQueue(size: 4096, dimensions: 128, stream: &stream)
    let (first, second) = (random([batch, 32, 32, 3], &stream), random([batch, 32, 32, 3], &stream))
    let pass = ForwardPass(dropout: RandomStream(seed: 0, name: "dropout"))
    return BenchmarkCase(name: "moco-resnet", batch: batch, parameters: network.parameterCount) {
      twin.update(momentum: method.options.momentum)
      let key = twin(second, in: pass).l2Normalised()
      let loss = Tape.backpropagate {
        method.loss(query: network(first, in: pass).l2Normalised(), key: key, queue: queue.keys)
      }
      queue.enqueue(key)
      optimiser.update(learningRate: 0.03)
      return loss.scalar
    }
  }
}
