import Autograd
import Datasets
import Encoders
import Kernels
import Layers
import Methods
import Objectives
import Options

/// The training steps that the PyTorch peer times too, on random data.
public enum BenchmarkCases {
  /// The cases by name, in order, with the sizes that can be changed.
  public static let all: [BenchmarkRecipe] = [
    BenchmarkRecipe("gmc-digits", [.batch, .modalities]) { gmcDigits($0) },
    BenchmarkRecipe("clip-vit", [.batch, .imageSize, .chunks]) { clip("clip-vit", codes: nil, $0) },
    BenchmarkRecipe("fdt-1024", [.batch, .imageSize, .codes, .chunks]) { clip("fdt-1024", codes: 1024, $0) },
    BenchmarkRecipe("fdt-16384", [.batch, .imageSize, .codes, .chunks]) { clip("fdt-16384", codes: 16_384, $0) },
    BenchmarkRecipe("moco-resnet", [.batch, .imageSize, .queue]) { mocoResNet($0) },
    BenchmarkRecipe("vit-b-32", [.batch]) { largeCLIP($0) },
    BenchmarkRecipe("resnet-50", [.batch, .imageSize]) { largeResNet($0) },
  ]

  /// The observations in a step of the transformers' cases.
  public static let batch = 128

  static func random(_ shape: [Int], _ stream: inout RandomStream) -> Tensor {
    Tensor((0..<shape.reduce(1, *)).map { _ in stream.uniform() }, shape: shape)
  }

  /// GMC's networks for image, sound, trajectory and label, a batch of 64, Adam; with a number of modalities that many
  /// trajectories instead.
  private static func gmcDigits(_ sizes: BenchmarkSizes) -> BenchmarkCase {
    let kinds: [(String, ModalityKind)] =
      sizes[.modalities].map { count in (0..<count).map { ("trajectory\($0)", .vector(count: 200)) } } ?? [
        ("image", .image(height: 28, width: 28, channels: 1)), ("sound", .spectrogram(frames: 32, bands: 128)),
        ("trajectory", .vector(count: 200)), ("label", .label(count: 10)),
      ]
    var encoders = EncoderOptions()
    encoders.imageEncoder = .strided
    encoders.vectorDimensions = [512, 512]
    encoders.dimensions = 64
    var method = GMCOptions()
    method.headDimensions = [512, 512]
    return step(
      "gmc-digits", kinds, batch: sizes[.batch] ?? 64, encoders: encoders, method: method,
      optimiser: { Optimiser(.adam(), for: $0) }, learningRate: 1e-3)
  }

  /// A vision and a text transformer of width 192 with four layers, with a codebook or without; a batch of 128, AdamW.
  private static func clip(_ name: String, codes: Int?, _ sizes: BenchmarkSizes) -> BenchmarkCase {
    let side = sizes[.imageSize] ?? 32
    let kinds: [(String, ModalityKind)] = [
      ("image", .image(height: side, width: side, channels: 3)), ("caption", .tokens(length: 24, vocabulary: 2048)),
    ]
    var encoders = EncoderOptions()
    (encoders.imageDimensions, encoders.imageLayers) = (192, 4)
    (encoders.textDimensions, encoders.textLayers) = (192, 4)
    (encoders.causalText, encoders.textReadout, encoders.embeddingDeviation) = (true, .last, 1)
    encoders.dimensions = 128
    let method: any MethodOptions
    if let codes = sizes[.codes] ?? codes {
      var options = FDTOptions()
      options.codes = codes
      options.codeTemperature = TemperatureSchedule(course: .constant, start: 1)
      method = options
    } else {
      method = CLIPOptions()
    }
    return step(
      name, kinds, batch: sizes[.batch] ?? Self.batch, chunks: sizes[.chunks] ?? 1, encoders: encoders, method: method,
      optimiser: { Optimiser(.adamW(), for: $0, options: { _ in ParameterGroupOptions(weightDecay: 0.01) }) },
      learningRate: 5e-4)
  }

