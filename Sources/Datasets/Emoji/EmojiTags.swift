import Foundation

/// The tags of emoji: the keywords that most families of training emoji have.
struct EmojiTags {
  /// The tags, the most frequent in training first, ties by code points.
  let names: [String]
  private let sets: [[Int]]

  init(_ collection: EmojiCollection, training: [Int], families: [Int], options: EmojiDataset.Options) {
    let skinTones = Set(collection.skinTones)
    let keywords = collection.emoji.indices.map { index in
      Self.tags(
        of: collection.keywords[index], name: collection.names[0][index],
        skinTones: skinTones, keepsSkinTones: options.skinToneTags)
    }
    var counted: [String: Set<Int>] = [:]
    for index in training {
      for keyword in keywords[index] { counted[keyword, default: []].insert(families[index]) }
    }
    let counts = counted.mapValues(\.count)
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

  /// Keywords in lower case, without the emoji's own name and, unless they are kept, without skin tones.
  static func tags(of keywords: [String], name: String, skinTones: Set<String>, keepsSkinTones: Bool) -> Set<String> {
    let own = name.lowercased()
    var tags = Set(keywords.map { $0.lowercased() }).subtracting([own, bare(own, skinTones: skinTones)])
    if !keepsSkinTones { tags.subtract(skinTones) }
    return tags
  }

  /// A name without its skin tones: `kiss: man, man, light skin tone` is `kiss: man, man`.
  private static func bare(_ name: String, skinTones: Set<String>) -> String {
    let halves = name.components(separatedBy: ": ")
    guard halves.count == 2 else { return name }
    let parts = halves[1].components(separatedBy: ", ").filter { !skinTones.contains($0) }
    return parts.isEmpty ? halves[0] : "\(halves[0]): \(parts.joined(separator: ", "))"
  }
}
