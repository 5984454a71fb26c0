import Diagnostics
import Figures
import Foundation
import Runs

extension PictureGridFile {
  /// The figure of the files of a name, and what to say of it.
  package static func figure(
    name: String, in folder: URL, seed: Int, title: String
  ) throws(UserError) -> (figure: PictureGrid, caption: String) {
    let (file, pictures, shape) = try read(name: name, in: folder)
    let (columns, height, width, channels) = (shape[1], shape[2], shape[3], shape[4])
    let size = height * width * channels
    let rows = file.rows.enumerated().map { row, line in
      line.captions.enumerated().map { column, caption in
        let kind = line.frames?[column]
        if line.wordsOnly?.contains(column) == true {
          return PictureGrid.Cell(picture: nil, caption: caption, kind: kind)
        }
        let start = (row * columns + column) * size
        var values = Array(pictures[start..<start + size])
        if channels == 1 { values = values.flatMap { [$0, $0, $0] } }
        return PictureGrid.Cell(
          picture: PictureGrid.Picture(width: width, height: height, values: values), caption: caption, kind: kind)
      }
    }
    let names = file.rows.map(\.name)
    let grid = PictureGrid(
      title: title, rows: rows, rowNames: names.allSatisfy(\.isEmpty) ? [] : names, columnNames: file.columnNames ?? [],
      kinds: file.kinds ?? [])
    return (grid, "\(file.caption) Seed \(seed).")
  }

  /// The title in the files of a name; nil where they are damaged, which drawing tells.
  package static func title(name: String, in folder: URL) -> String {
    (try? read(name: name, in: folder))?.file.title ?? name
  }
}
