import Diagnostics

/// Training observations that are read when a batch needs them, for data that no memory holds.
public protocol ObservationStream: Sendable {
  /// The number of observations.
  var count: Int { get }

  /// The items of a modality for some observations, one after another.
  ///
  /// - Throws: `UserError` where an item cannot be read.
  func items(of modality: String, at indices: [Int]) throws(UserError) -> ModalityItems

  /// The texts of a modality of captions, one for each observation; none where they are not known.
  func texts(of modality: String) -> [String]
}

extension ObservationStream {
  /// They are not known.
  public func texts(of modality: String) -> [String] { [] }
}
