import Autograd
import Encoders
import Kernels
import Layers
import Objectives

/// MoCo v2 on images alone (Chen et al., 2020): a view against the key of another view and a queue; see ``MoCo``.
struct MoCoMethod: ImageMethod {
  /// Settings.
  struct Options: Codable, Equatable, Sendable {
    /// τ
    var temperature = 0.2
    /// K, the number of keys in the queue.
    var queueSize = 1024
    /// m, how much of its parameters the momentum twin keeps in a step.
    var momentum = 0.98
    /// The hidden width of the head, which is left out after training.
    var headDimensions = 128

    var requirements: [OptionRequirement] {
      [
        .positive("temperature", temperature), .count("queueSize", queueSize), .share("momentum", momentum),
        .count("headDimensions", headDimensions),
      ]
    }
  }

  /// What the twin follows.
  private struct Network: Module {
    let encoders: EncoderSet
    let head: MLP
    var parts: [ModulePart] { [.module("encoders", encoders), .module("head", head)] }
  }

  let options: Options
  let image: Int
  private let network: Network
  private let twin: MomentumTwin<Network>
  private let queue: NegativeQueue

  init(_ options: Options, _ setting: inout MethodSetting) {
    guard let image = setting.data.image else { preconditionFailure("MoCoMethod: data without images") }
    self.options = options
    self.image = image
    let widths = [setting.encoders.widths[image], options.headDimensions, setting.model.dimensions]
    network = Network(
      encoders: setting.encoders, head: MLP(widths: widths, activation: .relu, stream: &setting.stream))
    twin = MomentumTwin(
      of: network,
      into: Network(
        encoders: setting.furtherEncoders(&setting.stream),
        head: MLP(widths: widths, activation: .relu, stream: &setting.stream)))
    queue = NegativeQueue(size: options.queueSize, dimensions: setting.model.dimensions, stream: &setting.stream)
  }

  var encoders: EncoderSet { network.encoders }
  var parts: [ModulePart] { [.module("head", network.head)] }
  var companions: [(name: String, module: any Module)] { [("twin", twin), ("queue", queue)] }

  func loss(of batch: ComparedBatch, in pass: ForwardPass) -> LossTerms {
    twin.update(momentum: Float(options.momentum))
    func projected(_ network: Network) -> Tensor {
      network.head(network.encoders.encoding(of: image, batch.imageViews(), in: pass).vector).l2Normalised()
    }
    let query = projected(network)
    let key = twin { projected($0) }
    let loss = MoCo(temperature: Float(options.temperature)).loss(query: query, key: key, queue: queue.keys)
    queue.enqueue(key)
    return LossTerms(summing: [("image intra", loss)])
  }
}