  /// Encoders and method with the same batch of random items again and again.
  private static func step(
    _ name: String, _ kinds: [(String, ModalityKind)], batch: Int, chunks: Int = 1, encoders options: EncoderOptions,
    method: any MethodOptions, optimiser make: (Model) -> Optimiser, learningRate: Float
  ) -> BenchmarkCase {
    var stream = RandomStream(seed: 0, name: "benchmark")
    let columns = kinds.map { name, kind in
      ModalityColumn(
        modality: Modality(name: name, kind: kind), items: random(kind, batch, &stream),
        rows: (0..<Int32(batch)).map { $0 }
      )
    }
    let split = MultimodalSplit(name: "random", columns: columns, labels: [:])
    var data = DataOptions()
    (data.includesSupervision, data.normalisation) = (true, .none)
    guard
      let aligned = try? AlignedData(
        MultimodalDataset(
          name: "random", train: split, validation: split, test: split, classNames: [:], checksum: ""), options: data)
    else { preconditionFailure("BenchmarkCases: \(name) has no data") }
    let encoders = EncoderSet(aligned.modalities, options: options, stream: &stream)
    var parts = MethodParts(encoders: encoders, data: aligned, seed: 0, stream: stream)
    let model = Model(encoders: encoders, method: method.make(&parts))
    let inputs = InputMaker(aligned)
    let optimiser = make(model)
    let streams = RandomStreams(seed: 0)
    let pass = ForwardPass(streams: streams)
    let rows = Array(0..<batch)
    return BenchmarkCase(
      name: name, batch: batch, shape: kinds.map { "\($0.0) \(text(of: $0.1))" }.joined(separator: ", "),
      parameters: model.parameterCount
    ) {
      let batch = TrainingBatch(rows: rows, step: 0, streams: streams, data: aligned, inputs: inputs)
      let loss: Tensor?
      // Items in memory cannot fail to be read.
      if chunks > 1 {
        let precision = ArithmeticPrecision.rounds ? ArithmeticPrecision.bfloat16 : .float32
        loss = try? ChunkedStep(model.method, chunks: chunks, precision: precision, of: optimiser.store)(batch).total
      } else {
        loss = try? Tape.backpropagate { try model.method.step(batch, in: pass).total }
      }
      guard let loss else { preconditionFailure("BenchmarkCases: a step of \(name) failed") }
      optimiser.update(learningRate: learningRate)
      return loss.scalar
    }
  }

  private static func text(of kind: ModalityKind) -> String {
    switch kind {
    case .image(let height, let width, let channels): "\(height) × \(width) × \(channels)"
    case .spectrogram(let frames, let bands): "\(frames) × \(bands)"
    case .tokens(let length, let vocabulary): "\(length) tokens of \(vocabulary)"
    default: "\(kind.elementCount)"
    }
  }

  private static func random(_ kind: ModalityKind, _ count: Int, _ stream: inout RandomStream) -> ModalityItems {
    let size = count * kind.elementCount
    switch kind {
    case .tokens(_, let vocabulary): return .tokens((0..<size).map { _ in Int32(1 + stream.below(vocabulary - 1)) })
    case .label(let classes):
      var label = [Float](repeating: 0, count: size)
      for row in 0..<count { label[row * classes + stream.below(classes)] = 1 }
      return .numbers(label)
    default: return .numbers((0..<size).map { _ in stream.uniform() })
    }
  }

  /// Encoders and the method that trains them.
  private struct Model: Module {
    let encoders: EncoderSet
    let method: any AlignmentMethod
    var parts: [ModulePart] { [.module("encoders", encoders), .module("method", method)] }
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
    let method = MoCo(temperature: 0.2)
    let queue = NegativeQueue(size: keys, dimensions: 128, stream: &stream)
    let (first, second) = (random([batch, side, side, 3], &stream), random([batch, side, side, 3], &stream))
    let pass = ForwardPass(dropout: RandomStream(seed: 0, name: "dropout"))
    return BenchmarkCase(
      name: "moco-resnet", batch: batch, shape: "two views of \(side) × \(side) pixels, \(keys) keys",
      parameters: network.parameterCount
    ) {
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
