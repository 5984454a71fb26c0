import Datasets
import Diagnostics
import Encoders
import Foundation
import Interchange
import Options
import Recipes
import Runs
import StrictYAML
import Training

/// A seed of an earlier run that encoders begin from.
struct SeedStart {
  /// The tensors.
  let source: CheckpointSource
  private let folder: URL
  private let recipe: RecordedRecipe
  private let form: DatasetForm

  private static let key = "init.from"

  /// Opens a seed of a run.
  ///
  /// - Parameters:
  ///   - from: the folder of a run, or of one of its seeds.
  ///   - seed: the seed that is taken where none is named.
  /// - Throws: `UserError` where it is missing, damaged, or of an earlier version.
  init(from: String, seed: Int) throws(UserError) {
    let (run, folders) = try Self.folders(from)
    let own = folders.count == 1 ? folders[0] : run.seed(seed)
    guard folders.contains(own) else {
      throw UserError(
        .data, "names a run without the seed \(seed)", at: Self.key,
        mend: "take its seeds, or name one of them, such as \(from)/\(folders.first?.lastPathComponent ?? "seed-0")")
    }
    folder = own
    recipe = try RecordedRecipe(of: run)
    form = try DatasetForm(contentsOf: own.appending(path: RunFolder.dataForm))
    let checkpoint = own.appending(path: Checkpoint.fileName)
    source = CheckpointSource(try SafetensorsFile(readingFrom: checkpoint).arrays, place: checkpoint.relativePath)
  }

  /// The run that a path means, and the folders of the seeds that it names.
  private static func folders(_ from: String) throws(UserError) -> (run: RunFolder, seeds: [URL]) {
    let url = URL(fileURLWithPath: from, isDirectory: true)
    let files = FileManager.default
    func has(_ folder: URL, _ name: String) -> Bool { files.fileExists(atPath: folder.appending(path: name).path) }
    if has(url, "config.json") || has(url, "open_clip_config.json") {
      throw UserError(
        .data, "names a model that is not imported, \(from)", at: key,
        mend: "concord import \(from) --output models/NAME, and name that")
    }
    let parent = RunFolder(url.deletingLastPathComponent())
    let isSeed = url.lastPathComponent.hasPrefix("seed-") && files.fileExists(atPath: parent.manifest.path)
    let run = isSeed ? parent : newest(in: url) ?? RunFolder(url)
    guard files.fileExists(atPath: run.manifest.path) else {
      let isThere = files.fileExists(atPath: from)
      throw UserError(
        .inputOutput, isThere ? "names neither a run nor an imported model, \(from)" : "names no folder, \(from)",
        at: key, mend: "name a folder such as runs/compare-clip/<time>-<hash>, or models/NAME")
    }
    let seeds = isSeed ? [url] : try run.readManifest().seeds.map { run.seed($0) }
    let missing = seeds.first { !has($0, Checkpoint.fileName) }
    if let missing {
      throw UserError(
        .data, "names a seed without a checkpoint, \(missing.relativePath)", at: key, mend: "let it train to its end")
    }
    return (run, seeds)
  }

  /// The newest finished run in a folder of runs; nil where it holds none.
  private static func newest(in folder: URL) -> RunFolder? {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    // A run's name begins with its time.
    return names.filter { !$0.hasPrefix(".") && !$0.hasPrefix("seed-") }.sorted(by: >).lazy
      .map { RunFolder(folder.appending(path: $0, directoryHint: .isDirectory)) }
      .first { (try? $0.readManifest())?.ending == .finished }
  }

  /// The digest of the checkpoints that a path means.
  static func checksum(of from: String) throws(UserError) -> String {
    var digest = SHA256()
    for seed in try folders(from).seeds {
      digest.update(seed.lastPathComponent)
      let data = try RegularFile.contents(of: seed.appending(path: Checkpoint.fileName))
      data.withUnsafeBytes { digest.update($0) }
    }
    return digest.hexDigest
  }

  /// What a reader of the scores must know: whether the run has learnt from other data, or from other observations of the same.
  ///
  /// - Parameter seed: the seed that begins from it.
  func notes(on dataset: MultimodalDataset, _ settings: AlignmentSettings, seed: Int) -> [String] {
    guard form.checksum == dataset.checksum else {
      return [
        "\(folder.relativePath) has learnt from \(form.name) of another checksum, so that some of what is tested here may "
          + "have been among its training observations."
      ]
    }
    let own = Self.plain(settings)
    let there = split { recipe[path: $0]?.value }
    let here = split { key in key.split(separator: ".").map(String.init).reduce(Optional(own)) { $0?[$1] } }
    // The number behind `seed-`.
    let source = Int(folder.lastPathComponent.split(separator: "-").last ?? "") ?? 0
    func fold(_ split: [String: JSONValue], _ seed: Int) -> Int {
      guard case .integer(let folds)? = split["folds"], folds > 1 else { return 0 }
      var named: Int?
      if case .integer(let fold)? = split["fold"] { named = Int(fold) }
      return DataFold.tested(named, of: Int(folds), seed: seed).index
    }
    var differing = Set(there.keys).union(here.keys).sorted().filter { $0 != "fold" && there[$0] != here[$0] }.map {
      "\($0) \(there[$0]?.yaml ?? "null"), here \(here[$0]?.yaml ?? "null")"
    }
    let (its, ours) = (fold(there, source), fold(here, seed))
    if its != ours { differing.append("fold \(its), here \(ours)") }
    guard !differing.isEmpty else { return [] }
    return [
      "\(folder.relativePath) has learnt from another split of the data (\(differing.joined(separator: "; "))), so that some of "
        + "what is tested here was among its training observations."
    ]
  }

