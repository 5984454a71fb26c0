import Kernels

/// Columns of some members of a collection, each side of a split gathering its own.
extension ModalityColumn {
  /// Pictures, which every member has; equal ones are one item.
  ///
  /// - Parameters:
  ///   - bytes: the pictures of the collection, one after another.
  ///   - places: the place of each member's picture among them.
  static func pictures(_ bytes: [UInt8], side: Int, places: [Int], named name: String = "image") -> ModalityColumn {
    let kind = ModalityKind.image(height: side, width: side, channels: 3)
    let size = kind.elementCount
    let items = places.map { bytes[$0 * size..<($0 + 1) * size] }
    let numbers = FamilySplit.numbers(of: items)
    var held: [UInt8] = []
    var next = 0
    for (item, number) in zip(items, numbers) where number == next {
      held += item
      next += 1
    }
    return ModalityColumn(
      modality: Modality(name: name, kind: kind), bytes: held, rows: numbers.map { Int32($0) })
  }

  /// Texts; a member whose text is empty lacks it.
  static func texts(_ texts: [String], tokeniser: SubwordTokeniser, length: Int, named name: String) -> ModalityColumn {
    let present = texts.indices.filter { !texts[$0].isEmpty }
    var rows = [Int32](repeating: absent, count: texts.count)
    for (item, row) in present.enumerated() { rows[row] = Int32(item) }
    return ModalityColumn(
      modality: Modality(name: name, kind: .tokens(length: length, vocabulary: tokeniser.vocabularyCount)),
      items: .tokens(tokeniser.encode(present.map { texts[$0] }, length: length)), rows: rows)
  }

  /// Numbers; a member whose place is nil lacks them, and equal ones are one item.
  ///
  /// - Parameters:
  ///   - values: the items of the collection, one after another.
  ///   - places: the place of each member's item among them.
  static func numbers(_ values: [Float], places: [Int?], kind: ModalityKind, named name: String) -> ModalityColumn {
    let size = kind.elementCount
    var (rows, items): ([Int32], [Float]) = ([], [])
    var known: [ArraySlice<Float>: Int32] = [:]
    for place in places {
      guard let place else {
        rows.append(absent)
        continue
      }
      let item = values[place * size..<(place + 1) * size]
      let number = known[item] ?? Int32(known.count)
      if known.updateValue(number, forKey: item) == nil { items += item }
      rows.append(number)
    }
    return ModalityColumn(modality: Modality(name: name, kind: kind), items: .numbers(items), rows: rows)
  }
}

/// Numbers brought to mean 0 and standard deviation 1, each band by itself, by the items of the training side.
enum StandardisedBands {
  /// Shifts and scales the bands of all items; a band that never changes in training is only shifted.
  ///
  /// - Parameters:
  ///   - size: the numbers of an item, a whole number of times the bands.
  ///   - training: the places of the items that mean and deviation come from.
  static func standardise(_ values: inout [Float], size: Int, bands: Int, training: [Int]) {
    precondition(size % bands == 0, "StandardisedBands: \(size) numbers of \(bands) bands")
    guard !training.isEmpty else { return }
    var (sums, squares) = ([Double](repeating: 0, count: bands), [Double](repeating: 0, count: bands))
    for item in training {
      for i in 0..<size {
        let value = Double(values[item * size + i])
        sums[i % bands] += value
        squares[i % bands] += value * value
      }
    }
    let count = Double(training.count * (size / bands))
    let means = sums.map { $0 / count }
    let scales = zip(squares, means).map { square, mean in
      let variance = square / count - mean * mean
      return variance > 1e-12 ? 1 / variance.squareRoot() : 1
    }
    for i in values.indices {
      let band = i % bands
      values[i] = Float((Double(values[i]) - means[band]) * scales[band])
    }
  }
}
