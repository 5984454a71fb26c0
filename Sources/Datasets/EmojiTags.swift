/// The tags of emoji: the keywords that most training emoji have.
struct EmojiTags {
  /// The tags, the most frequent in training first, ties by code points.
  let names: [String]
  private let sets: [[Int]]

  init(_ collection: EmojiCollection, training: [Int], options: EmojiDataset.Options) {
    let keywords = collection.emoji.indices.map { index in
      Self.tags(
        of: collection.keywords[index], name: collection.names[0][index],
        skinTones: options.skinToneTags ? [] : Set(collection.skinTones))
    }
    var counts: [String: Int] = [:]
    for index in training {
      for keyword in keywords[index] { counts[keyword, default: 0] += 1 }
    }
    let ordered = counts.sorted { first, second in
      first.value == second.value
        ? first.key.unicodeScalars.lexicographicallyPrecedes(second.key.unicodeScalars) : first.value > second.value
    }
    names = ordered.prefix(options.tagCount).map(\.key)
    let numbers = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
    sets = keywords.map { $0.compactMap { numbers[$0] } }
  }

  /// The multi-hot vector of one emoji.
  func vector(of index: Int) -> [Float] {
    var vector = [Float](repeating: 0, count: names.count)
    for tag in sets[index] { vector[tag] = 1 }
    return vector
  }

  /// Keywords in lower case, without the emoji's own name and without skin tones.
  static func tags(of keywords: [String], name: String, skinTones: Set<String>) -> Set<String> {
    let own = name.lowercased()
    let subject = own.split(separator: ":").first.map(String.init) ?? own
    return Set(keywords.map { $0.lowercased() }).subtracting(skinTones).subtracting([own, subject])
  }
}
