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

  /// The numbers of the items of another modality for some observations, equal for equal items, such as one picture with
  /// several captions; nil where it is not known which are equal.
  func itemNumbers(of modality: String, at indices: [Int]) -> [Int]?
}

extension ObservationStream {
  /// They are not known.
  public func texts(of modality: String) -> [String] { [] }

  /// It is not known.
  public func itemNumbers(of modality: String, at indices: [Int]) -> [Int]? { nil }
}
