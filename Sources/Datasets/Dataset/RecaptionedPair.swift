/// An observation with another caption than its own.
public struct RecaptionedPair: Equatable, Sendable {
  /// Where a caption comes from.
  public enum Caption: Equatable, Sendable {
    /// It is that of an observation.
    case of(Int)
    /// It was written.
    case written(String)
  }

  /// The observation that all else is of.
  public let observation: Int
  /// The caption.
  public let caption: Caption

  /// Puts both together.
  public init(_ observation: Int, _ caption: Caption) { (self.observation, self.caption) = (observation, caption) }
}

extension MultimodalSplit {
  /// Pairs in the place of the observations: what they have of the observations, and captions of a modality as the pairs say.
  ///
  /// - Parameter tokeniser: what makes tokens of written captions, cut where they are longer than the data's.
  public func pairing(
    _ pairs: [RecaptionedPair], in modality: String, tokeniser: SubwordTokeniser
  ) -> MultimodalSplit {
    let (own, column) = (gathering(pairs.map(\.observation)), column(of: modality))
    guard case .tokens(let length, _) = column.modality.kind, case .tokens(let tokens) = column.items else {
      preconditionFailure("MultimodalSplit \(name): \(modality) is no modality of captions")
    }
    var written: [String] = []
    let rows = pairs.map { pair -> Int32 in
      switch pair.caption {
      case .of(let row): return column.rows[row]
      case .written(let text):
        written.append(text)
        return Int32(tokens.count / length + written.count - 1)
      }
    }
    let captions = ModalityColumn(
      modality: column.modality, items: .tokens(tokens + tokeniser.encode(written, length: length)), rows: rows)
    var texts = own.texts
    if let known = self.texts[modality] {
      texts[modality] = pairs.map { pair in
        switch pair.caption {
        case .of(let row): known[row]
        case .written(let text): text
        }
      }
    }
    return MultimodalSplit(
      name: name, columns: own.columns.map { $0.modality.name == modality ? captions : $0 }, labels: own.labels,
      identifiers: own.identifiers, texts: texts, families: own.families)
  }
}
