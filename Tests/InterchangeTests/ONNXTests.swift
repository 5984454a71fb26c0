import Diagnostics
import FileMutation
import Foundation
import Graphs
import Interchange
import Testing

@Suite struct ONNXTests {
  /// y = LeakyRelu(x · w), x `[batch, 2]`, w = (1, −2)ᵀ.
  private static let small = OperatorGraph(
    name: "g", inputs: [.init("x", shape: [2])], outputs: [.init("y", shape: [1])],
    constants: [("w", GraphConstant([1, -2], shape: [2, 1]))],
    nodes: [
      .init("MatMul", name: "a", inputs: ["x", "w"], outputs: ["m"]),
      .init("LeakyRelu", name: "b", inputs: ["m"], outputs: ["y"], attributes: ["alpha": .float(0.25)]),
    ])

  private static let everything = OperatorGraph(
    name: "모두", inputs: [.init("ids", .int64, shape: [3]), .init("x", shape: [])], outputs: [.init("y", shape: [4])],
    constants: [
      ("long", GraphConstant([3, -1])), ("scalar", GraphConstant(.infinity)),
      ("bytes", GraphConstant(.int8([-128, 127]), shape: [2, 1])), ("truth", GraphConstant(.bool([true]), shape: [1])),
      ("none", GraphConstant([], shape: [0, 5])),
    ],
    nodes: [
      .init(
        "Any", name: "any", inputs: ["ids", "", "x", "long", "scalar", "bytes", "truth", "none"], outputs: ["y"],
        attributes: ["a": .ints([-1, 0, 1 << 40]), "b": .int(-7), "c": .text("그래프"), "d": .float(-0.0)])
    ])

  @Test func theExampleOfTheFormatIsWrittenByteForByte() throws {
    let expected =
      "080812 07436f6e636f7264 3a8901 0a140a01780a017712016d1a0161 22064d61744d756c"
      + "0a250a016d1201791a0162 22094c65616b7952656c75 2a0f0a05616c706861 150000803ea00101"
      + "120167 2a13080208011001420177 4a080000803f000000c0"
      + "5a180a0178 12130a110801120d 0a0712056261746368 0a020802"
      + "62180a0179 12130a110801120d 0a0712056261746368 0a020801 42040a001011"
    let digits = expected.filter { $0 != " " }
    let bytes = try ONNXFile(graph: Self.small).encoded()
    #expect(bytes.map { String(format: "%02x", $0) }.joined() == digits && bytes.count == 157)
  }

  @Test func whatIsWrittenIsReadAgain() throws {
    let file = ONNXFile(graph: Self.everything, metadata: ["model": "clip", "τ": ""])
    let read = try ONNXFile(data: file.encoded())
    #expect(read == file)
    #expect(try read.encoded() == file.encoded())
  }

  /// Whole numbers that are stored as floating-point ones are none.
  @Test func numbersOfAnotherTypeAreRefused() throws {
    var bytes = try ONNXFile(graph: Self.small).encoded()
    let place = try #require(bytes.range(of: Data([0x10, 1, 0x42, 1, 0x77, 0x4A])))
    bytes.replaceSubrange(place, with: Data([0x10, 7, 0x42, 1, 0x77, 0x22]))
    let error = #expect(throws: UserError.self) { try ONNXFile(data: bytes, name: "f.onnx") }
    #expect(error?.what == "has a constant \"w\" without its numbers")
  }

  @Test func aGraphThatContradictsItselfIsRefused() throws {
    var graph = Self.small
    graph.nodes.reverse()
    #expect(graph.fault == "b takes \"m\" before it is written")
    let bytes = try ONNXFile(graph: graph).encoded()
    let error = #expect(throws: UserError.self) { try ONNXFile(data: bytes, name: "f.onnx") }
    #expect(error?.what.contains("takes \"m\" before it is written") == true && error?.kind == .data)
    graph = Self.small
    graph.constants.append(("idle", GraphConstant(1)))
    #expect(graph.fault == "nothing uses \"idle\"")
    graph = Self.small
    graph.outputs[0].name = "z"
    #expect(graph.fault == "nothing writes the output \"z\"")
  }

