import Diagnostics
import Foundation

/// The tokeniser of a published model, read from the files beside it.
public enum PretrainedTokeniser: Sendable {
  /// CLIP's byte pairs.
  case clip(CLIPTokeniser)
  /// BERT's pieces of words.
  case wordPiece(WordPieceTokeniser)

  /// How many tokens there are.
  public var vocabularySize: Int {
    switch self {
    case .clip(let tokeniser): tokeniser.vocabularySize
    case .wordPiece(let tokeniser): tokeniser.vocabularySize
    }
  }

  /// The tokens of a text with those that stand before and behind it, at most `length` in all.
  public func tokens(of text: String, length: Int) -> [Int32] {
    switch self {
    case .clip(let tokeniser): tokeniser.tokens(of: text, length: length)
    case .wordPiece(let tokeniser): tokeniser.tokens(of: text, length: length)
    }
  }

  /// The merges of CLIP's vocabulary of 49,408; its file goes on with those of a larger one.
  private static let standardMerges = 49_152 - 256 - 2
  private static let starts = ["<|startoftext|>", "<start_of_text>"]
  private static let ends = ["<|endoftext|>", "<end_of_text>"]

  /// The sets of files that hold a tokeniser, the first that is there counts.
  public static let files: [[String]] = [
    ["bpe_simple_vocab_16e6.txt.gz"], ["bpe_simple_vocab_16e6.txt"], ["tokenizer.json"], ["vocab.json", "merges.txt"],
    ["vocab.txt"],
  ]

  /// What says beside `vocab.txt` whether texts are brought to lower case.
  private static let configurationName = "tokenizer_config.json"

  /// The files in a folder that a tokeniser would be read from, the vocabulary first; nil where there are none.
  public static func files(in folder: URL) -> [URL]? {
    func isThere(_ file: URL) -> Bool { FileManager.default.fileExists(atPath: file.path) }
    let sets = files.map { $0.map { folder.appending(path: $0) } }
    guard let found = sets.first(where: { $0.allSatisfy(isThere) }) else { return nil }
    let configuration = folder.appending(path: configurationName)
    return found[0].lastPathComponent == "vocab.txt" && isThere(configuration) ? found + [configuration] : found
  }

  /// Reads the tokeniser of a folder: open_clip's file, `tokenizer.json`, `vocab.json` with `merges.txt`, or `vocab.txt`.
  ///
  /// - Throws: `UserError` where there is none, or it is damaged or of another kind.
  public init(folder: URL) throws(UserError) {
    guard let files = Self.files(in: folder) else {
      let known = Self.files.map { $0.joined(separator: " with ") }.joined(separator: ", ")
      throw UserError(
        .data, "there is no vocabulary", at: folder.relativePath, mend: "put one beside the model: \(known)")
    }
    let place = files[0].relativePath
    let bytes = try DataFile.contents(of: files[0], limit: 1 << 26)
    switch files[0].lastPathComponent {
    case "tokenizer.json": self = try Self.read(TokeniserJSON(bytes, place: place), place: place)
    case "vocab.json":
      var content = TokeniserJSON()
      var file = JSONScanner(bytes, source: place)
      try content.readTokens(&file, place)
      try file.end()
      content.wordEnd = BytePairVocabulary.wordEnd
      let merges = files[1]
      content.merges = try BytePairVocabulary.pairs(
        DataFile.contents(of: merges, limit: 1 << 26), most: .max, place: merges.relativePath)
      self = try Self.read(content, place: place)
    case "vocab.txt":
      let lowersCase = try Self.lowersCase(in: folder)
      self = try Self.read(lines: bytes, lowersCase: lowersCase, place: place)
    default:
      let pairs = try BytePairVocabulary.pairs(bytes, most: Self.standardMerges, place: place)
      self = .clip(CLIPTokeniser(try BytePairVocabulary(standardOrderOf: pairs, place: place)))
    }
  }

  private static func read(_ content: TokeniserJSON, place: String) throws(UserError) -> PretrainedTokeniser {
    let count = Int(content.tokens.values.max() ?? -1) + 1
    func token(_ names: [String]) throws(UserError) -> Int32 {
      for name in names { if let token = content.tokens[name] { return token } }
      throw UserError(
        .data, "the vocabulary has no token \(names[0])", at: place, mend: "take the vocabulary of the model itself")
    }
    if content.type == "WordPiece" || (content.type.isEmpty && content.merges.isEmpty) {
      let specials = WordPieceTokeniser.Specials(
        start: try token(["[CLS]"]), end: try token(["[SEP]"]), unknown: try token([content.unknown]))
      return .wordPiece(
        WordPieceTokeniser(pieces: content.pieces, specials: specials, count: count, options: content.options))
    }
    guard ["", "BPE"].contains(content.type), content.wordEnd == BytePairVocabulary.wordEnd else {
      let kind = content.type.isEmpty ? "byte pairs" : content.type
      throw UserError(
        .data, "a tokeniser of the kind \(kind) with the end of words \"\(content.wordEnd)\" is not known", at: place,
        mend: "known are CLIP's byte pairs, whose words end with </w>, and WordPiece")
    }
    return .clip(
      CLIPTokeniser(
        try BytePairVocabulary(
          tokens: content.tokens, pairs: content.merges, count: count, start: try token(starts), end: try token(ends),
          place: place)))
  }

  /// A vocabulary of WordPiece, a piece a line.
  private static func read(lines bytes: [UInt8], lowersCase: Bool, place: String) throws(UserError) -> Self {
    var content = TokeniserJSON()
    content.type = "WordPiece"
    content.options.lowersCase = lowersCase
    var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    for (number, line) in lines.enumerated() {
      let piece = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
      guard let name = String(validating: piece, as: UTF8.self) else {
        throw UserError(.data, "a line that is not UTF-8", at: "\(place):\(number + 1)", mend: "fetch the file again")
      }
      content.pieces[Array(piece)] = Int32(number)
      content.tokens[name] = Int32(number)
    }
    return try read(content, place: place)
  }

  /// Whether `tokenizer_config.json` wants lower case; BERT's default is that it does.
  private static func lowersCase(in folder: URL) throws(UserError) -> Bool {
    let url = folder.appending(path: configurationName)
    guard FileManager.default.fileExists(atPath: url.path) else { return true }
    var file = JSONScanner(try DataFile.contents(of: url, limit: 1 << 24), source: url.relativePath)
    var lowersCase = true
    try file.object { (file, key) throws(UserError) in
      guard key == "do_lower_case" else { return try file.skip() }
      lowersCase = try file.boolean() ?? true
    }
    return lowersCase
  }
}
