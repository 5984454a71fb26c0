extension MultimodalDataset {
  /// The same data with some training observations, and at most so many of the other sides, evenly spread.
  public func sampling(train rows: [Int], others most: Int) -> MultimodalDataset {
    func spread(_ side: MultimodalSplit) -> MultimodalSplit {
      side.count <= most ? side : side.gathering((0..<most).map { $0 * side.count / most })
    }
    return MultimodalDataset(
      name: name, train: train.gathering(rows), validation: spread(validation), test: spread(test),
      classNames: classNames, checksum: checksum, tokenisers: tokenisers, tagNames: tagNames, provenance: provenance,
      pictureForms: pictureForms, alternatives: alternatives.map { numbers in rows.map { numbers[$0] } })
  }

  /// The same data with another training side, each row of which is an observation.
  public func training(on train: MultimodalSplit) -> MultimodalDataset {
    MultimodalDataset(
      name: name, train: train, validation: validation, test: test, classNames: classNames, checksum: checksum,
      tokenisers: tokenisers, tagNames: tagNames, provenance: provenance, pictureForms: pictureForms)
  }
}
