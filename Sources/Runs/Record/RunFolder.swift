import Diagnostics
import Foundation
import Recipes

/// The folder of one run: its files by name, and their reading and writing.
///
///     runs/gmc-emoji/20261121T031844Z-1a2b3c4d/
///       recipe.yaml manifest.json data-identity.json results.json report.md figures/
///       seed-0/{metrics.jsonl, scores.json, data.json, checkpoint.safetensors, embeddings.npz}
///
/// A seed that is not done may have `training-state.safetensors` too, from which it goes on. The hidden files `.lock`
/// are held by the processes at work.
public struct RunFolder: Equatable, Sendable {
  /// The folder.
  public let url: URL

  /// The name of a seed's file of what its networks need of their data: vocabularies, classes, form of pictures.
  public static let dataForm = "data.json"

  /// Names a folder that is a run's.
  public init(_ url: URL) {
    self.url = url
  }

  /// The resolved recipe, every value with its origin.
  public var recipe: URL { url.appendingPathComponent("recipe.yaml") }
  /// The manifest.
  public var manifest: URL { url.appendingPathComponent("manifest.json") }
  /// What the data were in parts, of a folder of the user's.
  package var dataIdentity: URL { url.appendingPathComponent("data-identity.json") }
  /// The result over all seeds.
  public var results: URL { url.appendingPathComponent("results.json") }
  /// The outcomes of the test items of all seeds.
  public var items: URL { url.appendingPathComponent(ItemsFile.name) }
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
  /// The outcomes of the test items of a seed.
  public func items(ofSeed seed: Int) -> URL { self.seed(seed).appendingPathComponent(ItemsFile.name) }
  /// The file that the process of the run holds.
  var lock: URL { url.appendingPathComponent(".lock") }
  /// The file that the process of a seed holds.
  func lock(ofSeed seed: Int) -> URL { self.seed(seed).appendingPathComponent(".lock") }

  /// Makes the folder of a new run; one that is there already is never used again.
  ///
  /// - Parameter fill: writes the first files; the folder has its name only after that.
  public static func create(
    in runs: URL, recipe: Recipe, start: Date, fill: (RunFolder) throws(UserError) -> Void = { _ in }
  ) throws(UserError) -> RunFolder {
    let family = family(of: recipe.name, in: runs)
    try createFolder(family)
    let stamp = String(UInt64.random(in: .min ... .max), radix: 16)
    let draft = RunFolder(family.appendingPathComponent(draftPrefix + stamp, isDirectory: true))
    do {
      try createFolder(draft.url)
      for seed in recipe.seeds { try createFolder(draft.seed(seed)) }
      try fill(draft)
      return try draft.renamed(in: family, recipe: recipe, start: start)
    } catch {
      try? FileManager.default.removeItem(at: draft.url)
      throw error
    }
  }

  private func renamed(in family: URL, recipe: Recipe, start: Date) throws(UserError) -> RunFolder {
    let time = start.formatted(
      .iso8601.year().month().day().dateSeparator(.omitted).time(includingFractionalSeconds: false)
        .timeSeparator(.omitted))
    var count = 1
    while true {
      let name = "\(time)Z-\(recipe.hash)" + (count > 1 ? "-\(count)" : "")
      let final = family.appendingPathComponent(name, isDirectory: true)
      // Renaming would replace a folder that is empty, so the name is looked for first.
      let isFree = !FileManager.default.fileExists(atPath: final.path)
      if isFree, rename(url.path, final.path) == 0 {
        AtomicFile.synchronize(folder: family)
        return RunFolder(final)
      }
      guard !isFree || errno == EEXIST || errno == ENOTEMPTY, count < 1000 else {
        throw Self.cannotCreate(final, code: errno)
      }
      count += 1
    }
  }

  private static let draftPrefix = ".new-"

