/// Captions compared as texts, whatever a tokeniser makes of them.
extension AlignedData {
  /// The number of each observation's text in a modality of captions, the same for equal texts, on all sides; see
  /// ``TextIdentity``. ``TextIdentity/none`` where an observation has no text.
  ///
  /// Where a side keeps no texts, the number is that of the observation's item.
  public func textNumbers(of place: Int, in side: Side) -> [Int32] {
    guard let numbers = numbersOfTexts[side]?[modalities[place].name] else {
      preconditionFailure("AlignedData: \(modalities[place].name) is no modality of captions")
    }
    return numbers
  }

  /// The different texts of some observations in a modality of captions.
  ///
  /// - Returns: for each of the observations the number of its text, from 0 in their order, and for each text the place in
  ///   `rows` of the first that has it. An observation without a text has one of its own.
  public func differentTexts(
    of place: Int, at rows: some Collection<Int>, in side: Side
  ) -> (numbers: [Int], firsts: [Int]) {
    let known = textNumbers(of: place, in: side)
    var (numbers, firsts): ([Int], [Int]) = ([], [])
    var seen: [Int32: Int] = [:]
    for (index, row) in rows.enumerated() {
      let text = known[row]
      let number = text == TextIdentity.none ? nil : seen[text]
      numbers.append(number ?? firsts.count)
      guard number == nil else { continue }
      seen[text] = firsts.count
      firsts.append(index)
    }
    return (numbers, firsts)
  }

  /// Numbers the texts of all sides.
  static func textNumbers(_ modalities: [Modality], of dataset: MultimodalDataset) -> [Side: [String: [Int32]]] {
    var numbers: [Side: [String: [Int32]]] = [:]
    for modality in modalities {
      guard case .tokens = modality.kind else { continue }
      var identity = TextIdentity()
      for side in Side.allCases {
        numbers[side, default: [:]][modality.name] = Self.textNumbers(modality.name, of: dataset, side, &identity)
      }
    }
    return numbers
  }

  private static func textNumbers(
    _ modality: String, of dataset: MultimodalDataset, _ side: Side, _ identity: inout TextIdentity
  ) -> [Int32] {
    let split =
      switch side {
      case .train: dataset.train
      case .validation: dataset.validation
      case .test: dataset.test
      }
    let rows = split.column(of: modality).rows
    guard let texts = split.texts[modality] else { return rows }
    return zip(rows, texts).map { row, text in
      row == ModalityColumn.absent ? TextIdentity.none : identity.number(of: text)
    }
  }
}
