/// Sets of tags as multi-hot vectors: the words that enough families of training observations have.
struct TagSets {
  /// The tags, the most frequent in training first, ties by code points.
  let names: [String]
  private let sets: [[Int]]

  /// Counts each word once in a family, so that what was drawn many times weighs no more.
  ///
  /// - Parameters:
  ///   - words: each observation's words.
  ///   - minimumUses: in how many families of training observations a tag must occur.
  ///   - most: the most tags that are kept.
  init(words: [Set<String>], training: [Int], families: [Int], minimumUses: Int, most: Int) {
    var users: [String: Set<Int>] = [:]
    for index in training {
      for word in words[index] { users[word, default: []].insert(families[index]) }
    }
    let ordered = users.filter { $0.value.count >= minimumUses }.sorted { first, second in
      first.value.count == second.value.count
        ? first.key.unicodeScalars.lexicographicallyPrecedes(second.key.unicodeScalars)
        : first.value.count > second.value.count
    }
    names = ordered.prefix(most).map(\.key)
    let numbers = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
    sets = words.map { words in words.compactMap { numbers[$0] } }
  }

  /// Whether an observation has no tag.
  func isEmpty(_ index: Int) -> Bool { sets[index].isEmpty }

  /// The number of observations without any tag.
  var emptyCount: Int { sets.count(where: \.isEmpty) }

  /// The column of some observations.
  func column(_ members: [Int]) -> ModalityColumn {
    var values = [Float](repeating: 0, count: members.count * names.count)
    for (place, member) in members.enumerated() {
      for tag in sets[member] { values[place * names.count + tag] = 1 }
    }
    return ModalityColumn(
      modality: Modality(name: "tags", kind: .tags(count: names.count)), items: .numbers(values),
      rows: members.indices.map(Int32.init))
  }
}
