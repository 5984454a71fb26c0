import Objectives

extension ImageTextEncoder.Texts {
  /// For each text the number of the first one that is the same.
  public var repetitions: [Int] {
    let length = count > 0 ? tokens.count / count : 0
    var first: [ArraySlice<Int32>: Int] = [:]
    return (0..<count).map { text in
      let own = tokens[text * length..<(text + 1) * length]
      if let known = first[own] { return known }
      first[own] = text
      return text
    }
  }

  /// Some of the texts.
  public func gathering(_ texts: [Int]) -> ImageTextEncoder.Texts {
    let length = count > 0 ? tokens.count / count : 0
    return ImageTextEncoder.Texts(texts.flatMap { tokens[$0 * length..<($0 + 1) * length] }, count: texts.count)
  }
}
