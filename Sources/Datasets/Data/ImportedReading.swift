/// How encoders of an imported model see items, in place of what the data set and the recipe say.
public struct ImportedReading: Sendable {
  /// The captions of all modalities as tokens of the model's own vocabulary.
  public struct Captions: Sendable {
    /// What makes tokens of texts.
    public let tokeniser: PretrainedTokeniser
    /// The most tokens of a text.
    public let length: Int

    /// Names a tokeniser with the most tokens of a text.
    public init(tokeniser: PretrainedTokeniser, length: Int) { (self.tokeniser, self.length) = (tokeniser, length) }

    /// Texts one after another, `[texts, length]`, padded by 0; a longer text is cut before its last token.
    public func tokens(of texts: some Sequence<String>, length: Int) -> [Int32] {
      texts.flatMap { text in
        let tokens = tokeniser.tokens(of: text, length: length)
        return tokens + [Int32](repeating: 0, count: length - tokens.count)
      }
    }

    /// The length that holds texts whole, at most the model's.
    func length(holding texts: some Sequence<String>) -> Int {
      texts.lazy.map { tokeniser.tokens(of: $0, length: self.length).count }.max() ?? length
    }
  }

  /// Whether the model brings pixels in 0…1 to its own range.
  public let readsPictures: Bool
  /// How captions are read; nil where the data set's own tokenisers do.
  public let captions: Captions?
  /// The modalities that the model's encoders are of; nil for all of pictures and captions.
  public let modalities: [String]?

  /// Says what is the model's own.
  public init(readsPictures: Bool, captions: Captions?, modalities: [String]? = nil) {
    (self.readsPictures, self.captions, self.modalities) = (readsPictures, captions, modalities)
  }

  /// Whether a modality's encoder is the model's.
  public func includes(_ modality: Modality) -> Bool {
    let isRead =
      switch modality.kind {
      case .image: readsPictures
      case .tokens: captions != nil
      case .video, .spectrogram, .series, .regions, .vector, .tags, .label: false
      }
    return isRead && modalities?.contains(modality.name) ?? true
  }
}

extension MultimodalDataset {
  /// The same data with the captions of some modalities as tokens of another vocabulary, all of one length.
  ///
  /// Where a side keeps no texts it must have no captions either, as in the form of a data set.
  func reading(_ names: [String], by reader: ImportedReading.Captions) -> MultimodalDataset {
    let sides = [train, validation, test]
    let texts = sides.flatMap { side in names.flatMap { side.texts[$0] ?? [] } }
    let length = texts.isEmpty ? reader.length : reader.length(holding: texts)
    func read(_ side: MultimodalSplit) -> MultimodalSplit {
      let columns = side.columns.map { column -> ModalityColumn in
        guard names.contains(column.modality.name) else { return column }
        let modality = Modality(
          name: column.modality.name, kind: .tokens(length: length, vocabulary: reader.tokeniser.vocabularySize))
        let texts = side.texts[column.modality.name] ?? []
        precondition(
          texts.count == side.count || column.absentCount == side.count,
          "MultimodalDataset: \(name) keeps no texts of \(column.modality.name)")
        // Equal items stay equal: each is read once, by the first observation that has it.
        var places: [Int32: Int32] = [:]
        var different: [String] = []
        let rows = column.rows.enumerated().map { row, item -> Int32 in
          guard item != ModalityColumn.absent else { return item }
          if let place = places[item] { return place }
          let place = Int32(different.count)
          places[item] = place
          different.append(texts[row])
          return place
        }
        return ModalityColumn(
          modality: modality, items: .tokens(reader.tokens(of: different, length: length)), rows: rows)
      }
      return MultimodalSplit(
        name: side.name, columns: columns, labels: side.labels, identifiers: side.identifiers, texts: side.texts,
        families: side.families)
    }
    return MultimodalDataset(
      name: name, train: read(train), validation: read(validation), test: read(test), classNames: classNames,
      checksum: checksum, tokenisers: tokenisers, tagNames: tagNames, provenance: provenance,
      pictureForms: pictureForms, alternatives: alternatives)
  }
}
