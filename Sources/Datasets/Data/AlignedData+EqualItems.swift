/// Which observations have equal items.
extension AlignedData {
  /// For each observation of a side the number of its item of a modality, below 0 where it has none;
  /// equal items have equal numbers.
  ///
  /// Texts are equal as texts, see ``TextIdentity``; an empty one is equal to no other. Pictures and sounds are equal where
  /// they are the same item; tags, classes and vectors where their numbers are.
  public func itemNumbers(of place: Int, in side: Side) -> [Int] {
    let texts = isCaption(place) ? textNumbers(of: place, in: side) : nil
    guard let split = self[side] else { preconditionFailure("AlignedData: the side \(side) is not in memory") }
    let numbers = texts?.map { Int($0) } ?? split.itemNumbers(of: modalities[place].name)
    return numbers.enumerated().map { $1 < 0 ? -1 - $0 : $1 }
  }

  /// The same for some training observations; nil for classes, tags and vectors, which different observations may well
  /// share.
  public func trainingItemNumbers(of place: Int, at rows: [Int]) -> [Int]? {
    if isCaption(place) {
      let numbers = textNumbers(of: place, in: .train)
      return rows.map { Int(numbers[$0]) }
    }
    return trainingItems[place].map { numbers in rows.map { numbers[$0] } }
  }

  static func trainingItems(of dataset: MultimodalDataset, _ modalities: [Modality]) -> [[Int]?] {
    modalities.map { modality in
      switch modality.kind {
      case .image, .video, .spectrogram, .series, .regions: dataset.train.itemNumbers(of: modality.name)
      case .tokens, .vector, .tags, .label: nil
      }
    }
  }
}
