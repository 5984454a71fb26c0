import Autograd
import Kernels

/// A random order of the items of a batch, and the way back: the shuffling of batch norm (He et al., MoCo, 2020).
///
/// The keys of a batch are computed in this order and put back, so that the part of the batch a key was normalised with
/// is not the part its query was: else the shared statistics would tell them to belong together.
public struct BatchOrder: Equatable, Sendable {
  /// The item at each place of the order.
  public let order: [Int32]

  /// Draws an order of `count` items.
  public init(count: Int, stream: inout RandomStream) {
    order = stream.permutation(of: count).map { Int32($0) }
  }

  /// The items in this order.
  public func shuffled(_ batch: Tensor) -> Tensor { gather(batch, order) }

  /// The items in their own order, from what ``shuffled(_:)`` gave or was computed from that, item by item.
  public func restored(_ batch: Tensor) -> Tensor {
    var places = order
    for (place, item) in order.enumerated() { places[Int(item)] = Int32(place) }
    return gather(batch, places)
  }

  private func gather(_ batch: Tensor, _ places: [Int32]) -> Tensor {
    precondition(
      batch.rank > 0 && batch.shape[0] == order.count,
      "BatchOrder: a batch of shape \(batch.shape) for an order of \(order.count)")
    return batch.reshaped(to: [order.count, batch.count / max(order.count, 1)]).gatheringRows(places)
      .reshaped(to: batch.shape)
  }
}
