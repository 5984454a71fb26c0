import Autograd

/// The soft attention of a recurrent decoder over the regions of a picture (Xu et al., ICML 2015, as public code has it).
///
///     h, c  = init_h, init_c of the mean region
///     each step:  α = softmax_i(a(ReLU(A_v v_i + A_h h))),   z = σ(W_β h) ⊙ Σ_i α_i v_i,   h, c = LSTM([word; z], h, c)
///
/// *Deviation*: the gate is a vector, as the code has it; the paper's β is a number.
///
/// Shapes: v `[batch, regions, width]`; layers are pairs of a weight `[out, in]` and a bias `[out]`.
public struct SoftAttention {
  /// A dense layer.
  public typealias Dense = (weight: Tensor, bias: Tensor)

  /// Hidden state and cell, `[batch, hidden]` each.
  public struct State {
    /// h
    public var hidden: Tensor
    /// c
    public var cell: Tensor
  }

  /// What the regions of a batch are to every step.
  public struct Regions {
    /// v, `[batch, regions, width]`
    public let values: Tensor
    /// A_v v, `[batch, regions, attention]`
    public let projected: Tensor

    /// Some of the batch.
    func selecting(_ rows: [Int]) -> Regions {
      Regions(values: values.gatheringItems(rows), projected: projected.gatheringItems(rows))
    }
  }

  private let initialHidden, initialCell, regionLayer, stateLayer, scoreLayer, gateLayer: Dense
  private let memory: RecurrentWeights

  /// Takes the layers: `init_h` and `init_c` width → hidden, A_v width → attention, A_h hidden → attention, a attention → 1, W_β
  /// hidden → width, and a memory whose inputs are a word's vector and z side by side.
  public init(
    initialHidden: Dense, initialCell: Dense, regions: Dense, state: Dense, score: Dense, gate: Dense,
    memory: RecurrentWeights
  ) {
    (self.initialHidden, self.initialCell, regionLayer, stateLayer) = (initialHidden, initialCell, regions, state)
    (scoreLayer, gateLayer, self.memory) = (score, gate, memory)
  }

  private static func apply(_ layer: Dense, to input: Tensor) -> Tensor {
    input.linear(weight: layer.weight, bias: layer.bias)
  }

  /// Looks at the regions of a batch.
  public func look(at values: Tensor) -> Regions {
    precondition(values.rank == 3, "SoftAttention: regions of shape \(values.shape) are not [batch, regions, width]")
    return Regions(values: values, projected: Self.apply(regionLayer, to: values))
  }

  /// The state before the first word.
  public func start(_ regions: Regions) -> State {
    let mean = regions.values.mean(axis: 1)
    return State(hidden: Self.apply(initialHidden, to: mean), cell: Self.apply(initialCell, to: mean))
  }

  /// Takes in one word of each row.
  ///
  /// - Parameter words: their vectors, `[batch, embedding]`.
  /// - Returns: the state then, and where it looked before, `[batch, regions]`.
  public func step(_ state: State, words: Tensor, _ regions: Regions) -> (state: State, attention: Tensor) {
    let (batch, count) = (regions.values.shape[0], regions.values.shape[1])
    let asked = Self.apply(stateLayer, to: state.hidden)
    let seen = (regions.projected + asked.reshaped(to: [batch, 1, asked.shape[1]])).relu()
    let attention = Self.apply(scoreLayer, to: seen).reshaped(to: [batch, count]).softmax()
    let context = attention.reshaped(to: [batch, 1, count]).multiplied(by: regions.values)
      .reshaped(to: [batch, regions.values.shape[2]])
    let gated = Self.apply(gateLayer, to: state.hidden).sigmoid() * context
    let next = Tensor.concatenated([words, gated], axis: 1)
      .lstmStep(memory, hidden: state.hidden, cell: state.cell)
    return (State(hidden: next.hidden, cell: next.cell), attention)
  }

  /// All steps over given words.
  ///
  /// Shapes: words `[batch, steps, embedding]` → states `[batch, steps, hidden]` and attention `[batch, steps, regions]`.
  public func unrolled(_ words: Tensor, _ regions: Regions) -> (states: Tensor, attention: Tensor) {
    precondition(words.rank == 3 && words.shape[1] > 0, "SoftAttention: words of shape \(words.shape)")
    var state = start(regions)
    var (states, attention): ([Tensor], [Tensor]) = ([], [])
    func placed(_ tensor: Tensor) -> Tensor { tensor.reshaped(to: [tensor.shape[0], 1, tensor.shape[1]]) }
    for place in 0..<words.shape[1] {
      let found = step(state, words: words.selecting(place, axis: 1), regions)
      state = found.state
      states.append(placed(state.hidden))
      attention.append(placed(found.attention))
    }
    return (Tensor.concatenated(states, axis: 1), Tensor.concatenated(attention, axis: 1))
  }

  /// How unevenly captions look at their regions: the mean over batch and regions of (1 − Σ_t α_ti)², where the sum is over a
  /// caption's own steps.
  ///
  /// Since Σ_i Σ_t α_ti is the number of steps whatever the weights are, another number than 1 changes the value and not the
  /// gradient.
  ///
  /// - Parameters:
  ///   - attention: `[batch, steps, regions]`.
  ///   - steps: of each caption.
  /// - Returns: the penalty, and the attention with zeros behind each caption's steps.
  public static func penalty(_ attention: Tensor, steps: [Int]) -> (value: Tensor, attention: Tensor) {
    let (batch, most) = (attention.shape[0], attention.shape[1])
    precondition(
      steps.count == batch && steps.allSatisfy { (0...most).contains($0) },
      "SoftAttention: \(steps) steps of attention of shape \(attention.shape)")
    let mask = Tensor(
      steps.flatMap { count -> [Float] in (0..<most).map { $0 < count ? 1 : 0 } }, shape: [batch, most, 1])
    let own = attention * mask
    return ((1 - own.sum(axis: 1)).squared().mean(), own)
  }
}

extension Tensor {
  /// Some items of the first axis, which may repeat.
  func gatheringItems(_ rows: [Int]) -> Tensor {
    reshaped(to: [shape[0], shape.dropFirst().reduce(1, *)]).gatheringRows(rows.map(Int32.init))
      .reshaped(to: [rows.count] + shape.dropFirst())
  }
}
