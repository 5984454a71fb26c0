import Autograd
import Datasets
import Encoders
import Foundation
import Kernels
import Layers
import Options
import SampleTensors
import Testing

@Suite struct VideoEncoderTests {
  private static let kind = ModalityKind.video(frames: 3, height: 8, width: 8, channels: 1)

  private func encoder(_ kind: EncoderOptions.VideoEncoder, _ network: EncoderOptions.ImageEncoder = .vit)
    -> any ModalityEncoder
  {
    var options = EncoderOptions()
    (options.videoEncoder, options.imageEncoder) = (kind, network)
    (options.imageDimensions, options.imageLayers, options.imageHeads, options.imageWidths) = (8, 1, 2, [4, 6])
    (options.videoDimensions, options.videoLayers, options.videoHeads) = (10, 2, 2)
    var stream = RandomStream(seed: 1, name: "init")
    return options.encoder(for: Self.kind, stream: &stream)
  }

  /// Two clips; the frames of each in some order.
  private func input(order: [Int] = [0, 1, 2]) -> ModalityInput {
    var stream = RandomStream(seed: 2, name: "frames")
    let frames = (0..<6).map { _ in (0..<64).map { _ in stream.uniform() } }
    let values = [0, 3].flatMap { start in order.flatMap { frames[start + $0] } }
    return ModalityInput(.numbers(values), kind: Self.kind)
  }

  private func values(_ encoder: any ModalityEncoder, order: [Int] = [0, 1, 2]) -> [Float] {
    encoder.encoding(input(order: order), in: .evaluation).vector.values
  }

  @Test(arguments: EncoderOptions.VideoEncoder.allCases, EncoderOptions.ImageEncoder.allCases)
  func framesAreTheParts(kind: EncoderOptions.VideoEncoder, network: EncoderOptions.ImageEncoder) {
    let encoder = encoder(kind, network)
    let found = encoder.encoding(input(), in: .evaluation)
    #expect(found.vector.shape == [2, encoder.width] && found.parts.shape == [2, 3, encoder.width])
    #expect(kind == .mean || encoder.width == 10)
    let mean = found.parts.mean(axis: 1).values
    #expect(zip(mean, found.vector.values).allSatisfy { abs($0 - $1) < 1e-6 })
    #expect(found.vector.values.allSatisfy { $0.isFinite })
  }

  /// The mean over frames does not know their order, a transformer does.
  @Test func orderMattersToTheTransformerAlone() {
    let (mean, transformer) = (encoder(.mean), encoder(.transformer))
    #expect(distance(values(mean), values(mean, order: [2, 0, 1])) < 1e-5)
    #expect(distance(values(transformer), values(transformer, order: [2, 0, 1])) > 1e-3)
  }

  /// A frame's features are those of the encoder of pictures.
  @Test func aFrameIsEncodedAsAPicture() {
    let mean = encoder(.mean)
    let parts = mean.encoding(input(), in: .evaluation).parts
    guard case .numbers(let clips) = input() else { return }
    var options = EncoderOptions()
    (options.imageDimensions, options.imageLayers, options.imageHeads) = (8, 1, 2)
    var stream = RandomStream(seed: 1, name: "init")
    let pictures = options.encoder(for: .image(height: 8, width: 8, channels: 1), stream: &stream)
    let found = pictures.encoding(.numbers(clips.reshaped(to: [6, 8, 8, 1])), in: .evaluation).vector
    #expect(zip(found.values, parts.values).allSatisfy { abs($0 - $1) < 1e-5 })
  }

  @Test(arguments: EncoderOptions.VideoEncoder.allCases) func everyParameterHasAGradient(
    kind: EncoderOptions.VideoEncoder
  ) {
    let encoder = encoder(kind)
    _ = Tape.backpropagate {
      encoder.encoding(self.input(), in: ForwardPass(dropout: RandomStream(seed: 0, name: "dropout"))).vector.squared()
        .sum()
    }
    #expect(encoder.parameters.allSatisfy { $0.parameter.gradient != nil })
  }

