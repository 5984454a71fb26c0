import Datasets

extension [ModalityColumn] {
  /// Pictures and their captions of at most six tokens, an item for each observation.
  ///
  /// Shape: `pixels` is `[captions, side, side, 3]`.
  static func album(
    pixels: [Float], side: Int, captions: [String], tokeniser: SubwordTokeniser
  ) -> [ModalityColumn] {
    let rows = captions.indices.map { Int32($0) }
    return [
      ModalityColumn(
        modality: Modality(name: "picture", kind: .image(height: side, width: side, channels: 3)),
        items: .numbers(pixels), rows: rows),
      ModalityColumn(
        modality: Modality(name: "caption", kind: .tokens(length: 6, vocabulary: tokeniser.vocabularyCount)),
        items: .tokens(captions.flatMap { tokeniser.encode($0, length: 6) }), rows: rows),
    ]
  }
}