  /// Removes the folders of runs that were killed before they had begun; nobody may be making one.
  package static func removeDrafts(in family: URL) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: family.path)) ?? []
    for name in names where name.hasPrefix(draftPrefix) {
      try? FileManager.default.removeItem(at: family.appendingPathComponent(name))
    }
  }

  /// The folder of all runs of a recipe.
  static func family(of recipe: String, in runs: URL) -> URL {
    runs.appendingPathComponent(familyName(of: recipe), isDirectory: true)
  }

  /// The runs of a recipe with their manifests, the newest first; a folder whose manifest cannot be read is none.
  ///
  /// - Parameter hash: reads only the runs of this hash of the resolved recipe, which is in their folders' names.
  package static func all(
    of recipe: String, in runs: URL, hash: String? = nil
  ) -> [(folder: RunFolder, manifest: Manifest)] {
    let family = family(of: recipe, in: runs)
    var names = (try? FileManager.default.contentsOfDirectory(atPath: family.path)) ?? []
    if let hash { names = names.filter { $0.contains("-\(hash)") } }
    let found = names.filter { !$0.hasPrefix(".") }.compactMap { name -> (folder: RunFolder, manifest: Manifest)? in
      let folder = RunFolder(family.appendingPathComponent(name, isDirectory: true))
      return (try? folder.readManifest()).map { (folder, $0) }
    }
    return found.sorted { first, second in
      if first.manifest.start != second.manifest.start { return first.manifest.start > second.manifest.start }
      let names = (first.folder.url.lastPathComponent, second.folder.url.lastPathComponent)
      return names.0.compare(names.1, options: .numeric) == .orderedDescending
    }
  }

  /// The folder that all runs of a recipe stand in: `gmc-emoji` for `gmc/emoji`, `mine` for `here/mine.yaml`.
  package static func familyName(of recipe: String) -> String {
    var name = recipe
    if name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
      name = URL(fileURLWithPath: name).deletingPathExtension().lastPathComponent
    }
    let kept = name.map { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." ? $0 : "-" }
    return String(kept.drop { $0 == "." })
  }

  /// Makes a folder with those above it, where it is not there.
  package static func createFolder(_ url: URL) throws(UserError) {
    if mkdir(url.path, 0o777) == 0 { return }
    var code = errno
    let parent = url.deletingLastPathComponent()
    if code == ENOENT, parent.path != url.path {
      try createFolder(parent)
      if mkdir(url.path, 0o777) == 0 { return }
      code = errno
    }
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder), isFolder.boolValue { return }
    throw cannotCreate(url, code: code)
  }

  private static func cannotCreate(_ url: URL, code: Int32) -> UserError {
    UserError(
      .inputOutput, "the folder cannot be made: \(String(cString: strerror(code)))", at: url.path,
      mend: "choose another with --runs")
  }

  /// The run that a path means: a run's folder, or the newest run in a folder of runs or of such folders.
  public static func find(_ path: String) throws(UserError) -> RunFolder {
    let url = URL(fileURLWithPath: path, isDirectory: true)
    let folder = RunFolder(url)
    let files = FileManager.default
    if files.fileExists(atPath: folder.manifest.path) { return folder }
    if files.fileExists(atPath: url.appendingPathComponent("cells").path),
      files.fileExists(atPath: url.appendingPathComponent("plan.json").path)
    {
      throw UserError(
        .usage, "this is the folder of a comparison, not of a run", at: path,
        mend: "name one of the runs in its folder cells; `concord report` takes it as it is")
    }
    func folders(in parent: URL) -> [URL] {
      ((try? files.contentsOfDirectory(atPath: parent.path)) ?? []).filter { !$0.hasPrefix(".") }.map {
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

  /// Writes what the data are.
  func write(_ data: DataIdentity) throws(UserError) { try write(data, to: dataIdentity) }

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
    return try RecordFile.read(file, mend: "run again", contradiction: contradiction)
  }

  private func write(_ value: some Encodable, to file: URL) throws(UserError) {
    try AtomicFile.write(try RecordFile.data(value, for: file), to: file)
  }
}
