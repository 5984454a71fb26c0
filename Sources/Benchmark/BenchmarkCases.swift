import Autograd
import Datasets
import Encoders
import GMC
import Kernels
import Layers
import Objectives

/// The training steps that the PyTorch peer times too, on random data.
public enum BenchmarkCases {
  /// The cases by name, in order, with the sizes that can be changed.
  public static let all: [BenchmarkRecipe] = [
    BenchmarkRecipe("gmc-digits", [.batch, .modalities]) { gmcDigits($0) },
    BenchmarkRecipe("clip-vit", [.batch, .imageSize]) { clip("clip-vit", codes: nil, $0) },
    BenchmarkRecipe("fdt-1024", [.batch, .imageSize, .codes]) { clip("fdt-1024", codes: 1024, $0) },
    BenchmarkRecipe("fdt-16384", [.batch, .imageSize, .codes]) { clip("fdt-16384", codes: 16_384, $0) },
    BenchmarkRecipe("moco-resnet", [.batch, .imageSize, .queue]) { mocoResNet($0) },
  ]

  private static func random(_ shape: [Int], _ stream: inout RandomStream) -> Tensor {
    Tensor((0..<shape.reduce(1, *)).map { _ in stream.uniform() }, shape: shape)
  }

  /// GMC's networks for image, sound, trajectory and label, a batch of 64, Adam; with a number of modalities that many
  /// trajectories instead.
  private static func gmcDigits(_ sizes: BenchmarkSizes) -> BenchmarkCase {
    var stream = RandomStream(seed: 0, name: "benchmark")
    let batch = sizes[.batch] ?? 64
    let modalities =
      sizes[.modalities].map { count in
        (0..<count).map { Modality(name: "trajectory\($0)", kind: .vector(count: 200)) }
      } ?? [
        Modality(name: "image", kind: .image(height: 28, width: 28, channels: 1)),
        Modality(name: "sound", kind: .spectrogram(frames: 32, bands: 128)),
        Modality(name: "trajectory", kind: .vector(count: 200)), Modality(name: "label", kind: .label(count: 10)),
      ]
    let network = GMCNetwork(
      modalities: modalities, model: GMCSettings.ModelSettings(), hasJointEncoder: true, stream: &stream)
    let inputs = modalities.map { modality -> ModalityInput in
      let count = modality.kind.elementCount
      guard case .label = modality.kind else {
        return ModalityInput(.numbers(random([batch, count], &stream).values), kind: modality.kind)
      }
      var label = [Float](repeating: 0, count: batch * count)
      for row in 0..<batch { label[row * count + stream.below(count)] = 1 }
      return .numbers(Tensor(label, shape: [batch, count]))
    }
    let method = Objectives.GMC()
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
  private static func clip(_ name: String, codes: Int?, _ sizes: BenchmarkSizes) -> BenchmarkCase {
    var stream = RandomStream(seed: 0, name: "benchmark")
    let batch = sizes[.batch] ?? 128
    var options = ImageTextEncoder.Options()
    if let side = sizes[.imageSize] { options.image.imageSize = side }
    if let codes = sizes[.codes] ?? codes {
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
  private static func mocoResNet(_ sizes: BenchmarkSizes) -> BenchmarkCase {
    var stream = RandomStream(seed: 0, name: "benchmark")
    let (batch, side, keys) = (sizes[.batch] ?? 128, sizes[.imageSize] ?? 32, sizes[.queue] ?? 4096)
    let encoder = { (stream: inout RandomStream) in
      Sequential(
        ResNet(widths: [32, 64, 128], stream: &stream),
        MLP(widths: [128, 128, 128], activation: Activation.relu, stream: &stream))
    }
    let network = encoder(&stream)
    let optimiser = Optimiser(
      .sgd(momentum: 0.9), for: network, options: { _ in ParameterGroupOptions(weightDecay: 1e-4) })
    let twin = MomentumTwin(of: network, into: encoder(&stream))
    let method = MoCo()
    let queue = NegativeQueue(size: keys, dimensions: 128, stream: &stream)
    let (first, second) = (random([batch, side, side, 3], &stream), random([batch, side, side, 3], &stream))
    let pass = ForwardPass(dropout: RandomStream(seed: 0, name: "dropout"))
    return BenchmarkCase(name: "moco-resnet", batch: batch, parameters: network.parameterCount) {
      twin.update(momentum: 0.999)
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
