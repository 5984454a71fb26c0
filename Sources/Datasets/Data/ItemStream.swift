import Diagnostics
import Kernels

/// Items of a modality that are made when a batch needs them, for data that no memory holds: the pictures of a column, say,
/// while captions, tags and classes are in memory. ``PictureFiles`` is one.
public protocol ItemStream: Sendable {
  /// The number of items.
  var count: Int { get }

  /// Some items, one after another.
  ///
  /// - Throws: `UserError` where one cannot be made.
  func items(at indices: [Int]) throws(UserError) -> ModalityItems

  /// Makes some items, so that they are there when they are asked for.
  ///
  /// - Throws: `UserError` where one cannot be made.
  func load(_ indices: [Int]) throws(UserError)

  /// Says which items will be asked for next, so that they can be made meanwhile, on at most so many threads. It changes
  /// nothing but the time.
  func prepare(_ indices: [Int], readers: Int)
}

extension ItemStream {
  /// Makes some items.
  ///
  /// - Throws: `UserError` where one cannot be made.
  public func load(_ indices: [Int]) throws(UserError) { _ = try items(at: indices) }

  /// Nothing is made ahead.
  public func prepare(_ indices: [Int], readers: Int) {}

  /// Says which items will be asked for next; half of the threads make them, since a step computes on all.
  public func prepare(_ indices: [Int]) { prepare(indices, readers: max(1, Parallel.threads / 2)) }
}
