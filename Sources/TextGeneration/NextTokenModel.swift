import Autograd

/// A model that writes texts token by token, for several rows at once.
public protocol NextTokenModel {
  /// What a row has taken in so far, of all rows: keys and values, or hidden states.
  associatedtype State

  /// The number of different tokens.
  var vocabularySize: Int { get }

  /// Takes in one token of each row and gives the logits of the next, `[rows, vocabulary]`, without recording.
  func advance(_ state: inout State, by tokens: [Int32]) -> Tensor

  /// The state of some rows, which may repeat or be left out (beams change places).
  func selecting(_ rows: [Int], of state: State) -> State
}
