import Autograd
import Datasets
import Diagnostics
import Foundation
import Interchange
import Kernels
import Layers

/// The checkpoint of a run as what encoders begin from.
public struct CheckpointSource: EncoderSource {
  private let arrays: [String: NumericArray]
  private let place: String

  /// Takes the tensors of a checkpoint.
  ///
  /// - Parameter place: what errors call it.
  public init(_ arrays: [String: NumericArray], place: String) { (self.arrays, self.place) = (arrays, place) }

  private func paths(of encoder: any ModalityEncoder, named name: String) -> [(path: String, shape: [Int])] {
    (encoder.parameters.map { ($0.path, $0.parameter.shape) } + encoder.buffers.map { ($0.path, $0.buffer.value.shape) })
      .map { ("encoders.\(name).\($0.0)", $0.1) }
  }

  /// What of an encoder the checkpoint does not have, or has in another shape, and what it has beyond, each in a few words.
  public func faults(of encoder: any ModalityEncoder, named name: String) -> [String] {
    let own = paths(of: encoder, named: name)
    var faults = own.compactMap { path, shape -> String? in
      guard let array = arrays[path], array.floats != nil else { return "\(path) is missing there" }
      return array.shape == shape ? nil : "\(path) is \(array.shape) there, \(shape) here"
    }
    let known = Set(own.map(\.path))
    faults += arrays.keys.filter { $0.hasPrefix("encoders.\(name).") && !known.contains($0) }.sorted().map {
      "\($0) is not here"
    }
    return faults
  }

  /// The recipe's own take the numbers.
  public func encoder(for kind: ModalityKind) -> (any ModalityEncoder)? { nil }

  /// Copies the numbers of an encoder, which ``faults(of:named:)`` has found to fit.
  public func fill(_ encoder: any ModalityEncoder, named name: String) {
    for (path, parameter) in encoder.parameters {
      parameter.assign(tensor("encoders.\(name).\(path)", parameter.shape))
    }
    for (path, buffer) in encoder.buffers { buffer.value = tensor("encoders.\(name).\(path)", buffer.value.shape) }
  }

  private func tensor(_ path: String, _ shape: [Int]) -> Tensor {
    guard let array = arrays[path], array.shape == shape, let values = array.floats else {
      preconditionFailure("CheckpointSource: \(path) of \(place) does not fit")
    }
    return Tensor(values, shape: shape)
  }

  /// The linear map of methods that contrast pairs.
  public func projection(behind name: String, _ kind: ModalityKind) -> Tensor? {
    guard let array = arrays["method.projections.\(name).weight"], let values = array.floats, array.shape.count == 2
    else { return nil }
    return Tensor(values, shape: array.shape)
  }

  private func scalar(_ paths: [String]) -> Double? {
    paths.lazy.compactMap { arrays[$0]?.floats?.first }.first.map(Double.init)
  }

  /// What the run has learnt, or was given.
  public var scale: Double? {
    scalar(["method.objective.scale.logarithm", "method.scale.logarithm"]).map { exp($0) }
  }

  /// What the run has learnt.
  public var bias: Double? { scalar(["method.objective.bias"]) }
  /// Encoders are the recipe's own.
  public var patchSize: Int? { nil }

  /// Those of the run's training pictures, where it standardised them.
  public var channelStatistics: (mean: [Float], deviation: [Float])? {
    guard let mean = arrays["inputs.channelMean"]?.floats, let deviation = arrays["inputs.channelDeviation"]?.floats
    else { return nil }
    return (mean, deviation)
  }
}
