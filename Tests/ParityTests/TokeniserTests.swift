import Datasets
import Diagnostics
import FileMutation
import Foundation
import Parity
import Testing

/// The tokenisers of published models.
@Suite struct PretrainedTokeniserTests {
  private static let fixtures = Bundle.module.bundleURL.appending(path: "Pretrained")
  private static let clip: PretrainedTokeniser? = try? PretrainedTokeniser(folder: fixtures)

  private func folder(_ files: [String: String]) throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (name, content) in files { try Data(content.utf8).write(to: folder.appending(path: name)) }
    return folder
  }

  @Test func tokensAreThoseOfOpenCLIP() throws {
    let result = try ParityCheck.run(Self.fixtures.appending(path: "tokeniser.json"), model: Self.fixtures)
    let wrong = result.errors.filter { $0.value > 0 }.keys.sorted()
    #expect(wrong.isEmpty, "\(wrong.joined(separator: "; "))")
    #expect(result.errors.count == 329)
    #expect(result.unsupported?.contains("cafÃ©") == true)
  }

  @Test func casesWithoutAVocabularySayWhatIsMissing() throws {
    let error = #expect(throws: UserError.self) {
      try ParityCheck.run(Self.fixtures.appending(path: "tokeniser.json"))
    }
    #expect(error?.description.contains("--model") == true)
    let empty = try folder([:])
    defer { try? FileManager.default.removeItem(at: empty) }
    #expect(throws: UserError.self) { try PretrainedTokeniser(folder: empty) }
  }

  /// The byte symbols, two merges and the specials as `vocab.json` and `merges.txt`, and as `tokenizer.json`.
  @Test func everyFormOfAVocabularyGivesTheSameTokens() throws {
    var characters = (33...126).map { $0 } + Array(161...172) + Array(174...255)
    characters += Array(0x100..<0x100 + 256 - characters.count)
    let bytes = characters.compactMap { Unicode.Scalar(UInt32($0)).map { String($0) } }
    let merges = ["c a", "ca t</w>"]
    let names =
      bytes + bytes.map { $0 + "</w>" } + merges.map { $0.replacing(" ", with: "") } + [
        "<|startoftext|>", "<|endoftext|>",
      ]
    let numbers = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
    let vocabulary = String(decoding: try JSONEncoder().encode(numbers), as: UTF8.self)
    let lines = "#version: 0.2\n" + merges.joined(separator: "\n") + "\n"
    let model =
      #"{"added_tokens":[],"normalizer":null,"model":{"type":"BPE","end_of_word_suffix":"</w>","vocab":\#(vocabulary),"#
      + #""merges":["c a",["ca","t</w>"]]}}"#
    let folders = [
      try folder(["bpe_simple_vocab_16e6.txt": lines]), try folder(["vocab.json": vocabulary, "merges.txt": lines]),
      try folder(["tokenizer.json": model]),
    ]
    defer { for folder in folders { try? FileManager.default.removeItem(at: folder) } }
    for folder in folders {
      let tokeniser = try PretrainedTokeniser(folder: folder)
      #expect(tokeniser.vocabularySize == 516)
      // s stands at 115 - 33 in the order, and as the last byte of a word 256 behind it.
      #expect(tokeniser.tokens(of: "Cat cats", length: 9) == [514, 513, 512, 83, 338, 515])
      #expect(tokeniser.tokens(of: "cat cat cat", length: 3) == [514, 513, 515])
    }
  }

  @Test func damagedVocabulariesAreNamed() throws {
    let lines = "#version: 0.2\nc a\nzz t</w>\n"
    for files in [
      ["bpe_simple_vocab_16e6.txt": lines], ["bpe_simple_vocab_16e6.txt": "#version\na b c\n"],
      ["tokenizer.json": #"{"model":{"type":"Unigram","vocab":{"a":0}}}"#],
      ["tokenizer.json": #"{"model":{"type":"BPE","vocab":{"a":-1}}}"#], ["tokenizer.json": "{"],
      ["vocab.json": "{}", "merges.txt": "#version\n"], ["vocab.txt": "a\nb\n"],
    ] {
      let folder = try folder(files)
      defer { try? FileManager.default.removeItem(at: folder) }
      #expect(throws: UserError.self, "\(files.keys.sorted())") { try PretrainedTokeniser(folder: folder) }
    }
  }

  /// What keeps capitals belongs to the vocabulary's files, so that an imported model keeps them too.
  @Test func capitalsGoWithTheVocabulary() throws {
    let pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "A"]
    let folder = try folder([
      "vocab.txt": pieces.joined(separator: "\n"), "tokenizer_config.json": #"{"do_lower_case": false}"#,
    ])
    defer { try? FileManager.default.removeItem(at: folder) }
    let names = PretrainedTokeniser.files(in: folder)?.map(\.lastPathComponent)
    #expect(names == ["vocab.txt", "tokenizer_config.json"])
    #expect(try PretrainedTokeniser(folder: folder).tokens(of: "A a", length: 5) == [2, 5, 4, 3])
  }

  /// Words as the longest pieces, punctuation alone, marks removed, Hangul as letters, and [UNK].
  @Test func wordPieceTakesTheLongestPieces() throws {
    let pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "un", "##aff", "##able", "cafe", "!", "日", "ᄉ", "##ᅡ"]
    let numbers = Dictionary(uniqueKeysWithValues: pieces.enumerated().map { ($1, $0) })
    let vocabulary = String(decoding: try JSONEncoder().encode(numbers), as: UTF8.self)
    let model = #"{"normalizer":{"lowercase":true},"model":{"type":"WordPiece","vocab":\#(vocabulary)}}"#
    let folders = [
      try folder(["vocab.txt": pieces.joined(separator: "\n")]), try folder(["tokenizer.json": model]),
    ]
    defer { for folder in folders { try? FileManager.default.removeItem(at: folder) } }
    for folder in folders {
      let tokeniser = try PretrainedTokeniser(folder: folder)
      #expect(tokeniser.vocabularySize == 12)
      #expect(
        tokeniser.tokens(of: "Unaffable CAFÉ!日日 사 dog", length: 20) == [2, 4, 5, 6, 7, 8, 9, 9, 10, 11, 1, 3])
      #expect(tokeniser.tokens(of: "un un un", length: 3) == [2, 4, 3])
      #expect(tokeniser.tokens(of: "", length: 3) == [2, 3])
    }
  }
}
