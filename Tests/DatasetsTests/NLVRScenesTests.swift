import Datasets
import Diagnostics
import Foundation
import SampleFolders
import Testing

@Suite struct NLVRScenesTests {
  /// A data root that is removed in the end.
  private final class Root {
    let url = FileManager.default.temporaryDirectory.appending(path: "concord-\(UUID().uuidString)")
    deinit { try? FileManager.default.removeItem(at: url) }
  }

  private func numbers(_ split: MultimodalSplit, _ modality: String, at row: Int) throws -> [Float] {
    guard case .numbers(let values) = split.items(of: modality, at: [row]) else {
      throw UserError(.data, "\(modality) is of another kind")
    }
    return values
  }

  private func scenes(_ root: Root, _ lines: [String]) throws -> NLVRScenes {
    try SampleScenes.write(lines, side: "train", to: root.url)
    for side in ["dev", "test"] { try SampleScenes.write(SampleScenes.lines(4, seed: 9), side: side, to: root.url) }
    var scenes = NLVRScenes()
    scenes.dataRoot = root.url.path
    scenes.minimumPieceCount = 1
    return scenes
  }

  /// A black square of 20 in the middle box's corner and a small yellow circle; blue triangle on the right; nothing on the left.
  private let example = SampleScenes.line(
    "7-2", "There is a tower", "true",
    boxes: [
      [],
      [("Black", "square", 20, 0, 0), ("Yellow", "circle", 10, 90, 90), ("Black", "square", 20, 80, 0)],
      [("#0099ff", "triangle", 30, 35, 35)],
    ])

