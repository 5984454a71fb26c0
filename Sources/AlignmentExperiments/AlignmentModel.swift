import Autograd
import Datasets
import Diagnostics
import Encoders
import Evaluators
import Foundation
import Kernels
import Layers
import Methods
import Training

/// The encoders, the method that trains them, and what brings items to them: what an optimiser changes and a checkpoint
/// holds.
public struct AlignmentModel: Module, DecayExceptions {
  /// The method.
  public let method: any AlignmentMethod
  /// Items as the encoders take them.
  public let inputs: InputMaker
  private let settings: AlignmentSettings
  private let seed: Int

  /// How initial values are drawn.
  public enum Initialisation: Sendable {
    /// Encoders and method from one stream, as the papers' experiments do.
    case chained
    /// The encoders from a stream by themselves, so that every method begins with the same.
    case encodersApart
  }

  /// Builds the model of a seed.
  ///
  /// - Parameters:
  ///   - steps: how many the training has; nil for a model that is not trained.
  ///   - start: what encoders begin from; nil for random numbers.
  public init(
    _ settings: AlignmentSettings, data: AlignedData, seed: Int, initialisation: Initialisation, steps: Int? = nil,
    start: EncoderStart? = nil
  ) {
    self.settings = settings
    self.seed = seed
    inputs = InputMaker(data)
    if let start, start.options.takesPictures(of: data.modalities), let statistics = start.source?.channelStatistics {
      inputs.take(statistics)
    }
    var stream = RandomStreams.stream("init", seed: seed)
    let encoders = EncoderSet(data.modalities, options: settings.model, start: start, stream: &stream)
    if initialisation == .encodersApart { stream = RandomStreams.stream("init of the method", seed: seed) }
    var parts = MethodParts(encoders: encoders, data: data, seed: seed, steps: steps, stream: stream)
    method = settings.method.chosen.make(&parts)
  }

  /// Encoders, method, and the statistics of pixels.
  public var parts: [ModulePart] {
    (method.encoders.map { [.module("encoders", $0)] } ?? []) + [.module("method", method), .module("inputs", inputs)]
  }

  /// Takes the numbers of a model of the same parts.
  func take(from other: AlignmentModel) {
    precondition(
      parameters.map(\.path) == other.parameters.map(\.path) && buffers.map(\.path) == other.buffers.map(\.path),
      "AlignmentModel: the models have different parts")
    for (own, known) in zip(parameters, other.parameters) { own.parameter.assign(known.parameter.value) }
    for (own, known) in zip(buffers, other.buffers) { own.buffer.value = known.buffer.value }
  }

  /// The weight decays of some of the method's parameters.
  public var weightDecays: [String: Double] {
    Dictionary(uniqueKeysWithValues: method.weightDecays.map { ("method.\($0.key)", $0.value) })
  }

  /// How many numbers the loss can change.
  public var trainedParameterCount: Int {
    parameters.reduce(0) { $0 + ($1.parameter.isTrainable ? $1.parameter.count : 0) }
  }

  /// The model as it is now, for evaluators.
  public func frozen(
    _ data: AlignedData, side: AlignedData.Side, folder: URL? = nil, precision: InferencePrecision = .float32,
    interruption: @escaping () throws -> Void = {}
  ) -> FrozenModel {
    FrozenModel(
      method, data: data, inputs: inputs, side: side, seed: seed, folder: folder, precision: precision,
      interruption: interruption)
  }
}

extension EvaluationChoice.Side {
  /// The side of the data.
  var ofData: AlignedData.Side { self == .test ? .test : .validation }
}
