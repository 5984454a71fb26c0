import Diagnostics

/// Items of a modality that are made when a batch needs them, for data that no memory holds: the pictures of a column, say,
/// while captions, tags and classes are in memory. ``PictureFiles`` is one.
public protocol ItemStream: Sendable {
  /// The number of items.
  var count: Int { get }

  /// Some items, one after another.
  ///
  /// - Throws: `UserError` where one cannot be made.
  func items(at indices: [Int]) throws(UserError) -> ModalityItems

  /// Says which items will be asked for next, so that they can be made meanwhile. It changes nothing but the time.
  func prepare(_ indices: [Int])
}

extension ItemStream {
  /// Nothing is made ahead.
  public func prepare(_ indices: [Int]) {}
}
