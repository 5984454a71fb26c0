import Datasets
import Diagnostics
import Foundation
import Kernels
import Methods
import SampleRuns
import Search
import StrictYAML
import Testing

@Suite struct EmbeddingSearchTests {
  private let folder: TemporaryFolder
  private let embedder = SampleEmbedder()
  private static let key = String(repeating: "0123456789abcdef", count: 4)

  init() throws { folder = try TemporaryFolder() }

  private func search(
    key: String = key, by embedder: SampleEmbedder? = nil, remark: @escaping (String) -> Void = { _ in }
  ) -> EmbeddingSearch {
    EmbeddingSearch(
      embedder ?? self.embedder, cache: EmbeddingCache(folder: folder.url, key: key), remark: remark)
  }

  private func item(_ name: String) -> SearchItem { SearchItem(source: .observation(0), name: name, words: "") }

  @Test func theNearestComeFirst() {
    // Cosines with (1, 0): 0.6, 1, −1, 1, none. Equal ones keep their order.
    let collection = SearchCollection(
      title: "x", items: ["a", "b", "c", "d", "e"].map(item),
      vectors: Matrix(rows: 5, columns: 2, values: [3, 4, 2, 0, -1, 0, 5, 0, .nan, 1]))
    let hits = collection.nearest(to: [7, 0], count: 9)
    #expect(hits.map(\.item.name) == ["b", "d", "a", "c", "e"])
    #expect(hits.map(\.rank) == [1, 2, 3, 4, 5])
    #expect(abs(hits[2].cosine - 0.6) < 1e-6 && hits[3].cosine == -1 && hits[4].cosine.isNaN)
    #expect(collection.nearest(to: [7, 0], count: 2).map(\.item.name) == ["b", "d"])
    let empty = SearchCollection(title: "x", items: [], vectors: Matrix(rows: 0, columns: 0))
    #expect(empty.nearest(to: [1], count: 3).isEmpty)
  }

  @Test func whatIsKnownIsNotComputedAgain() throws {
    let first = try search().pictures()
    #expect(embedder.pictureCount == 4)
    #expect(first.title == "4 pictures of the test side of colours")
    #expect(first.items.map(\.words) == ["red | 빨강", "green | 초록", "blue", "dark red | 빨강"])
    // The cache file serves another process.
    #expect(try search().pictures().vectors == first.vectors)
    #expect(embedder.pictureCount == 4)
    _ = try search().texts()
    #expect(embedder.textCount == 6)
    _ = try search().texts(language: "ko")
    #expect(embedder.textCount == 6)
    // Another model's are others, even in the same file.
    _ = try search(key: String(Self.key.dropLast()) + "0").pictures()
    #expect(embedder.pictureCount == 8)
    _ = try search().pictures()
    #expect(embedder.pictureCount == 12)
  }

  @Test func aDamagedCacheCountsAsNone() throws {
    _ = try search().pictures()
    let cache = EmbeddingCache(folder: folder.url, key: Self.key)
    #expect(cache.count == 4)
    let file = try #require(cache.file)
    var bytes = try Data(contentsOf: file)
    bytes[bytes.count - 3] ^= 1
    try bytes.write(to: file)
    #expect(EmbeddingCache(folder: folder.url, key: Self.key).count == 0)
    _ = try search().pictures()
    #expect(embedder.pictureCount == 8)
    var remarks: [String] = []
    let unwritable = EmbeddingSearch(
      embedder, cache: EmbeddingCache(folder: URL(fileURLWithPath: "/dev/null/x"), key: Self.key)
    ) { remarks.append($0) }
    #expect(try unwritable.pictures().items.count == 4)
    #expect(remarks.count == 1 && remarks[0].hasPrefix("embeddings are computed anew each time"))
  }

