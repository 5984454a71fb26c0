import Diagnostics
import Foundation

/// The folder of one run: its files by name, and their reading and writing.
///
///     runs/gmc-emoji/20261121T031844Z-1a2b3c4d/
///       recipe.yaml manifest.json results.json report.md figures/
///       seed-0/{metrics.jsonl, scores.json, checkpoint.safetensors, embeddings.npz}
public struct RunFolder: Equatable, Sendable {
  /// The folder.
  public let url: URL

  /// Names a folder that is a run's.
  public init(_ url: URL) {
    self.url = url
  }

  /// The resolved recipe, every value with its origin.
  public var recipe: URL { url.appendingPathComponent("recipe.yaml") }
  /// The manifest.
  public var manifest: URL { url.appendingPathComponent("manifest.json") }
  /// The result over all seeds.
  public var results: URL { url.appendingPathComponent("results.json") }
  /// The report.
  public var report: URL { url.appendingPathComponent("report.md") }
  /// The figures.
  public var figures: URL { url.appendingPathComponent("figures", isDirectory: true) }

  /// The folder of a seed.
  public func seed(_ seed: Int) -> URL { url.appendingPathComponent("seed-\(seed)", isDirectory: true) }
  /// The events of a seed.
  public func metrics(ofSeed seed: Int) -> URL { self.seed(seed).appendingPathComponent("metrics.jsonl") }
  /// The scores of a seed.
  public func scores(ofSeed seed: Int) -> URL { self.seed(seed).appendingPathComponent("scores.json") }

  /// Makes the folder of a new run; one that is there already is never used again.
  public static func create(in runs: URL, recipe: Recipe, start: Date) throws(UserError) -> RunFolder {
    let family = runs.appendingPathComponent(familyName(of: recipe.name), isDirectory: true)
    try createFolder(family)
    let time = start.formatted(
      .iso8601.year().month().day().dateSeparator(.omitted).time(includingFractionalSeconds: false)
        .timeSeparator(.omitted))
    var count = 1
    while true {
      let name = "\(time)Z-\(recipe.hash)" + (count > 1 ? "-\(count)" : "")
      let url = family.appendingPathComponent(name, isDirectory: true)
      if mkdir(url.path, 0o755) == 0 {
        for seed in recipe.seeds { try createFolder(RunFolder(url).seed(seed)) }
        return RunFolder(url)
      }
      guard errno == EEXIST, count < 1000 else { throw Self.cannotCreate(url, code: errno) }
      count += 1
    }
  }

  /// The folder that all runs of a recipe stand in: `gmc-emoji` for `gmc/emoji`, `mine` for `here/mine.yaml`.
  static func familyName(of recipe: String) -> String {
    var name = recipe
    if name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
      name = URL(fileURLWithPath: name).deletingPathExtension().lastPathComponent
    }
    let kept = name.map { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." ? $0 : "-" }
    return String(kept.drop { $0 == "." })
  }

  /// Makes a folder with those above it.
  static func createFolder(_ url: URL) throws(UserError) {
    do {
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    } catch {
      throw cannotCreate(url, code: errno)
    }
  }

  private static func cannotCreate(_ url: URL, code: Int32) -> UserError {
    let reason = code == 0 ? "" : ": \(String(cString: strerror(code)))"
    return UserError(
      .inputOutput, "the folder cannot be made\(reason)", at: url.path, mend: "choose another with --runs")
  }

  /// The run that a path means: a run's folder, or the newest run in a folder of runs or of such folders.
  public static func find(_ path: String) throws(UserError) -> RunFolder {
    let url = URL(fileURLWithPath: path, isDirectory: true)
    let folder = RunFolder(url)
    let files = FileManager.default
    if files.fileExists(atPath: folder.manifest.path) { return folder }
    func folders(in parent: URL) -> [URL] {
      ((try? files.contentsOfDirectory(atPath: parent.path)) ?? []).map {
        parent.appendingPathComponent($0, isDirectory: true)
      }
    }
    let children = folders(in: url)
    let inside = (children + children.flatMap(folders)).map(RunFolder.init)
      .filter { files.fileExists(atPath: $0.manifest.path) }
    // A run's name begins with its time.
    guard let newest = inside.max(by: { $0.url.lastPathComponent < $1.url.lastPathComponent }) else {
      let exists = files.fileExists(atPath: path)
      throw UserError(
        .inputOutput, exists ? "this is not the folder of a run" : "there is no such folder", at: path,
        mend: "name a folder such as runs/gmc-emoji/<time>-<hash>")
    }
    return newest
  }

  /// Reads the manifest.
  public func readManifest() throws(UserError) -> Manifest { try read(manifest, contradiction: \.contradiction) }

  /// Writes the manifest.
  public func write(_ manifest: Manifest) throws(UserError) { try write(manifest, to: self.manifest) }

  /// Reads the result.
  public func readResult() throws(UserError) -> RunResult { try read(results, contradiction: \.contradiction) }

  /// Writes the result.
  public func write(_ result: RunResult) throws(UserError) { try write(result, to: results) }

  /// Reads the scores of a seed.
  public func readSeedResult(_ seed: Int) throws(UserError) -> SeedResult { try read(scores(ofSeed: seed)) }

  /// Writes the scores of a seed.
  public func write(_ result: SeedResult, seed: Int) throws(UserError) { try write(result, to: scores(ofSeed: seed)) }

  /// Reads a file of the record; one that says something against itself is damaged too.
  private func read<Value: Decodable>(
    _ file: URL, contradiction: (Value) -> String? = { _ in nil }
  ) throws(UserError) -> Value {
    guard FileManager.default.fileExists(atPath: file.path) else {
      throw UserError(
        .inputOutput, "there is no such file", at: file.path,
        mend: file == results ? "the run has not finished" : "name the folder of a run")
    }
    let data = try RegularFile.contents(of: file)
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "∞", negativeInfinity: "-∞", nan: "NaN")
    func damaged(_ what: String) -> UserError {
      UserError(.data, "the file is damaged: \(what)", at: file.path, mend: "run again")
    }
    let value: Value
    do {
      value = try decoder.decode(Value.self, from: data)
    } catch {
      throw damaged(RecordFault.words(for: error))
    }
    if let what = contradiction(value) { throw damaged(what) }
    return value
  }

  private func write(_ value: some Encodable, to file: URL) throws(UserError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.dateEncodingStrategy = .iso8601
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "∞", negativeInfinity: "-∞", nan: "NaN")
    let data: Data
    do {
      data = try encoder.encode(value)
    } catch {
      throw UserError(.data, "the values cannot be written: \(error)", at: file.path)
    }
    try AtomicFile.write(data + Data("\n".utf8), to: file)
  }
}
