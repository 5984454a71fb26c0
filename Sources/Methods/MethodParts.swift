import Autograd
import Datasets
import Encoders
import Kernels

/// What a method is built from.
public struct MethodParts {
  /// The encoders, which the method trains.
  public let encoders: EncoderSet
  /// The data, for the sizes of tags and classes.
  public let data: AlignedData
  /// The seed, for streams with a name of their own.
  public let seed: Int
  /// How many steps the training has; nil where the method is not built to be trained.
  public let steps: Int?
  /// Where the method's own parts draw their initial values.
  public var stream: RandomStream

  /// Puts them together.
  public init(encoders: EncoderSet, data: AlignedData, seed: Int, steps: Int? = nil, stream: RandomStream) {
    (self.encoders, self.data, self.seed, self.steps, self.stream) = (encoders, data, seed, steps, stream)
  }

  /// d, the width of a representation.
  public var dimensions: Int { encoders.options.dimensions }

  /// Where queues draw the keys that they begin with.
  public var queueStream: RandomStream { RandomStreams.stream("queue", seed: seed) }
}

/// A training, to look at before it or after an epoch.
public struct MethodTraining {
  /// The data.
  public let data: AlignedData
  /// Items as encoders take them.
  public let inputs: InputMaker
  /// Throws where the user has asked to stop.
  public let checkInterruption: () throws -> Void

  /// Describes a training.
  public init(data: AlignedData, inputs: InputMaker, checkInterruption: @escaping () throws -> Void) {
    (self.data, self.inputs, self.checkInterruption) = (data, inputs, checkInterruption)
  }
}
