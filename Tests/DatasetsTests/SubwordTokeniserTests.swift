import Datasets
import Foundation
import Kernels
import Testing

@Suite struct SubwordTokeniserTests {
  private static let texts = [
    "red apple", "Red apple pie", "green apples", "RED (light)", "a red (green) light", "flag: South Korea", "3 apples",
    "flag: North Korea", "빨간 사과", "빨간 사과의 나무", "초록 사과", "墙上有红色圆形", "墙上有蓝色圆形", "ภาพสีแดง", "ภาพสีเขียว",
  ]
  private let tokeniser = SubwordTokeniser(texts: texts)

  /// What tokens stand for, pieces by their names.
  private func shown(_ text: String, by tokeniser: SubwordTokeniser) -> [String] {
    tokeniser.tokens(of: text).map { token in
      switch token {
      case SubwordTokeniser.capital: "<Capital>"
      case SubwordTokeniser.capitals: "<CAPITALS>"
      case SubwordTokeniser.joined: "<joined>"
      default: tokeniser.piece(token) ?? "<\(token - SubwordTokeniser.firstByte)>"
      }
    }
  }

  @Test func wordsShareTheirPiecesWhateverTheirWriting() {
    #expect(shown("red", by: tokeniser) == ["▁red"])
    #expect(shown("Red RED", by: tokeniser) == ["<Capital>", "▁red", "<CAPITALS>", "▁red"])
    #expect(shown("(red", by: tokeniser) == ["(", "<joined>", "▁red"])
    #expect(shown("redGreen", by: tokeniser).prefix(3) == ["▁red", "<joined>", "<Capital>"])
    #expect(shown("apples", by: tokeniser) == ["▁apples"])
    // A word that training has once is read by pieces that it has more often.
    let pie = shown("pie", by: tokeniser)
    #expect(pie.count > 1 && pie[0].hasPrefix("▁"))
    #expect(shown("flag:", by: tokeniser) == ["▁flag", ":"])
  }

  @Test func scriptsWithoutSpacesAreReadByPieces() {
    let wall = shown("墙上有红色圆形", by: tokeniser)
    #expect(wall.count < 6 && wall[0].hasPrefix("墙上"))
    #expect(shown("ภาพสีแดง", by: tokeniser)[0] == "ภาพสี")
    // What training has not is read by bytes, three for each of these.
    #expect(shown("犬", by: tokeniser) == ["<231>", "<138>", "<172>"])
  }

  @Test func rareSyllablesAreReadByTheirJamo() {
    let tokeniser = SubwordTokeniser(texts: ["가나 가나", "각 낙", "강 낭"])
    #expect(shown("가", by: tokeniser).contains { $0.hasSuffix("가") })
    // 각 is there once, and its jamo more often: ᄀ, ᅡ and ᆨ.
    #expect(shown("각", by: tokeniser).joined() == "▁\u{1100}\u{1161}\u{11a8}")
    // 힣 has none of them.
    #expect(shown("힣", by: tokeniser).dropFirst().allSatisfy { $0.hasPrefix("<") })
    #expect(tokeniser.decode(tokeniser.tokens(of: "각낙힣")) == "각낙힣")
  }

