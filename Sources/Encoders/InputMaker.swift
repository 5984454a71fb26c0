import Autograd
import Datasets
import Diagnostics
import Kernels
import Layers
import Options

/// Makes encoders' inputs of items: shapes them, and brings pixels to the range that the recipe names.
///
/// Where pixels are standardised, mean and deviation are buffers, so that a checkpoint holds what a trained model needs.
public struct InputMaker: Module {
  private let modalities: [Modality]
  private let normalisation: DataChoice.Normalisation
  private let mean: StateBuffer?
  private let deviation: StateBuffer?

  /// Prepares for a data set's modalities.
  public init(_ data: AlignedData) {
    modalities = data.modalities
    normalisation = data.imported?.readsPictures == true ? .none : data.options.normalisation
    mean = data.channelStatistics.map { StateBuffer(Tensor($0.mean)) }
    deviation = data.channelStatistics.map { StateBuffer(Tensor($0.deviation)) }
  }

  /// Takes other statistics than those of the training pictures, those that the encoder of pictures was trained with.
  public func take(_ statistics: (mean: [Float], deviation: [Float])) {
    guard let mean, let deviation, statistics.mean.count == mean.value.count,
      statistics.deviation.count == deviation.value.count
    else { return }
    (mean.value, deviation.value) = (Tensor(statistics.mean), Tensor(statistics.deviation))
  }

  /// The statistics of pixels, where there are any.
  public var parts: [ModulePart] {
    (mean.map { [.buffer("channelMean", $0)] } ?? []) + (deviation.map { [.buffer("channelDeviation", $0)] } ?? [])
  }

  /// What is taken from the pixels of a modality of pictures, in 0…1, and what they are divided by then, for each channel.
  public func normalisation(of place: Int) -> (mean: [Float], deviation: [Float])? {
    guard case .image(_, _, let channels) = modalities[place].kind else { return nil }
    func each(_ number: Float) -> [Float] { [Float](repeating: number, count: channels) }
    switch normalisation {
    case .none: return (each(0), each(1))
    case .symmetric: return (each(0.5), each(0.5))
    case .standardised:
      guard let mean, let deviation, mean.value.count == channels else { return (each(0), each(1)) }
      return (mean.value.values, deviation.value.values)
    }
  }

  /// The input of some items of a modality.
  public func callAsFunction(_ items: ModalityItems, of place: Int) -> ModalityInput {
    let input = ModalityInput(items, kind: modalities[place].kind)
    guard case .numbers(let pixels) = input else { return input }
    switch modalities[place].kind {
    case .image, .video: break
    default: return input
    }
    switch normalisation {
    case .none: return input
    case .symmetric: return .numbers(pixels * 2 - 1)
    case .standardised:
      guard let mean, let deviation, mean.value.count == pixels.shape.last else { return input }
      return .numbers((pixels - mean.value) / deviation.value)
    }
  }
}

extension InputMaker {
  /// Numbers of pictures as the encoders take them, back in 0…1; what lies outside is cut.
  public func pixels(_ values: [Float], of place: Int) -> [Float] {
    guard let (mean, deviation) = normalisation(of: place) else { return values }
    return values.enumerated().map { index, value in
      min(max(value * deviation[index % mean.count] + mean[index % mean.count], 0), 1)
    }
  }
}
