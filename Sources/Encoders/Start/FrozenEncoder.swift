import Autograd
import Graphs
import Kernels
import Layers

/// An encoder that stays as it is: no number of it is trained, and it encodes as in evaluation, without dropout and by the
/// running statistics of batch norm, which stay as well.
struct FrozenEncoder: ModalityEncoder {
  private let base: any ModalityEncoder

  init(_ base: any ModalityEncoder) {
    self.base = base
    for (_, parameter) in base.parameters { parameter.isTrainable = false }
  }

  var parts: [ModulePart] { base.parts }
  var width: Int { base.width }

  func encoding(_ input: ModalityInput, in pass: ForwardPass) -> Encoding { base.encoding(input, in: .evaluation) }

  func described(_ input: GraphValue) -> DescribedEncoding { base.described(input) }
}

/// An encoder whose own numbers stay, with adapters beside the weights of its attention and perceptrons.
struct AdaptedEncoder: ModalityEncoder {
  private let base: any ModalityEncoder
  private let adapters: [(path: String, adapter: any WeightAdapter)]

  init(_ base: any ModalityEncoder, options: StartOptions, stream: inout RandomStream) {
    self.base = base
    for (_, parameter) in base.parameters { parameter.isTrainable = false }
    var adapters: [(path: String, adapter: any WeightAdapter)] = []
    for (path, weight) in base.adaptableWeights {
      let adapter: any WeightAdapter
      switch options.adapter {
      case .none: continue
      case .lora:
        adapter = LowRankAdapter(
          shape: weight.shape, rank: options.rank, alpha: Float(options.alpha), stream: &stream)
      case .tensorTrain:
        adapter = TensorTrainAdapter(
          shape: weight.shape, rank: options.rank, alpha: Float(options.alpha), stream: &stream)
      }
      weight.adaptation = adapter
      adapters.append((path, adapter))
    }
    self.adapters = adapters
  }

  /// The encoder's own parts and the adapters.
  var parts: [ModulePart] { base.parts + [.module("adapters", AdapterSet(adapters: adapters))] }
  var width: Int { base.width }

  func encoding(_ input: ModalityInput, in pass: ForwardPass) -> Encoding { base.encoding(input, in: pass) }

  /// The encoder's own operators: adapters are in its weights by then.
  func described(_ input: GraphValue) -> DescribedEncoding { base.described(input) }
}

/// Adapters under the paths of their weights.
private struct AdapterSet: Module {
  let adapters: [(path: String, adapter: any WeightAdapter)]
  var parts: [ModulePart] { adapters.map { .module($0.path, $0.adapter) } }
}

extension Module {
  /// Whether it is an encoder that stays as it is.
  package var isFrozenEncoder: Bool { self is FrozenEncoder }

  /// Takes what adapters add into the weights themselves: the same function with fewer products. The adapters are still among
  /// the module's parts, without any effect.
  public func mergeAdapters() {
    for (_, parameter) in parameters { parameter.mergeAdaptation() }
  }
}
