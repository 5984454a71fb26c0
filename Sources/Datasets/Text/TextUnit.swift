/// A stretch of a text that pieces of words do not cross: a word, a number, a run of a script without spaces, or a sign.
///
/// The units of a text give back its composed form (NFC) to the last scalar. A word or number stands behind a space, or at
/// the text's beginning, unless it is joined; other units have their space as their first scalar.
struct TextUnit {
  /// How a word is written.
  enum Writing: Hashable {
    /// As its scalars are.
    case plain
    /// With a capital first.
    case capital
    /// In capitals, two or more.
    case capitals
  }

  /// Marks the beginning of a word among the scalars of pieces; the sign itself is never one of a piece.
  static let wordMark: Unicode.Scalar = "\u{2581}"

  /// The scalars, those of a word in lower case.
  var scalars: [Unicode.Scalar]
  /// Whether it is a word or a number.
  var isWord = false
  /// Whether a word stands directly behind the unit before.
  var isJoined = false
  /// How a word is written.
  var writing = Writing.plain

  /// What pieces are made of: equal for units that are read alike, scalar for scalar.
  struct Content: Hashable {
    /// The scalars.
    let scalars: [Unicode.Scalar]
    /// Whether they are a word or a number.
    let isWord: Bool
  }

  /// What pieces are made of.
  var content: Content { Content(scalars: scalars, isWord: isWord) }

  /// The units of a text.
  static func units(of text: String) -> [TextUnit] {
    let scalars = Array(text.canonicallyComposed.unicodeScalars)
    var units: [TextUnit] = []
    var hasSpace = false
    var index = 0
    while index < scalars.count {
      guard scalars[index] != " " else {
        if hasSpace { units.append(TextUnit(scalars: [" "])) }
        hasSpace = true
        index += 1
        continue
      }
      let kind = TextScalar(scalars[index])
      let end = end(of: kind, at: index, in: scalars)
      let run = scalars[index..<end]
      switch kind {
      case .letter, .number:
        // A text's first space would be taken for the one that goes without saying.
        if hasSpace, units.isEmpty {
          units.append(TextUnit(scalars: [" "]))
          hasSpace = false
        }
        var isJoined = index > 0 && !hasSpace
        for word in kind == .letter ? words(in: run) : [TextUnit(scalars: Array(run), isWord: true)] {
          units.append(word)
          units[units.count - 1].isJoined = isJoined
          isJoined = true
        }
      case .unspaced, .mark, .other:
        units.append(TextUnit(scalars: (hasSpace ? [" "] : []) + run))
      }
      hasSpace = false
      index = end
    }
    if hasSpace { units.append(TextUnit(scalars: [" "])) }
    return units
  }

  /// The end of a run of one kind.
  private static func end(of kind: TextScalar, at start: Int, in scalars: [Unicode.Scalar]) -> Int {
    var end = start + 1
    while end < scalars.count {
      let next = TextScalar(scalars[end])
      let goesOn =
        switch (kind, next) {
        case (_, .mark), (.letter, .letter), (.number, .number), (.unspaced, .unspaced): true
        case (.letter, .other):
          TextScalar.joinsLetters(scalars[end]) && end + 1 < scalars.count && TextScalar(scalars[end + 1]) == .letter
        default: false
        }
      guard goesOn else { break }
      end += 1
    }
    return end
  }

  /// The words of a run of letters, which is cut where capitals begin: `iPhone` is `i` and `Phone`.
  private static func words(in run: ArraySlice<Unicode.Scalar>) -> [TextUnit] {
    let lowers = run.map(TextScalar.lower(of:))
    guard lowers.contains(where: { $0 != nil }) else { return [TextUnit(scalars: Array(run), isWord: true)] }
    let scalars = Array(run)
    var starts = [0]
    for place in scalars.indices.dropFirst() where lowers[place] != nil {
      let beginsWord = place + 1 < scalars.count && TextScalar.upper(of: scalars[place + 1]) != nil
      if lowers[place - 1] == nil || beginsWord { starts.append(place) }
    }
    return zip(starts, starts.dropFirst() + [scalars.count]).flatMap { start, end -> [TextUnit] in
      let capitals = (start..<end).filter { lowers[$0] != nil }
      let isMixed = capitals.count > 1 && (start..<end).contains { TextScalar.upper(of: scalars[$0]) != nil }
      let cuts = isMixed ? Set([start] + capitals).sorted() : [start]
      return zip(cuts, cuts.dropFirst() + [end]).map { start, end in
        let count = (start..<end).count { lowers[$0] != nil }
        return TextUnit(
          scalars: (start..<end).map { lowers[$0] ?? scalars[$0] }, isWord: true,
          writing: count == 0 ? .plain : count == 1 ? .capital : .capitals)
      }
    }
  }
}
