import Kernels

/// Channels-last images in bfloat16, as they pass from convolution to convolution, with their place on the tape.
///
/// Half of a tensor's memory. Gradients on the way back are bfloat16 too; statistics, weights and their gradients float32.
///
/// Shapes: `[batch, height, width, channels]`.
public struct RoundedImages {
  /// The size of each axis.
  public let shape: [Int]
  let storage: Bfloat16Storage
  let node: RoundedNode?

  init(shape: [Int], storage: Bfloat16Storage, node: RoundedNode? = nil) {
    self.shape = shape
    self.storage = storage
    self.node = node
  }

  init(uninitialized shape: [Int]) {
    self.init(shape: shape, storage: Bfloat16Storage(count: shape.reduce(1, *)))
  }

  /// Rounds images.
  public init(_ images: Tensor) {
    precondition(images.rank == 4, "RoundedImages: shape \(images.shape) is not [batch, height, width, channels]")
    let count = images.count
    let rounded = RoundedImages(
      shape: images.shape,
      storage: Bfloat16Storage(rounding: images.pointer, leading: count, rows: 1, columns: count))
    let (node, shape) = (images.node, images.shape)
    self = rounded.recorded(isRecorded: node != nil) { gradient in
      let slope = Tensor(uninitialized: shape)
      Bfloat16.widen(gradient.pointer, into: slope.pointer, count: count)
      node?.accumulate(slope)
      withExtendedLifetime(gradient) {}
    }
  }

  /// How many numbers there are.
  public var count: Int { shape.reduce(1, *) }

  /// The images in float32.
  public func widened() -> Tensor {
    let result = Tensor(uninitialized: shape)
    Bfloat16.widen(storage.pointer, into: result.pointer, count: count)
    guard let node, let tape = Tape.current else { return result }
    let own = TapeNode(shape: shape) { gradient in
      node.accumulate(
        Bfloat16Storage(rounding: gradient.pointer, leading: gradient.count, rows: 1, columns: gradient.count))
    }
    tape.append(own)
    return Tensor(shape: shape, storage: result.storage, node: own)
  }

  /// The mean over each whole image in float32, `[batch, channels]`.
  public func globallyAveraged() -> Tensor {
    let (images, positions, channels) = (shape[0], shape[1] * shape[2], shape[3])
    let result = Tensor(uninitialized: [images, channels])
    Bfloat16.imageMeans(
      storage.pointer, into: result.pointer, images: images, positions: positions, channels: channels)
    guard let node, let tape = Tape.current else { return result }
    let own = TapeNode(shape: result.shape) { gradient in
      let slope = Bfloat16Storage(count: images * positions * channels)
      Bfloat16.imageMeansGradient(
        gradient.pointer, into: slope.pointer, images: images, positions: positions, channels: channels)
      node.accumulate(slope)
    }
    tape.append(own)
    return Tensor(shape: result.shape, storage: result.storage, node: own)
  }

  /// Records these images, the result of an operation, where a tape runs and an input is recorded.
  func recorded(isRecorded: Bool, pullback: @escaping (Bfloat16Storage) -> Void) -> RoundedImages {
    guard isRecorded, let tape = Tape.current else { return self }
    let node = RoundedNode(count: count, pullback: pullback)
    tape.append(node)
    return RoundedImages(shape: shape, storage: storage, node: node)
  }
}

/// The gradient of recorded images so far, and how to hand it on to the operation's inputs.
final class RoundedNode: TapeEntry {
  private let count: Int
  private var pullback: ((Bfloat16Storage) -> Void)?
  private var gradient: Bfloat16Storage?

  init(count: Int, pullback: @escaping (Bfloat16Storage) -> Void) {
    self.count = count
    self.pullback = pullback
  }

  /// Adds a gradient that an operation computed; the sum is rounded.
  func accumulate(_ addition: Bfloat16Storage) {
    guard let present = gradient else {
      gradient = addition
      return
    }
    let sum = Bfloat16Storage(count: count)
    Bfloat16.add(present.pointer, addition.pointer, into: sum.pointer, count: count)
    withExtendedLifetime((present, addition)) {}
    gradient = sum
  }

  func handOn() {
    guard let pullback else { return }
    self.pullback = nil
    guard let arrived = gradient else { return }
    gradient = nil
    pullback(arrived)
  }
}
