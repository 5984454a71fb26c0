extension MultimodalSplit {
  /// For each observation the number of its item of a modality, −1 where it has none; equal items have equal numbers.
  ///
  /// Tags, classes and vectors are equal where their numbers are, all others where they are the same item of the column.
  func itemNumbers(of modality: String) -> [Int] {
    let column = column(of: modality)
    guard case .numbers(let values) = column.items else { return column.rows.map { Int($0) } }
    switch column.modality.kind {
    case .image, .video, .spectrogram, .series, .regions, .tokens: return column.rows.map { Int($0) }
    case .vector, .tags, .label: break
    }
    let size = column.modality.kind.elementCount
    guard size > 0 else { return column.rows.map { Int($0) } }
    let items = FamilySplit.numbers(of: (0..<values.count / size).map { values[$0 * size..<($0 + 1) * size] })
    return column.rows.map { $0 == ModalityColumn.absent ? -1 : items[Int($0)] }
  }
}