  /// What of a recipe decides which observations are tested, by key.
  private func split(_ value: (String) -> JSONValue?) -> [String: JSONValue] {
    guard case .text(let set)? = value("data.set") else { return [:] }
    var found: [String: JSONValue] = [:]
    for key in ["split", "splitSeed", "validationFraction", "testFraction", "folds"] {
      found[key] = value("data.\(set).\(key)")
    }
    for key in ["folds", "fold"] {
      if let named = value("data.\(key)"), named != .null { found[key] = named }
    }
    return found.filter { $0.value != .null }
  }

  private static func plain(_ settings: AlignmentSettings) -> JSONValue {
    guard let data = try? JSONEncoder().encode(settings),
      let own = try? LocatedValue.parse(String(decoding: data, as: UTF8.self), source: "settings").plain
    else { preconditionFailure("SeedStart: settings cannot be written") }
    return own
  }

  /// Checks what shapes do not tell: kinds of encoders, heads, pixels, vocabularies.
  ///
  /// - Throws: `UserError` naming all settings that are not the run's.
  func check(_ settings: AlignmentSettings, dataset: MultimodalDataset) throws(UserError) {
    if case .text? = recipe[path: "init.from"]?.value {
      let isImported = FileManager.default.fileExists(atPath: folder.appending(path: "imported").path)
      let isAdapted = recipe[path: "init.adapter"]?.value != .text(StartOptions.Adapter.none.rawValue)
      guard !isImported, !isAdapted else {
        throw UserError(
          .data, "names a run with \(isImported ? "an imported model's encoders" : "adapters")", at: Self.key,
          mend: "name what that run began from, \(recipe[path: "init.from"]?.value.yaml ?? "")")
      }
    }
    let options = settings.start
    var keys: [String] = []
    let model = settings.model
    if options.take.hasImage {
      keys += ["data.normalisation", "model.imageEncoder"]
      switch model.imageEncoder {
      case .vit:
        keys += ["patchSize", "imageDimensions", "imageLayers", "imageHeads", "normalisesPatches"].map { "model.\($0)" }
      case .resnet, .resnet50: keys += ["model.imageWidths", "model.imageBlocks", "model.normalisesPatches"]
      case .pooled: keys += ["model.imageDimensions"]
      case .strided: keys += ["model.stridedWidths"]
      }
    }
    if options.take.hasText {
      keys += ["textEncoder", "textDimensions", "sharesTextEncoder"].map { "model.\($0)" }
      if model.textEncoder == .transformer {
        keys += ["textLayers", "textHeads", "causalText", "textReadout"].map { "model.\($0)" }
      }
    }
    let own = Self.plain(settings)
    let differing = keys.compactMap { key -> String? in
      let path = key.split(separator: ".").map(String.init)
      guard let there = recipe[path: key]?.value, let here = path.reduce(Optional(own), { $0?[$1] }),
        there != here
      else { return nil }
      return "\(key) is \(there.yaml) there, \(here.yaml) here"
    }
    guard differing.isEmpty else {
      throw UserError(
        .data, "names a run of other encoders: \(differing.joined(separator: ", "))", at: Self.key,
        mend: "give this recipe the run's values")
    }
    if options.take.hasText { try checkVocabulary(settings, dataset) }
  }

  /// Tokens must mean the same.
  private func checkVocabulary(_ settings: AlignmentSettings, _ dataset: MultimodalDataset) throws(UserError) {
    func captions(_ chosen: [String]?, _ modalities: [Modality]) -> [String] {
      let all = modalities.filter { if case .tokens = $0.kind { true } else { false } }.map(\.name)
      return chosen.map { $0.filter(all.contains) } ?? all
    }
    var named: [String]?
    if case .list(let values)? = recipe[path: "data.modalities"]?.value {
      named = values.compactMap { value -> String? in
        if case .text(let name) = value { name } else { nil }
      }
    }
    let there = captions(named, form.modalities)
    let all = captions(settings.data.modalities, dataset.modalities)
    let here = all.filter { settings.start.modalities?.contains($0) ?? true }
    let fits = settings.model.sharesTextEncoder ? there == here : Set(here).isSubset(of: there)
    guard fits else {
      throw UserError(
        .data, "names a run whose captions are \(there.joined(separator: ", ")), not \(here.joined(separator: ", "))",
        at: Self.key, mend: "name the same by data.modalities, or set init.take=image")
    }
    let other = here.filter { form.tokenisers[$0] != dataset.tokenisers[$0] }
    guard other.isEmpty else {
      throw UserError(
        .data, "names a run that reads \(other.joined(separator: ", ")) by another vocabulary", at: Self.key,
        mend: "train it on the same split, or set init.take=image")
    }
  }

  /// Checks shapes.
  ///
  /// - Throws: `UserError` naming every tensor that does not fit.
  func check(_ encoders: [(name: String, encoder: any ModalityEncoder)]) throws(UserError) {
    let faults = encoders.flatMap { source.faults(of: $0.encoder, named: $0.name) }
    guard faults.isEmpty else {
      throw UserError(
        .data, "names a run whose encoders do not fit: \(faults.joined(separator: ", "))", at: Self.key,
        mend: "take pictures and captions of the run's sizes")
    }
  }
}
