import Autograd
import Graphs
import Kernels
import Layers

/// A network that follows another one of equal structure by a moving average of its parameters (He et al., 2020).
///
///     θ_twin ← m θ_twin + (1 − m) θ_source
///
/// Only parameters are averaged. Buffers, such as the running statistics of batch norm, are copied at the start and are
/// the twin's own from then on. The twin collects no gradient. Give optimisers the source alone, checkpoints both.
public final class MomentumTwin<Network: Module>: Module {
  /// The network that follows.
  public let network: Network
  private let pairs: [(source: Parameter, twin: Parameter)]

  /// Copies parameters and buffers of `source` into `network`, which must have the same ones under the same paths.
  public init(of source: Network, into network: Network) {
    self.network = network
    let (own, other) = (network.parameters, source.parameters)
    precondition(
      own.map(\.path) == other.map(\.path) && network.buffers.map(\.path) == source.buffers.map(\.path),
      "MomentumTwin: the networks have different parts")
    var seen: Set<ObjectIdentifier> = []
    pairs = zip(other, own).compactMap {
      seen.insert(ObjectIdentifier($1.parameter)).inserted ? ($0.parameter, $1.parameter) : nil
    }
    for (source, twin) in pairs {
      precondition(source !== twin, "MomentumTwin: the networks share a parameter")
      twin.assign(source.value)
      twin.isTrainable = false
    }
    for (own, other) in zip(network.buffers, source.buffers) { own.buffer.value = other.buffer.value }
  }

  /// The parts of the network.
  public var parts: [ModulePart] { network.parts }

  /// Moves the parameters by 1 − `momentum` of their distance from the source's; call it before the source's update.
  public func update(momentum: Float) {
    for run in runs() {
      ParameterUpdate.movingAverage(of: run.source, momentum: momentum, into: run.twin, count: run.count)
    }
  }

  /// Computes without recording; what comes out is constant.
  public func callAsFunction<Result>(_ body: (Network) throws -> Result) rethrows -> Result {
    try Tape.withoutRecording { try body(network) }
  }

  private typealias Run = (source: UnsafePointer<Float>, twin: UnsafeMutablePointer<Float>, count: Int)

  /// Neighbours in memory on both sides, joined: one run where an optimiser has laid the source side by side.
  private func runs() -> [Run] {
    followLayout()
    var runs: [Run] = []
    var last: (source: Parameter, twin: Parameter)?
    for pair in pairs.sorted(by: { $0.source.offset < $1.source.offset }) {
      defer { last = pair }
      if let last, pair.source.isStored(behind: last.source), pair.twin.isStored(behind: last.twin) {
        let gap = pair.source.offset - last.source.offset - last.source.count
        if gap == pair.twin.offset - last.twin.offset - last.twin.count {
          runs[runs.count - 1].count += gap + pair.source.count
          continue
        }
      }
      runs.append((UnsafePointer(pair.source.valuePointer), pair.twin.valuePointer, pair.source.count))
    }
    return runs
  }

  /// Lays the twin out as the source is, where the source lies in one block.
  private func followLayout() {
    guard let first = pairs.first, pairs.allSatisfy({ $0.source.sharesStorage(with: first.source) }) else { return }
    let base = pairs.reduce(Int.max) { min($0, $1.source.offset) }
    if pairs.allSatisfy({
      $0.twin.offset == $0.source.offset - base && $0.twin.sharesStorage(with: first.twin)
    }) {
      return
    }
    let end = pairs.reduce(0) { max($0, $1.source.offset + $1.source.count) }
    let values = Storage(count: end - base)
    Elementwise.fill(values.pointer, with: 0, count: values.count)
    for (source, twin) in pairs { twin.move(into: values, at: source.offset - base) }
  }
}

extension MomentumTwin: Layer where Network: Layer {
  /// Applies the network without recording.
  public func callAsFunction(_ input: Tensor, in pass: ForwardPass) -> Tensor {
    Tape.withoutRecording { network(input, in: pass) }
  }

  /// The network's operators.
  public func described(_ input: GraphValue) -> GraphValue { network.described(input) }
}