  @Test func aFolderIsKnownByContent() throws {
    let pictures = folder.url.appending(path: "mine")
    let below = pictures.appending(path: "below")
    try FileManager.default.createDirectory(at: below, withIntermediateDirectories: true)
    try SampleEmbedder.write([250, 0, 0], to: pictures.appending(path: "x.png"))
    try SampleEmbedder.write([250, 0, 0], to: pictures.appending(path: "same.PNG"))
    try SampleEmbedder.write([0, 0, 250], to: below.appending(path: "y.png"))
    try Data("text".utf8).write(to: pictures.appending(path: "bad.jpg"))
    try Data("text".utf8).write(to: pictures.appending(path: "notes.txt"))
    try SampleEmbedder.write([0, 0, 250], to: pictures.appending(path: ".hidden.png"))
    var remarks: [String] = []
    func found() throws -> SearchCollection {
      try search { remarks.append($0) }.pictures(in: PictureFolder(pictures.path), path: "mine")
    }
    let collection = try found()
    #expect(collection.items.map(\.name) == ["below/y.png", "same.PNG", "x.png"])
    #expect(collection.title == "3 pictures in mine")
    #expect(embedder.pictureCount == 2)
    #expect(remarks.count == 1)
    #expect(
      remarks[0].hasPrefix("1 of 4 files cannot be read and are left out, the first: ")
        && remarks[0].hasSuffix("bad.jpg: neither PNG, JPEG nor WebP; save it as one of them"))
    #expect(collection.nearest(to: [1, 0, 0], count: 1)[0].item.name == "same.PNG")
    try FileManager.default.moveItem(at: pictures.appending(path: "x.png"), to: below.appending(path: "z.png"))
    #expect(try found().items.map(\.name) == ["below/y.png", "below/z.png", "same.PNG"])
    #expect(embedder.pictureCount == 2)
  }

  @Test func aFolderWithoutPicturesIsRefused() throws {
    let none = #expect(throws: UserError.self) { try PictureFolder(folder.url.path + "/none") }
    #expect(none?.what == "there is no such folder" && none?.kind == .inputOutput)
    let empty = #expect(throws: UserError.self) { try PictureFolder(folder.url.path) }
    #expect(empty?.what == "no .png, .jpg or .jpeg file is in the folder" && empty?.kind == .data)
    try Data("text".utf8).write(to: folder.url.appending(path: "bad.png"))
    let bad = #expect(throws: UserError.self) {
      try search().pictures(in: PictureFolder(folder.url.path), path: "mine")
    }
    #expect(bad?.what == "neither PNG, JPEG nor WebP")
  }

  @Test func theWordsChooseTheLanguage() throws {
    func caption(_ text: String, _ language: String? = nil) throws -> String {
      try TextQuery.resolve([text], language: language, in: embedder.data)[0].caption.name
    }
    #expect(try caption("red") == "caption-en")
    #expect(try caption("빨강") == "caption-ko")
    #expect(try caption("red", "ko") == "caption-ko")
    #expect(try caption("red", "caption-ko") == "caption-ko")
    let partly = try TextQuery.resolve(["gren red"], language: nil, in: embedder.data)[0]
    #expect(
      partly.remark
        == "rare or missing in training texts of caption-en, and read in pieces: \"gren\"; near words: green, red")
    #expect(try TextQuery.resolve(["red"], language: nil, in: embedder.data)[0].remark == nil)
    #expect(
      try TextQuery.resolve(["墙上"], language: "en", in: embedder.data)[0].remark
        == "training texts of caption-en hardly have the signs of \"墙上\", so it is read by their bytes")
  }

  @Test(
    arguments: [
      (" ", nil, "the text \" \" is empty"),
      ("red", "kp", "the run has no captions \"kp\"; it has caption-en, caption-ko"),
      ("red", "caption-kp", "the run has no captions \"caption-kp\"; did you mean caption-ko?"),
    ] as [(String, String?, String)]) func aTextThatCannotBeReadIsRefused(
      text: String, language: String?, message: String
    )
  {
    let error = #expect(throws: UserError.self) {
      try TextQuery.resolve([text], language: language, in: embedder.data)
    }
    #expect(error?.description == message)
  }

  @Test func picturesAloneAreSearchedByPictures() throws {
    let plain = SampleEmbedder(hasTexts: false)
    let error = #expect(throws: UserError.self) { try TextQuery.resolve(["red"], language: nil, in: plain.data) }
    #expect(
      error?.description == "colours: the run knows no texts, only pictures; search by a picture: --image FILE")
    let collection = try search(by: plain).pictures()
    #expect(collection.items.map(\.words) == ["red", "green", "qqqqqq", "red"])
    #expect(try search(by: plain).texts().items.isEmpty)
  }

  @Test func aReportIsTextJSONAndAPage() throws {
    let search = search()
    let query = try TextQuery.resolve(["red"], language: nil, in: embedder.data)
    let vector = try search.vectors(of: query).values
    let report = SearchReport(
      run: "sample, seed 0", query: .text(query[0]), form: embedder.data.form.description, vector: vector,
      collections: [try search.pictures()], count: 3)
    #expect(
      report.plain == """
        "red" as caption-en · sample, seed 0

        nearest of 4 pictures of the test side of colours
           1   1.000  a  red | 빨강
           2   1.000  d  dark red | 빨강
           3   0.000  b  green | 초록

        """)
    let json = try #require(
      JSONSerialization.jsonObject(with: Data(report.json.json.utf8)) as? [String: Any])
    let collections = try #require(json["collections"] as? [[String: Any]])
    let hits = try #require(collections[0]["hits"] as? [[String: Any]])
    #expect(hits.map { $0["name"] as? String } == ["a", "d", "b"] && hits[0]["cosine"] as? Double == 1)
    let page = report.html(preview: search.preview, queryPreview: nil)
    #expect(page.components(separatedBy: "data:image/png;base64,").count == 4)
    #expect(
      page.contains("<h1>&quot;red&quot; as caption-en</h1>") && !page.contains("http:") && !page.contains("https:"))
  }

  @Test func aPictureIsClassified() throws {
    let file = folder.url.appending(path: "red.png")
    try SampleEmbedder.write([255, 0, 0], to: file)
    var remarks: [String] = []
    let search = search { remarks.append($0) }
    func classify(_ choice: PictureClassification.Choice, _ language: String? = nil) throws -> PictureClassification {
      try PictureClassification(file, choice: choice, language: language, search: search, run: "sample")
    }
    // Cosines 1 and 0 by a scale of 2: e² / (e² + 1).
    let own = try classify(.labels(["green", "red"], templates: ["a {} one"]))
    #expect(own.classes.map(\.name) == ["red", "green"])
    #expect(own.classes.map(\.cosine) == [1, 0])
    #expect(abs(own.classes[0].probability - exp(2) / (exp(2) + 1)) < 1e-6)
    #expect(own.note == "Probabilities: softmax of 2 · cosine (1/τ of method.temperature).")
    #expect(own.plain(count: 1).contains(" 88.1 %   1.000  red\n… and 1 more; see --count\n"))
    #expect(own.origin == "labels as caption-en")
    remarks = []
    let classes = try classify(.classes(labelling: nil, templates: nil))
    #expect(classes.classes.map(\.name) == ["red", "green", "qqqqqq"])
    #expect(classes.origin == "names of colour as caption-en")
    #expect(
      remarks
        == ["read by the bytes of their signs, which training texts of caption-en hardly have: qqqqqq"])
    // Of several sentences the mean of their directions.
    let several = try classify(.classes(labelling: "colour", templates: ["{}", "green {}"]))
    #expect(several.classes.map(\.name).first == "red" && (several.classes.first?.cosine ?? 1) < 0.999)
    let unknown = #expect(throws: UserError.self) { try classify(.classes(labelling: "color", templates: nil)) }
    #expect(unknown?.description == "the run has no labelling \"color\"; did you mean colour?")
    #expect(try classify(.labels(["red", "qqqqqq"], templates: ["{}"])).classes.count == 2)
    let empty = #expect(throws: UserError.self) { try classify(.labels(["red", " "], templates: ["{}"])) }
    #expect(empty?.description == "the text \" \" is empty")
  }

  /// A model that was trained with a bias says of each class by itself how likely it is.
  @Test func aBiasMakesEveryClassStandByItself() throws {
    let file = folder.url.appending(path: "red.png")
    try SampleEmbedder.write([255, 0, 0], to: file)
    let embedder = SampleEmbedder()
    embedder.scale = SimilarityScale(4, bias: -3, origin: "learnt")
    let cache = EmbeddingCache(folder: folder.url.appending(path: "bias"), key: "bias")
    let search = EmbeddingSearch(embedder, cache: cache)
    let found = try PictureClassification(
      file, choice: .labels(["green", "red"], templates: ["{}"]), language: nil, search: search, run: "sample")
    // Cosines 1 and 0: σ(4 − 3) and σ(−3).
    #expect(found.classes.map(\.name) == ["red", "green"])
    #expect(abs(found.classes[0].probability - 1 / (1 + exp(-1))) < 1e-6)
    #expect(abs(found.classes[1].probability - 1 / (1 + exp(3))) < 1e-6)
    #expect(found.note == "Probabilities: sigmoid of 4 · cosine − 3, each class by itself (learnt).")
    #expect(found.json["scale"]?["bias"] == .number(-3))
    #expect(SimilarityScale(4, bias: -3, origin: "").probabilities(of: [1000, -1000]) == [1, 0])
  }

  @Test func partnersAreRanked() {
    // Cosines: 1 0 / 1 0: both pictures are nearest to the first text, and the texts see both alike.
    let match = PairMatch(
      pictures: ["a.png", "b.png"], texts: ["x", "y"],
      pictureVectors: Matrix(rows: 2, columns: 2, values: [2, 0, 3, 0]),
      textVectors: Matrix(rows: 2, columns: 2, values: [1, 0, 0, 1]))
    #expect(match.cosines.values == [1, 0, 1, 0])
    #expect(match.textRanks == [1, 2] && match.pictureRanks == [1.5, 1.5])
    #expect(
      match.plain(run: "sample") == """
        2 pairs · sample

        cosines, a row for each picture, a column for each text
                   1      2
           1   1.000  0.000
           2   1.000  0.000

        pair  cosine  text at  picture at  picture  text
           1   1.000        1         1.5  a.png    x
           2   0.000        2         1.5  b.png    y

        Own text nearest to 1 of 2 pictures, own picture nearest to 0 of 2 texts.

        """)
  }

  @Test(arguments: [
    ("image\ttext\n", "0 pairs cannot be compared; give at least two rows"),
    ("image\twords\na\tb\nc\td\n", "1: the header has no column `text`; "),
    ("image\ttext\na\n", "2: row 1 has 1 cells, but the header 2; "),
  ]) func aTableOfPairsIsChecked(text: String, message: String) throws {
    try folder.write(text, to: "pairs.tsv")
    let error = #expect(throws: UserError.self) { try PairTable(folder.url.path + "/pairs.tsv") }
    #expect(error?.description.contains(message) == true, "\(String(describing: error))")
  }

  @Test func pathsStartFromTheTable() throws {
    try folder.write("caption,file\nx,a.png\n\"y, z\",/b.png\n", to: "pairs.csv")
    let table = try PairTable(folder.url.path + "/pairs.csv")
    #expect(table.pictures.map(\.path) == [folder.url.path + "/a.png", "/b.png"])
    #expect(table.texts == ["x", "y, z"] && table.names == ["a.png", "/b.png"])
    #expect(table.places[1].hasSuffix("/pairs.csv:3"))
  }

  @Test func aRunOfAnotherExperimentIsRefused() throws {
    let run = try SampleRun()
    let finished = try run.finished()
    let error = #expect(throws: UserError.self) { try TrainedRun(finished, catalogue: run.recipes.catalogue) }
    #expect(error?.what == "runs of the experiment `sample` cannot be searched")
  }
}
