/// Where patches lie in images.
package struct PatchGrid {
  let height, width, channels: Int
  package let rows, columns: Int
  private let patchHeight, patchWidth: Int

  /// Divides images of shape `[batch, height, width, channels]`.
  ///
  /// - Parameter patchSize: the side of a patch; nil where the patches are places of a feature map in the images' ratio.
  package init(image shape: [Int], patches: Int, patchSize: Int?) {
    (height, width, channels) = (shape[1], shape[2], shape[3])
    if let patchSize {
      (rows, columns) = (height / patchSize, width / patchSize)
    } else {
      // A map that was halved some times has ⌈height / 2ⁿ⌉ rows.
      var (rows, columns) = (height, width)
      while rows * columns > patches, rows + columns > 2 { (rows, columns) = ((rows + 1) / 2, (columns + 1) / 2) }
      (self.rows, self.columns) = (rows, columns)
    }
    (patchHeight, patchWidth) = ((height + rows - 1) / rows, (width + columns - 1) / columns)
  }

  /// The pixels of a patch.
  package func area(of patch: Int) -> (rows: Range<Int>, columns: Range<Int>) {
    let (row, column) = (patch / columns * patchHeight, patch % columns * patchWidth)
    return (min(row, height)..<min(row + patchHeight, height), min(column, width)..<min(column + patchWidth, width))
  }

  /// Whether a patch of several pixels of an image in a batch has a single colour.
  package func isPlain(_ patch: Int, of image: Int, _ pixels: [Float]) -> Bool {
    let area = area(of: patch)
    guard let top = area.rows.first, let left = area.columns.first else { return true }
    // A single pixel is of one colour whatever it shows.
    if area.rows.count * area.columns.count == 1 { return false }
    let first = ((image * height + top) * width + left) * channels
    for row in area.rows {
      for column in area.columns {
        let start = ((image * height + row) * width + column) * channels
        for channel in 0..<channels where abs(pixels[start + channel] - pixels[first + channel]) > 1e-3 { return false }
      }
    }
    return true
  }

  /// Draws a red frame around a patch, where there is room outside it, else on its border.
  package func frame(_ patch: Int, of image: Int, _ pixels: inout [Float]) {
    let area = area(of: patch)
    guard !area.rows.isEmpty, !area.columns.isEmpty else { return }
    let (top, bottom) = (max(0, area.rows.lowerBound - 1), min(height - 1, area.rows.upperBound))
    let (left, right) = (max(0, area.columns.lowerBound - 1), min(width - 1, area.columns.upperBound))
    func paint(_ row: Int, _ column: Int) {
      let start = ((image * height + row) * width + column) * channels
      for channel in 0..<channels { pixels[start + channel] = channel == 0 ? 1 : 0 }
    }
    for column in left...right {
      paint(top, column)
      paint(bottom, column)
    }
    for row in top...bottom {
      paint(row, left)
      paint(row, right)
    }
  }
}
