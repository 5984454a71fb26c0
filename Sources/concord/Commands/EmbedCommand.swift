import ArgumentParser
import Diagnostics
import Foundation
import Interchange
import Kernels
import Search
import StrictYAML

/// `concord embed`
struct EmbedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "embed",
    abstract: "Writes embeddings of pictures, or of pictures and texts, to a file of NumPy.",
    discussion: """
      Example:  concord embed models/clip photos --output photos.npz

      Of a folder the array `image` is written, of a table with the columns image and text `image` and `text`, rows of \
      length 1. What each row is stands in a file of the same name that ends with .txt, a line for each.
      """)

  @OptionGroup var trained: TrainedRunArguments

  @Argument(help: "A folder of pictures, or a table of pictures and texts.")
  var input: String

  @Option(help: "The .npz file to write.")
  var output: String

  @Flag(help: "Replace the files where they are there already.")
  var force = false

  func validate() throws {
    guard output.hasSuffix(".npz") else { throw ValidationError("--output must end with .npz, not '\(output)'") }
  }

  func run() throws {
    let names = URL(fileURLWithPath: output).deletingPathExtension().appendingPathExtension("txt")
    for file in [output, names.relativePath] { try TrainedRunArguments.check(file, mayReplace: force) }
    let (model, search) = try trained.open()
    var isFolder: ObjCBool = false
    var arrays: [String: NumericArray] = [:]
    var lines: [String] = []
    func add(_ name: String, _ vectors: Matrix) {
      arrays[name] = NumericArray(vectors.values, shape: [vectors.rows, vectors.columns])
    }
    if FileManager.default.fileExists(atPath: input, isDirectory: &isFolder), isFolder.boolValue {
      let found = try search.pictures(in: try PictureFolder(input), path: input)
      add("image", found.vectors)
      lines = found.items.map { $0.name.onOneLine() }
    } else {
      let table = try PairTable(input)
      add("image", try search.vectors(ofPictures: table.pictures))
      add(
        "text",
        try search.vectors(
          of: try TextQuery.resolve(
            table.texts, language: trained.language, in: model.embedder.data, places: table.places)))
      lines = zip(table.names, table.texts).map { "\($0.onOneLine())\t\($1.onOneLine())" }
    }
    TrainedRunArguments.remark(onAgreementOf: model)
    try NumpyArchive(arrays: arrays).write(to: URL(fileURLWithPath: output))
    try AtomicFile.write(Data(lines.map { $0 + "\n" }.joined().utf8), to: names)
    if trained.json {
      let shapes = arrays.keys.sorted().map { name in
        JSONValue.Member(name, .list((arrays[name]?.shape ?? []).map { .integer($0) }))
      }
      return say(JSONValue.object(shapes).json)
    }
    let sizes = arrays.keys.sorted().map { "\($0) \(arrays[$0]?.shape ?? [])" }.joined(separator: ", ")
    say("\(model.name): \(sizes)\nembeddings: \(output)\nrows: \(names.relativePath)")
  }
}