  /// A spot that moves right, and the same clips from their end: all that differs is the order of frames.
  private static func spots(_ name: String) -> (clips: ModalityInput, ways: [Int32]) {
    var stream = RandomStream(seed: 3, name: name)
    var (values, ways): ([Float], [Int32]) = ([], [])
    for index in 0..<32 {
      let (way, start, row) = (index % 2, index / 2 % 4, index / 8 * 2)
      let columns = [start, start + 2, start + 4]
      for column in way == 0 ? columns : columns.reversed() {
        values += (0..<64).map { pixel in
          let isSpot = abs(pixel % 8 - column) + abs(pixel / 8 - row) < 2
          return (isSpot ? 0.9 : 0.1) + 0.05 * (stream.uniform() - 0.5)
        }
      }
      ways.append(Int32(way))
    }
    return (ModalityInput(.numbers(values), kind: kind), ways)
  }

  /// The share of clips with other noise that are told from their reverses, after Adam's steps (Kingma & Ba, 2015).
  ///
  /// Which way a spot moves is a product of frame and place, of which the loss has no slope at first: it stays at ln 2 for some
  /// hundred steps. Steps of 0.01 are so long for networks of this width that they leave that plateau only by chance.
  private func learntShare(_ kind: EncoderOptions.VideoEncoder) -> Double {
    let encoder = encoder(kind)
    var stream = RandomStream(seed: 4, name: "classifier")
    let classifier = Linear(encoder.width, 2, stream: &stream)
    let parameters = (encoder.parameters + classifier.parameters).map(\.parameter).filter(\.isTrainable)
    var moments = parameters.map {
      ([Float](repeating: 0, count: $0.value.count), [Float](repeating: 0, count: $0.value.count))
    }
    let training = Self.spots("training")
    for step in 1...400 {
      for parameter in parameters { parameter.clearGradient() }
      let loss = Tape.backpropagate {
        classifier(encoder.encoding(training.clips, in: .evaluation).vector).crossEntropy(targets: training.ways).mean()
      }
      if loss.scalar < 0.1 { break }
      let (first, second) = (1 - powf(0.9, Float(step)), 1 - powf(0.99, Float(step)))
      for (index, parameter) in parameters.enumerated() {
        guard let gradient = parameter.gradient?.values else { continue }
        var value = parameter.value.values
        for i in value.indices {
          moments[index].0[i] += 0.1 * (gradient[i] - moments[index].0[i])
          moments[index].1[i] += 0.01 * (gradient[i] * gradient[i] - moments[index].1[i])
          value[i] -= 0.003 * (moments[index].0[i] / first) / ((moments[index].1[i] / second).squareRoot() + 1e-6)
        }
        parameter.assign(Tensor(value, shape: parameter.value.shape))
      }
    }
    let test = Self.spots("test")
    let logits = classifier(encoder.encoding(test.clips, in: .evaluation).vector).values
    return Double(test.ways.indices.count { (logits[2 * $0 + 1] > logits[2 * $0]) == (test.ways[$0] == 1) }) / 32
  }

  /// A transformer over frames learns to tell a clip from its reverse, which have the same mean over frames.
  @Test func aClipIsToldFromItsReverseByTheTransformerAlone() {
    #expect(learntShare(.transformer) > 0.9)
    #expect(learntShare(.mean) < 0.8)
  }

  @Test func pixelsOfFramesAreBroughtToTheirRange() throws {
    func made(_ normalisation: DataChoice.Normalisation) throws -> [Float] {
      var options = DataOptions()
      options.normalisation = normalisation
      let column = ModalityColumn(
        modality: Modality(name: "clip", kind: .video(frames: 2, height: 1, width: 1, channels: 1)),
        items: .numbers([0, 1, 0.5, 0.5]), rows: [0, 1])
      func split(_ name: String) -> MultimodalSplit { MultimodalSplit(name: name, columns: [column], labels: [:]) }
      let data = try AlignedData(
        MultimodalDataset(
          name: "clips", train: split("train"), validation: split("validation"), test: split("test"), classNames: [:],
          checksum: "clips"), options: options)
      guard case .numbers(let tensor) = InputMaker(data)(try data.items(of: 0, at: [0, 1], in: .train), of: 0) else {
        return []
      }
      return tensor.values
    }
    #expect(try made(.none) == [0, 1, 0.5, 0.5])
    #expect(try made(.symmetric) == [-1, 1, 0, 0])
    // Mean ½, deviation √⅛.
    #expect(
      zip(try made(.standardised), [-2.0.squareRoot(), 2.0.squareRoot(), 0, 0]).allSatisfy {
        abs(Double($0) - $1) < 1e-4
      })
  }
}