  @Test func regionsAreTheBoxesWithTheSharesOfWhatIsInThem() throws {
    let root = Root()
    var options = try scenes(root, [example])
    (options.regionSize, options.imageHeight) = (10, 20)
    let set = try options.dataset()
    guard case .regions(3, 300, 28) = try #require(set.modalities.first { $0.name == "regions" }).kind else {
      Issue.record("regions are of another size")
      return
    }
    let values = try numbers(set.train, "regions", at: 0)
    let size = 6 + 300 + 28
    func region(_ box: Int) -> ArraySlice<Float> { values[box * size..<(box + 1) * size] }
    #expect(Array(region(0).prefix(6)) == [1, 0, 0, 0.25, 1, 0.25])
    #expect(Array(region(1).prefix(6)) == [1, 0.375, 0, 0.625, 1, 0.25])
    #expect(Array(region(2).prefix(6)) == [1, 0.75, 0, 1, 1, 0.25])
    func shares(_ box: Int) -> [Int: Float] {
      Dictionary(
        uniqueKeysWithValues: region(box).suffix(28).enumerated().filter { $0.element > 0 }.map {
          ($0.offset, $0.element)
        })
    }
    // Classes go by colour (black, blue, yellow), shape (circle, square, triangle) and size (10, 20, 30); then nothing.
    #expect(shares(0) == [27: 1])
    #expect(shares(1).keys.sorted() == [4, 18])
    #expect(abs((shares(1)[4] ?? 0) - 2 / 3) < 1e-6 && abs((shares(1)[18] ?? 0) - 1 / 3) < 1e-6)
    #expect(shares(2) == [17: 1])
    // Ten pixels a side, each of ten units: the black square is the four in the corner.
    func pixel(_ box: Int, _ row: Int, _ column: Int) -> [Float] {
      let start = region(box).startIndex + 6 + (row * 10 + column) * 3
      return Array(values[start..<start + 3])
    }
    let grey = Float(211) / 255
    #expect(pixel(1, 0, 0) == [0, 0, 0] && pixel(1, 1, 1) == [0, 0, 0] && pixel(1, 2, 0) == [grey, grey, grey])
    #expect(pixel(1, 0, 8) == [0, 0, 0] && pixel(0, 5, 5) == [grey, grey, grey])
    let dot = pixel(1, 9, 9)
    #expect(dot[0] > 0.9 && dot[2] < 0.3, "a yellow circle fills most of its pixel")
    #expect(pixel(2, 5, 4)[2] > 0.9 && pixel(2, 5, 4)[0] < 0.3, "the middle of the blue triangle")
    // Its apex is above, so its upper corners are free.
    #expect(pixel(2, 3, 3) == [grey, grey, grey])
    // In the picture boxes are 20 wide, 30 apart, on white.
    let picture = try numbers(set.train, "image", at: 0)
    func seen(_ row: Int, _ column: Int) -> Float { picture[(row * 80 + column) * 3] }
    #expect(picture.count == 20 * 80 * 3 && seen(0, 30) == 0 && seen(0, 25) == 1 && seen(19, 79) == grey)
    #expect(try numbers(set.train, "objects", at: 0) == [0, 1, 0, 0, 0, 1, 1, 0, 0])
  }

  @Test func sidesAndStatementsAreTheDatasOwn() throws {
    let root = Root()
    try SampleScenes.write(to: root.url, train: 20, dev: 6, test: 8)
    var options = NLVRScenes()
    options.dataRoot = root.url.path
    let pairs = try options.dataset()
    #expect(pairs.train.count == 10 && pairs.validation.count == 3 && pairs.test.count == 4 && !pairs.hasFalsePairs)
    #expect(pairs.train.labels["statement"]?.allSatisfy { $0 == 1 } == true)
    (options.statements, options.permutations) = (.all, 6)
    let all = try options.dataset()
    #expect(all.train.count == 120 && all.validation.count == 6 && all.test.count == 8 && all.hasFalsePairs)
    #expect(all.test.labels["statement"] == [1, 0, 1, 0, 1, 0, 1, 0])
    // The orders of an example hold the same boxes.
    let size = 3 * (6 + 192 + 28)
    func shares(_ row: Int) throws -> Set<[Float]> {
      let values = try numbers(all.train, "regions", at: row)
      return Set((0..<3).map { Array(values[($0 + 1) * size / 3 - 28..<($0 + 1) * size / 3]) })
    }
    for order in 1..<6 { #expect(try shares(6 + order) == shares(6)) }
    options.most = 2
    #expect(try options.dataset().train.count == 12)
  }

  @Test(arguments: [
    ("{\"sentence\": \"a\"}", "is no example of NLVR"), ("not json", "is no example of NLVR"),
    (SampleScenes.line("1-0", "a", "perhaps", boxes: [[], [], []]), "the label `perhaps` is neither true nor false"),
    (SampleScenes.line("1-0", "a", "true", boxes: [[], []]), "2 boxes instead of 3"),
    (SampleScenes.line("1-0", " ", "true", boxes: [[], [], []]), "the sentence is empty"),
    (SampleScenes.line("1-0", "a", "true", boxes: [[("Red", "square", 20, 0, 0)], [], []]), "the colour `Red`"),
    (SampleScenes.line("1-0", "a", "true", boxes: [[("Black", "star", 20, 0, 0)], [], []]), "the shape `star`"),
    (SampleScenes.line("1-0", "a", "true", boxes: [[("Black", "square", 25, 0, 0)], [], []]), "the size 25.0"),
    (SampleScenes.line("1-0", "a", "true", boxes: [[("Black", "square", 20, 400, 0)], [], []]), "outside of its box"),
  ]) func aDamagedLineIsNamed(line: String, said: String) throws {
    let root = Root()
    let options = try scenes(root, [example, line])
    let error = #expect(throws: UserError.self) { try options.dataset() }
    let text = error?.description ?? ""
    #expect(text.contains(said) && text.contains("train.json:2"), "\(text)")
  }

  @Test func whatIsMissingIsNamed() throws {
    let root = Root()
    let options = try scenes(root, [example])
    try FileManager.default.removeItem(at: root.url.appending(path: "nlvr/test/test.json"))
    let error = #expect(throws: UserError.self) { try options.dataset() }
    #expect(error?.description.contains("nlvr/test/test.json") == true)
    var wrong = options
    wrong.permutations = 7
    #expect(throws: UserError.self) { try wrong.dataset() }
    #expect(options.absence(dataRoot: root.url) == nil)
    #expect(NLVRScenes().absence(dataRoot: root.url.appending(path: "elsewhere")) != nil)
  }
}
