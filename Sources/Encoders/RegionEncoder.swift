import Autograd
import Datasets
import Graphs
import Kernels
import Layers

/// An encoder of regions as a set: dense layers on each region's box and features, and the mean over the regions.
///
/// The shares of classes are not looked at: they are what is to be told of a region.
struct RegionEncoder: ModalityEncoder {
  let layers: MLP
  let features: Int
  let width: Int

  init(features: Int, widths: [Int], stream: inout RandomStream) {
    self.features = features
    width = widths[widths.count - 1]
    layers = MLP(widths: [ModalityKind.regionHead - 1 + features] + widths, activation: .silu, stream: &stream)
  }

  var parts: [ModulePart] { [.module("layers", layers)] }

  func encoding(_ input: ModalityInput, in pass: ForwardPass) -> Encoding {
    let regions = input.regions(features: features)
    let found = layers(Tensor.concatenated([regions.boxes, regions.features], axis: 2))
    let vector = TextTransformer.read(found, .mean, isReal: regions.isReal)
    return Encoding(vector: vector, parts: found, isReal: regions.isReal)
  }

  func described(_ input: GraphValue) -> DescribedEncoding {
    let isReal = input.slice(axis: 2, from: 0, to: 1).squeezed(2).equals(0).negated
    let found = layers.described(input.slice(axis: 2, from: 1, to: ModalityKind.regionHead + features))
    let vector = TextTransformer.describedRead(found, .mean, isReal: isReal, length: 1)
    return DescribedEncoding(vector: vector, parts: found, isReal: isReal)
  }
}

/// Regions of a batch of pictures.
public struct RegionBatch {
  /// Where they lie, `[batch, regions, 5]`.
  public var boxes: Tensor
  /// What they look like, `[batch, regions, features]`.
  public var features: Tensor
  /// The shares of classes of what is in them, `[batch, regions, classes]`; nil where none are known.
  public var classes: Tensor?
  /// For each region whether it is one.
  public var isReal: [Bool]

  /// Puts them together.
  public init(boxes: Tensor, features: Tensor, classes: Tensor?, isReal: [Bool]) {
    (self.boxes, self.features, self.classes, self.isReal) = (boxes, features, classes, isReal)
  }
}

extension ModalityInput {
  /// A batch of a modality of regions, `[batch, regions, 6 + features + classes]`.
  public func regions(features: Int) -> RegionBatch {
    let all = tensor
    precondition(
      all.rank == 3 && all.shape[2] >= ModalityKind.regionHead + features,
      "regions: an input of shape \(all.shape) for \(features) features")
    let end = ModalityKind.regionHead + features
    return RegionBatch(
      boxes: all.slice(axis: 2, 1..<ModalityKind.regionHead),
      features: all.slice(axis: 2, ModalityKind.regionHead..<end),
      classes: all.shape[2] > end ? all.slice(axis: 2, end..<all.shape[2]) : nil,
      isReal: all.slice(axis: 2, 0..<1).values.map { $0 != 0 })
  }

  /// The patches of a batch of pictures `[batch, height, width, channels]` as regions: a region's features are its pixels,
  /// row by row, its box is the patch.
  ///
  /// - Parameter side: the side of a patch in pixels, which divides height and width.
  public func patches(side: Int) -> RegionBatch {
    let pixels = tensor
    let (batch, height, width, channels) = (pixels.shape[0], pixels.shape[1], pixels.shape[2], pixels.shape[3])
    precondition(
      height % side == 0 && width % side == 0, "patches: a side of \(side) does not divide \(height) × \(width)")
    let (rows, columns) = (height / side, width / side)
    let features = pixels.reshaped(to: [batch * rows, side, columns, side * channels]).transposed([0, 2, 1, 3])
      .reshaped(to: [batch, rows * columns, side * side * channels])
    var boxes: [Float] = []
    for row in 0..<rows {
      for column in 0..<columns {
        boxes += [
          Float(column) / Float(columns), Float(row) / Float(rows), Float(column + 1) / Float(columns),
          Float(row + 1) / Float(rows), 1 / Float(rows * columns),
        ]
      }
    }
    let all = (0..<batch).flatMap { _ in boxes }
    return RegionBatch(
      boxes: Tensor(all, shape: [batch, rows * columns, 5]), features: features, classes: nil,
      isReal: [Bool](repeating: true, count: batch * rows * columns))
  }
}
