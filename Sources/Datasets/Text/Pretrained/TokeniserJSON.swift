import Diagnostics

/// What a `tokenizer.json` says, as far as a tokeniser of byte pairs or of WordPiece needs it.
struct TokeniserJSON {
  /// The kind of model, such as `BPE` or `WordPiece`; empty in files of old.
  var type = ""
  /// The number of each token.
  var tokens: [String: Int32] = [:]
  /// As `tokens`, by the bytes of their names, which tell apart what only looks the same.
  var pieces: [[UInt8]: Int32] = [:]
  /// The merges of byte pairs, in order.
  var merges: [(String, String)] = []
  /// The mark of a word's last symbol.
  var wordEnd = ""
  /// The name of the token for words that the vocabulary has not.
  var unknown = "[UNK]"
  /// What WordPiece does to texts.
  var options = WordPieceTokeniser.Options()

  /// Creates an empty description.
  init() {}

  /// Reads a file's bytes.
  ///
  /// - Throws: `UserError` where they are no such JSON.
  init(_ bytes: [UInt8], place: String) throws(UserError) {
    var file = JSONScanner(bytes, source: place)
    var content = Self()
    try file.object { (file, key) throws(UserError) in
      switch key {
      case "model":
        try file.object { (file, key) throws(UserError) in try content.readModel(key, &file, place) }
      case "added_tokens":
        try file.list { (file) throws(UserError) in try content.readAdded(&file, place) }
      case "normalizer":
        guard try !file.isNull() else { return }
        try file.object { (file, key) throws(UserError) in
          guard key == "lowercase" else { return try file.skip() }
          content.options.lowersCase = try file.boolean() ?? true
        }
      default: try file.skip()
      }
    }
    try file.end()
    self = content
  }

  /// Reads names with numbers, as `vocab.json` has them.
  ///
  /// - Throws: `UserError` where a number is impossible or occurs twice.
  mutating func readTokens(_ file: inout JSONScanner, _ place: String) throws(UserError) {
    var content = self
    try file.object { (file, name) throws(UserError) in
      try content.add(name, try file.integer(), place)
    }
    self = content
  }

  private mutating func add(_ name: String, _ number: Int, _ place: String) throws(UserError) {
    guard (0..<1 << 24).contains(number) else {
      throw UserError(.data, "token \"\(name)\" has the number \(number)", at: place, mend: "fetch the file again")
    }
    tokens[name] = Int32(number)
    pieces[Array(name.utf8)] = Int32(number)
  }

  private mutating func readModel(_ key: String, _ file: inout JSONScanner, _ place: String) throws(UserError) {
    switch key {
    case "type": type = try file.string()
    case "vocab": try readTokens(&file, place)
    case "unk_token" where try file.isAtString(): unknown = try file.string()
    case "end_of_word_suffix" where try file.isAtString(): wordEnd = try file.string()
    case "continuing_subword_prefix" where try file.isAtString(): options.continuation = try file.string()
    case "max_input_chars_per_word": options.longestWord = try file.integer()
    case "merges":
      var merges: [(String, String)] = []
      try file.list { (file) throws(UserError) in
        var parts: [String] = []
        if try file.isAtString() {
          parts = try file.string().split(separator: " ").map(String.init)
        } else {
          try file.list { (file) throws(UserError) in parts.append(try file.string()) }
        }
        guard parts.count == 2 else {
          throw UserError(
            .data, "merge \(merges.count + 1) is of \(parts.count) symbols", at: place, mend: "fetch the file again")
        }
        merges.append((parts[0], parts[1]))
      }
      self.merges = merges
    default: try file.skip()
    }
  }

  private mutating func readAdded(_ file: inout JSONScanner, _ place: String) throws(UserError) {
    var (name, number): (String?, Int?) = (nil, nil)
    try file.object { (file, key) throws(UserError) in
      switch key {
      case "content": name = try file.string()
      case "id": number = try file.integer()
      default: try file.skip()
      }
    }
    guard let name, let number else {
      throw UserError(.data, "an added token lacks its content or id", at: place, mend: "fetch the file again")
    }
    try add(name, number, place)
  }
}
