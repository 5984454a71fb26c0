import Kernels

/// Takes modalities away from observations at random, but never all that an observation has.
///
/// Of each observation one modality, each of its own as likely as the others, is kept; every other one goes with
/// probability `rate`.
public struct ModalityDropout: Sendable {
  /// The probability with which a modality that is not the kept one goes.
  public let rate: Float

  /// Creates dropout of a rate in `0...1`.
  public init(rate: Float) {
    precondition((0...1).contains(rate), "ModalityDropout: a rate of \(rate) is outside 0...1")
    self.rate = rate
  }

  /// For each modality, whether each observation of a batch has it still.
  ///
  /// The stream gives each observation the number of the kept modality and one number for every modality, in this order;
  /// with rate 0 it stays where it is.
  ///
  /// - Parameter isPresent: whether an observation has a modality at all; each has at least one.
  public func presence(
    modalities: Int, batch: Int, using stream: inout RandomStream,
    isPresent: (_ modality: Int, _ observation: Int) -> Bool = { _, _ in true }
  ) -> [[Bool]] {
    var presence = (0..<modalities).map { modality in (0..<batch).map { isPresent(modality, $0) } }
    guard rate > 0 else { return presence }
    for row in 0..<batch {
      let own = presence.indices.filter { presence[$0][row] }
      precondition(!own.isEmpty, "ModalityDropout: observation \(row) of the batch has no modality")
      let kept = own[stream.below(own.count)]
      for modality in presence.indices where stream.uniform() < rate && modality != kept {
        presence[modality][row] = false
      }
    }
    return presence
  }
}
