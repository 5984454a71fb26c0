import Datasets
import Diagnostics
import Kernels
import Layers
import Objectives
import Options

/// The decoders' sizes and the likelihoods of what they say: a section within a generative method's.
public struct DecoderOptions: Codable, Equatable, Sendable {
  /// What is said of a text.
  public enum TextForm: String, Codable, CaseIterable, Sendable {
    /// Which word pieces it has, in no order.
    case bag
    /// A word piece for each place.
    case sequence
  }

  /// How the modalities' likelihoods are weighed.
  public enum Balance: String, Codable, CaseIterable, Sendable {
    /// All by 1.
    case equal
    /// Each by the most numbers of an item of any modality divided by its own, as MMVAE's official code does.
    case sizes
  }

  /// The likelihood of pictures; `bernoulli` needs `data.normalisation: none`.
  public var pictures = Likelihood.laplace
  /// The likelihood of spectrograms, vectors and series.
  public var numbers = Likelihood.laplace
  /// The scale of `laplace` and `normal`.
  public var scale = 0.75
  /// What is said of a text.
  public var texts = TextForm.sequence
  /// How likelihoods are weighed.
  public var balance = Balance.equal
  /// The weight of each modality's likelihood in their order, in place of `balance`; none takes that.
  public var weights: [Double] = []
  /// The channels of the transposed convolutions of pictures, from the code to the picture.
  public var pictureWidths = [64, 32]
  /// The widths of dense decoders.
  public var widths = [256, 256]

  /// The defaults.
  public init() {}

  /// What the numbers must be.
  public var requirements: [OptionRequirement] {
    [
      .positive("scale", scale), .widths("pictureWidths", pictureWidths), .widths("widths", widths),
      OptionRequirement("pictureWidths", pictureWidths.count == 2, "must name two widths"),
      OptionRequirement("widths", !widths.isEmpty, "must name at least one width"),
      OptionRequirement(
        "weights", weights.allSatisfy { $0.isFinite && $0 >= 0 && $0 <= 1e6 }, "must be numbers of 0 to 1000000"),
      OptionRequirement(
        "pictures", pictures != .categorical, "must be bernoulli, laplace or normal", mend: "pictures are no classes"),
      OptionRequirement(
        "numbers", [.laplace, .normal].contains(numbers), "must be laplace or normal", mend: "they are not in 0…1"),
    ]
  }

  /// The weight of each modality's likelihood.
  public func likelihoodWeights(of modalities: [Modality]) -> [Double] {
    if weights.count == modalities.count { return weights }
    guard balance == .sizes else { return modalities.map { _ in 1 } }
    let most = modalities.map(\.kind.elementCount).max() ?? 1
    return modalities.map { Double(most) / Double($0.kind.elementCount) }
  }

  /// How many numbers are said of an item of some kind: for texts logits over the vocabulary.
  public func outputCount(of kind: ModalityKind) -> Int {
    guard case .tokens(let length, let vocabulary) = kind else { return kind.elementCount }
    return texts == .sequence ? length * vocabulary : vocabulary
  }

  /// The likelihood of a kind of modality.
  public func likelihood(of kind: ModalityKind) -> Likelihood {
    switch kind {
    case .image, .video: pictures
    case .spectrogram, .series, .regions, .vector: numbers
    case .tags: .bernoulli
    case .label, .tokens: .categorical
    }
  }

  /// The decoder of a kind of modality from codes of some width.
  public func decoder(
    for kind: ModalityKind, dimensions: Int, stream: inout RandomStream
  ) -> ModalityDecoder {
    let network: ModalityDecoder.Network
    switch kind {
    case .image(let height, let width, let channels) where height % 4 == 0 && width % 4 == 0:
      network = .layers(pictures([height, width, channels], dimensions, &stream))
    case .spectrogram(let frames, let bands) where frames % 4 == 0:
      network = .layers(spectrograms(frames: frames, bands: bands, dimensions, &stream))
    case .tokens(let length, let vocabulary) where texts == .sequence:
      network = .sequence(
        SequenceDecoder(
          dimensions: dimensions, length: length, vocabulary: vocabulary, width: widths[0], stream: &stream))
    case .tokens(_, let vocabulary): network = .layers(dense(dimensions, vocabulary, &stream))
    case .image, .video, .spectrogram, .series, .regions, .vector, .tags, .label:
      network = .layers(dense(dimensions, kind.elementCount, &stream))
    }
    return ModalityDecoder(network: network, kind: kind, likelihood: likelihood(of: kind), scale: Float(scale))
  }

  private func dense(_ dimensions: Int, _ count: Int, _ stream: inout RandomStream) -> Sequential {
    Sequential(MLP(widths: [dimensions] + widths + [count], activation: .silu, stream: &stream))
  }

  /// The mirror of the strided encoder of pictures.
  private func pictures(_ shape: [Int], _ dimensions: Int, _ stream: inout RandomStream) -> Sequential {
    let (rows, columns) = (shape[0] / 4, shape[1] / 4)
    let (first, second) = (pictureWidths[0], pictureWidths[1])
    return Sequential(
      Linear(dimensions, rows * columns * first, stream: &stream), Activation.silu,
      Reshape([rows, columns, first]),
      TransposedConv2d(first, second, kernel: (4, 4), stride: (2, 2), padding: ImagePadding(1), stream: &stream),
      Activation.silu,
      TransposedConv2d(second, shape[2], kernel: (4, 4), stride: (2, 2), padding: ImagePadding(1), stream: &stream),
      Flatten())
  }

  /// The mirror of the encoder of spectrograms, without its batch norms.
  private func spectrograms(
    frames: Int, bands: Int, _ dimensions: Int, _ stream: inout RandomStream
  ) -> Sequential {
    let along = ImagePadding(vertical: 1, horizontal: 0)
    let (first, second) = (256, 128)
    return Sequential(
      Linear(dimensions, frames / 4 * first, stream: &stream), Activation.silu, Reshape([frames / 4, 1, first]),
      TransposedConv2d(first, second, kernel: (4, 1), stride: (2, 1), padding: along, stream: &stream),
      Activation.silu,
      TransposedConv2d(second, second, kernel: (4, 1), stride: (2, 1), padding: along, stream: &stream),
      Activation.silu, TransposedConv2d(second, 1, kernel: (1, bands), stream: &stream), Flatten())
  }
}
