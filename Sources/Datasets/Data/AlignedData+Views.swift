import Diagnostics
import Kernels

/// Views of pictures that are made ahead of the step that asks for them.
extension AlignedData {
  /// What makes the views of the next batch; nil where pictures are not changed.
  static func viewsAhead(
    of modalities: [Modality], in train: MultimodalSplit, _ views: ImageAugmentation?, mild: ImageAugmentation?
  ) -> ViewsAhead? {
    guard let views, let image = modalities.first(where: { if case .image = $0.kind { true } else { false } })
    else { return nil }
    let column = train.column(of: image.name)
    let size = image.kind.elementCount
    return ViewsAhead(elementCount: size) { job throws(UserError) in
      let (pixels, row) = try pixels(of: job.picture.item, in: column, size: size)
      return job.requests.map { request in
        var stream = RandomStream(key: request.key, position: request.position)
        let augmentation = request.isMild ? mild ?? views : views
        return augmentation.views(
          of: pixels, rows: [row], keepsSide: [!request.isMild && job.picture.keepsSide], stream: &stream)
      }
    }
  }

  /// Pixels, and which picture of them is that of an item.
  private static func pixels(
    of item: Int32, in column: ModalityColumn, size: Int
  ) throws(UserError) -> (pixels: [Float], row: Int32) {
    guard item != ModalityColumn.absent else { return ([Float](repeating: 0, count: size), 0) }
    if let bytes = column.bytes { return (column.numbers(of: bytes, at: [Int(item)]), 0) }
    guard case .numbers(let pixels) = try column.stream?.items(at: [Int(item)]) ?? column.items else {
      preconditionFailure("AlignedData: pictures without pixels")
    }
    return (pixels, column.stream == nil ? item : 0)
  }

  /// Of how many pictures views that were made ahead are held.
  package var heldViews: Int { viewsAhead?.heldCount ?? 0 }

  /// The pictures that training observations are trained with.
  func pictures(of rows: [Int]) -> [ViewsAhead.Picture] {
    guard let image else { return [] }
    let column = dataset.train.column(of: modalities[image].name)
    let hasSides = !keepsSide.isEmpty
    return trainingRows(of: image, at: rows).map {
      ViewsAhead.Picture(item: column.rows[$0], keepsSide: hasSides && keepsSide[$0])
    }
  }
}