  @Test func composedAndDecomposedTextsAreTheSame() {
    for text in ["café", "빨간 사과의", "각", "Ångström", "ภาพ", "ガラス", "가\u{11a8}"] {
      #expect(
        tokeniser.tokens(of: text.decomposedStringWithCanonicalMapping)
          == tokeniser.tokens(of: text.precomposedStringWithCanonicalMapping), "\(text)")
    }
  }

  /// Texts that are easily read as others, and thousands of random ones.
  private static let samples: [String] = {
    var samples = [
      "", " ", "  a", " (", "a  b ", "\n\ta", "HTMLPage", "iPhone", "AB\u{302}c", "X\u{302}Y", "H\u{331}", "\u{1e96}",
      "STRAßE", "Straße", "İstanbul ıIi", "ǅungla", "\u{2581}a ▁", "👩‍🚀 #️⃣", "don't O'Neil ‘x’", "Ⅷⓐ USAⓐ USA'ⓐ",
      "ſS ΣΑΣ ς",
      "가\u{1100}가각\u{11a8}", "墙上 Dog犬dog ห้าม", "\u{301}x", "a\u{200d}b\u{200d}", "ﬁ ŉ ẞ", "\u{10ffff}\u{0}", "K Å",
      "가\u{11a8}",
    ]
    let scalars = Array(
      "abcABC éÉßſıİIi'’-(). \n\u{301}\u{331}hHẖ가각힣나무\u{1100}\u{1161}\u{11a8}墙上ขที่ǅǆǄΣσςⅧⓐⒶ09\u{200d}👩▁".unicodeScalars)
    var stream = RandomStream(seed: 1, name: "texts")
    for number in 0..<6_000 {
      var view = String.UnicodeScalarView()
      for _ in 0..<stream.below(9) {
        // Half of them from a small set, half from most of Unicode.
        let any = Unicode.Scalar(UInt32(stream.below(0x20000)))
        view.append(number % 2 == 0 ? scalars[stream.below(scalars.count)] : any ?? "x")
      }
      samples.append(String(view))
    }
    return samples
  }()

  @Test func nothingIsLostOfAnyText() {
    for tokeniser in [tokeniser, SubwordTokeniser(texts: ["a Aß ᄀ 가"], minimumCount: 1), SubwordTokeniser(texts: [])] {
      for text in Self.samples {
        let tokens = tokeniser.tokens(of: text)
        #expect(tokens.isEmpty == text.isEmpty)
        // Composing twice is composing: Foundation alone leaves some syllables apart.
        let composed = text.decomposedStringWithCanonicalMapping.precomposedStringWithCanonicalMapping
        let written = tokeniser.decode(tokens)
        #expect(
          Array(written.unicodeScalars) == Array(composed.unicodeScalars),
          "\(text.unicodeScalars.map { String($0.value, radix: 16) })")
      }
    }
  }

  @Test func everyPieceIsLearnt() {
    let tokeniser = SubwordTokeniser(texts: Self.texts + Self.texts.map { "the \($0)" }, minimumCount: 3)
    var counts: [Int32: Int] = [:]
    for token in tokeniser.tokens(of: Self.texts + Self.texts.map { "the \($0)" }).joined() {
      counts[token, default: 0] += 1
    }
    let merged = tokeniser.pieces.indices.filter { tokeniser.pieces[$0].unicodeScalars.count > 1 }
    #expect(merged.count > 5)
    for piece in merged {
      #expect(counts[SubwordTokeniser.firstPiece + Int32(piece)] ?? 0 >= 3, "\(tokeniser.pieces[piece])")
    }
  }

  @Test func theVocabularyIsBounded() {
    let small = SubwordTokeniser(texts: Self.texts, vocabularySize: 300)
    #expect(small.vocabularyCount <= 300 && small.vocabularyCount > 290)
    #expect(SubwordTokeniser(texts: [String]()).vocabularyCount == Int(SubwordTokeniser.firstPiece) + 1)
    #expect(small.decode(small.tokens(of: "Red apple, 빨간 사과")) == "Red apple, 빨간 사과")
  }

  @Test func textsAreFilledAndCut() {
    let red = tokeniser.tokens(of: "red")[0]
    #expect(tokeniser.encode("red", length: 5) == [1, red, 2, 0, 0])
    #expect(tokeniser.encode(" red\n", length: 4) == [1, red, 2, 0])
    #expect(tokeniser.encode("red red red red", length: 4) == [1, red, red, 2])
    #expect(tokeniser.encode("", length: 3) == [1, 2, 0])
    #expect(tokeniser.encode(["red", ""], length: 3) == [1, red, 2, 1, 2, 0])
    #expect(tokeniser.decode(tokeniser.encode("Red apple", length: 9)) == "Red apple")
    #expect(tokeniser.length(holding: ["red", "red red"]) == 4 && tokeniser.length(holding: ["red red"], most: 3) == 3)
  }

  @Test func orderOfTextsDoesNotMatter() {
    #expect(SubwordTokeniser(texts: Self.texts.reversed()) == tokeniser)
  }

  @Test func survivesCoding() throws {
    let data = try JSONEncoder().encode(tokeniser)
    let read = try JSONDecoder().decode(SubwordTokeniser.self, from: data)
    #expect(read == tokeniser && read.pieces == tokeniser.pieces && read.words == tokeniser.words)
    for text in Self.samples.prefix(300) { #expect(read.tokens(of: text) == tokeniser.tokens(of: text)) }
  }

  @Test(arguments: [
    "[]", #"{"scalars": [], "merges": [], "removed": [], "words": []}"#,
    #"{"scalars": ["▁", "a", "a"], "merges": [], "removed": [], "words": []}"#,
    #"{"scalars": ["▁", "ab"], "merges": [], "removed": [], "words": []}"#,
    #"{"scalars": ["▁", "a"], "merges": [[0, 2]], "removed": [], "words": []}"#,
    #"{"scalars": ["▁", "a"], "merges": [[0]], "removed": [], "words": []}"#,
    #"{"scalars": ["▁", "a"], "merges": [[0, 1]], "removed": [1], "words": []}"#,
    #"{"scalars": ["▁", "a"], "merges": [[0, 1]], "removed": [], "words": [3]}"#,
  ]) func aDamagedVocabularyIsRefused(json: String) {
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(SubwordTokeniser.self, from: Data(json.utf8)) }
  }

  @Test func tokensAreGroupedToWords() {
    let tokens = tokeniser.encode("Red pie, (RED) 墙上", length: 30)
    let words = tokeniser.words(in: tokens).map { tokeniser.decode(tokens[$0]).trimmingCharacters(in: .whitespaces) }
    #expect(words.prefix(6) == ["Red", "pie", ",", "(", "RED", ")"])
    #expect(words.dropFirst(6).joined() == "墙上")
    #expect(tokeniser.words(in: [Int32]()).isEmpty && tokeniser.words(in: [1, 2, 0, 0] as [Int32]).isEmpty)
  }

  @Test func namesNearWords() {
    #expect(Set(["red", "apple", "apples", "light", "빨간"]).isSubset(of: tokeniser.words))
    #expect(!tokeniser.words.contains("pie"))
    #expect(tokeniser.words(near: "aple", count: 1) == ["apple"])
    #expect(tokeniser.words(near: "qqqqqqq").isEmpty)
  }
}
