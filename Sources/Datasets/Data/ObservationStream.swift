import Diagnostics

/// Training observations that are read when a batch needs them, for data that no memory holds.
public protocol ObservationStream: Sendable {
  /// The number of observations.
  var count: Int { get }

  /// The items of a modality for some observations, one after another.
  ///
  /// - Throws: `UserError` where an item cannot be read.
  func items(of modality: String, at indices: [Int]) throws(UserError) -> ModalityItems
}
