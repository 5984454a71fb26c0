import Diagnostics
import Foundation

/// The files that a column of a folder's table names, each once, and which row has which.
struct FolderFileList {
  /// The files, in the order in which the table names them first.
  let files: [URL]
  /// The number of each row's file, or `ModalityColumn.absent`.
  let rows: [Int32]
  /// Reads one of them.
  let read: FileReader

  /// Lists the files of a modality; nil where it is not one of files.
  ///
  /// - Throws: `UserError` where the table has no such column.
  init?(of modality: FolderModality, table: FolderTable) throws(UserError) {
    let prefix: String
    var read = FileDigests.wholeFile
    switch modality.kind {
    case .image(let image): prefix = image.folder
    case .video(let video):
      prefix = video.folder
      read = { file throws(UserError) in try VideoClip.contents(of: file, frames: video.frames) }
    case .audio(let audio): prefix = audio.folder
    case .series(let series) where series.file.isEmpty: prefix = series.folder
    default: return nil
    }
    let folder = prefix.isEmpty ? table.folder : FolderTable.file(prefix, in: table.folder)
    var numbers: [String: Int32] = [:]
    var files: [URL] = []
    rows = try table.cells(of: modality.columns[0]).map { cell in
      guard !cell.isEmpty else { return ModalityColumn.absent }
      if let number = numbers[cell] { return number }
      let number = Int32(files.count)
      numbers[cell] = number
      files.append(FolderTable.file(cell, in: folder))
      return number
    }
    (self.files, self.read) = (files, read)
  }
}