  @Test func moreThanAFileHoldsIsRefused() throws {
    var graph = Self.small
    // The numbers are in memory once.
    let block = GraphConstant([Float](repeating: 0, count: 1 << 20), shape: [1 << 20])
    graph.constants += (0..<512).map { ("w\($0)", block) }
    let error = #expect(throws: UserError.self) { try ONNXFile(graph: graph).encoded() }
    #expect(error?.what == "2147483656 bytes are more than a file of ONNX holds, 2147483647" && error?.place == "g")
  }

  @Test func damagedFilesAreRefusedOrRight() throws {
    let corpus = try [Self.small, Self.everything].map {
      [UInt8](try ONNXFile(graph: $0, metadata: ["a": "b"]).encoded())
    }
    let fuzz = FuzzRun("onnx", corpus: corpus, vocabulary: ["MatMul", "batch", "alpha"], count: 2_000)
    let outcome = try fuzz(place: "f") { bytes in
      let file = try ONNXFile(data: Data(bytes), name: "f")
      let again = try file.encoded()
      if try ONNXFile(data: again).encoded() != again { throw FuzzRun.Violation("it is not written as it was read") }
    }
    #expect(outcome.failures.isEmpty)
    #expect(outcome.count > outcome.accepted)
  }

  @Test func linearLayersAreQuantisedForEachOutput() throws {
    // The second column is all zeros: its scale is 1.
    var graph = Self.small
    graph.constants = [("w", GraphConstant([1, 0, -0.5, 0], shape: [2, 2]))]
    graph.outputs[0].shape = [2]
    let found = graph.dynamicallyQuantised()
    #expect(found.fault == nil)
    #expect(
      found.nodes.map(\.operation) == ["DynamicQuantizeLinear", "Mul", "MatMulInteger", "Cast", "Mul", "LeakyRelu"])
    let constants = Dictionary(uniqueKeysWithValues: found.constants.map { ($0.name, $0.value) })
    // −63.5 goes to the even −64.
    #expect(constants["w_quantized"] == GraphConstant(.int8([127, 0, -64, 0]), shape: [2, 2]))
    #expect(constants["w_scale"] == GraphConstant([Float(1.0 / 127), 1], shape: [2]))
    #expect(constants["w_zero_point"] == GraphConstant(.int8([0, 0]), shape: [2]))
    #expect(try ONNXFile(data: ONNXFile(graph: found).encoded()).graph == found)
  }

  /// The reference folder's files of onnxruntime, where they are there.
  private static let reference: URL = {
    let named = ProcessInfo.processInfo.environment["CONCORD_REFERENCE"].map { URL(fileURLWithPath: $0) }
    let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return (named ?? package.deletingLastPathComponent().appending(path: "shared")).appending(path: "pretrained/int8")
  }()

  @Test(
    .enabled(
      if: FileManager.default.fileExists(atPath: reference.path), "needs the reference folder's files of onnxruntime"))
  func onnxruntimesFilesAreReadAndEqualled() throws {
    let float = try ONNXFile(readingFrom: Self.reference.appending(path: "linear.onnx")).graph
    let theirs = try ONNXFile(readingFrom: Self.reference.appending(path: "linear.per_channel.onnx")).graph
    let ours = float.dynamicallyQuantised()
    func sorted(_ graph: OperatorGraph) -> [GraphConstant] {
      graph.constants.sorted { $0.name < $1.name }.map(\.value)
    }
    #expect(sorted(ours) == sorted(theirs))
    #expect(ours.constants.map(\.name).sorted() == theirs.constants.map(\.name).sorted())
    #expect(ours.nodes.map(\.operation) == theirs.nodes.map(\.operation))
    #expect(ours.nodes.map(\.inputs) == theirs.nodes.map(\.inputs))
  }
}
