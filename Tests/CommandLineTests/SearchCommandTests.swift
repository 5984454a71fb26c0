import Datasets
import Diagnostics
import FDTPaper
import Foundation
import Kernels
import Recipes
import Runs
import SampleFolders
import Testing
import Training

/// `search`, `classify` and `match` on one small run on pictures of coloured shapes.
@Suite(.serialized) struct SearchCommandTests {
  private let made: SearchedRun

  init() throws { made = try SearchedRun() }

  private func concord(_ line: String) throws -> Program.Outcome {
    let words = line.split(separator: " ").map { String($0).replacing("HERE", with: made.folder.url.path) }
    return try Program.run(words, environment: ["CONCORD_CACHE": "\(made.folder.url.path)/cache"])
  }

  private func json(_ line: String) throws -> [String: Any] {
    let outcome = try concord(line + " --json")
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    return try #require(JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
  }

  private func hits(_ result: [String: Any], _ collection: Int = 0) throws -> [[String: Any]] {
    let collections = try #require(result["collections"] as? [[String: Any]])
    return try #require(collections[collection]["hits"] as? [[String: Any]])
  }

  @Test func integersFindWhatFloatsFind() throws {
    let outcome = try concord("search HERE/run red disc --count 3 --int8")
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(outcome.errors.contains("concord: int8: the cosine to float32 of "))
    let exact = try concord("search HERE/run red disc --count 3")
    #expect(exact.exitCode == 0 && !exact.errors.contains("int8"), "\(exact.errors)")
    for line in ["classify HERE/run HERE/own/images/red-0.jpg --int8", "match HERE/run HERE/pairs.tsv --int8"] {
      let outcome = try concord(line)
      #expect(outcome.exitCode == 0 && outcome.errors.contains("int8: "), "\(line)")
    }
  }

  @Test func bfloat16FindsWhatFloatsFind() throws {
    let line = "search HERE/run red disc --count 3"
    let outcome = try concord(line + " --precision bfloat16")
    if OneDNN.bfloat16Implementation == nil {
      #expect(
        outcome.exitCode == 64 && outcome.errors.contains("--precision: oneDNN ")
          && outcome.errors.hasSuffix("; take float32 or int8\n"), "\(outcome.errors)")
      let timed = try concord("bench clip-vit --precision bfloat16 --steps 1")
      #expect(timed.exitCode == 64 && timed.errors.hasPrefix("concord: --precision: oneDNN "), "\(timed.errors)")
    } else {
      #expect(outcome.errors.contains("concord: bfloat16: the cosine to float32 of "))
      let exact = try hits(json(line)).first?["name"] as? String
      #expect(try hits(json(line + " --precision bfloat16")).first?["name"] as? String == exact && exact != nil)
    }
    for (wrong, said) in [
      ("--precision half", "one of 'float32', 'bfloat16' or 'int8'"),
      ("--precision bfloat16 --int8", "--int8 is short for --precision int8"),
    ] {
      let refused = try concord("search HERE/run red disc " + wrong)
      #expect(refused.exitCode == 64 && refused.errors.contains(said), "\(refused.errors)")
    }
    for line in ["caption HERE/run HERE/own/images/red-0.jpg", "imagine HERE/run red --output HERE/red.png"] {
      let refused = try concord(line + " --precision bfloat16")
      #expect(refused.exitCode == 64 && refused.errors.contains("are written in float32 alone"), "\(refused.errors)")
    }
  }

  @Test func aTextFindsPictures() throws {
    let outcome = try concord("search HERE/run red disc --count 3")
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    let lines = outcome.output.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines[0].hasPrefix("\"red disc\" as caption · fdt/folder ") && lines[0].hasSuffix(", seed 0"))
    #expect(lines[2].hasPrefix("nearest of ") && lines[2].hasSuffix(" pictures of the test side of shapes"))
    #expect(lines.count == 7 && lines[3].hasPrefix("   1  ") && lines[5].contains(", number "))
    let result = try json("search HERE/run red disc --count 3")
    #expect(try hits(result).map { $0["rank"] as? Int } == [1, 2, 3])
    let partly = try concord("search HERE/run redd disc")
    #expect(
      partly.errors
        == "concord: rare or missing in training texts of caption, and read in pieces: \"redd\"; near words: red\n")
    #expect(partly.exitCode == 0)
  }

  @Test func aRunNeedsNoDataButToLookThroughThem() throws {
    try made.copy("own/images/red-0.jpg", to: "kept/red-0.jpg")
    let kept = "HERE/kept/red-0.jpg"
    let commands = [
      "classify HERE/run \(kept) --labels red,blue", "classify HERE/run \(kept)",
      "search HERE/run red --folder HERE/kept",
    ]
    let before = try commands.map { try concord($0).output }
    let searched = try concord("search HERE/run red disc").output
    #expect(before.allSatisfy { !$0.isEmpty } && !searched.isEmpty)
    // Captions that mean something else now change no word of the run.
    let table = try made.edit("own/captions.csv") {
      $0.replacing("a red", with: "a crimson").replacing("a blue", with: "a red")
    }
    #expect(try commands.map { try concord($0).output } == before)
    let changed = try concord("search HERE/run red disc")
    #expect(
      changed.exitCode == 0
        && changed.errors.contains(
          "the data set shapes has changed since the run was made; its test side of now is searched")
    )
    try Data(table.utf8).write(to: made.folder.url.appending(path: "own/captions.csv"))
    #expect(try concord("search HERE/run red disc").output == searched)
    // And they do not need it at all.
    try made.move("own", to: "elsewhere")
    defer { try? made.move("elsewhere", to: "own") }
    #expect(try commands.map { try concord($0).output } == before)
    let gone = try concord("search HERE/run red")
    #expect(gone.exitCode == 74 && gone.output.isEmpty)
    #expect(
      gone.errors.replacing(made.folder.url.path, with: "HERE")
        == "concord: HERE/own: the observations of the run's data cannot be looked through: there is no such folder; give "
        + "--folder FOLDER, or put the data back\n")
  }

  @Test func aPictureFindsItself() throws {
    let result = try json("search HERE/run --image HERE/own/images/red-0.jpg --folder HERE/own/images --count 200")
    let all = try hits(result)
    #expect(all.count == 100)
    let own = try #require(all.first { $0["name"] as? String == "red-0.jpg" })
    #expect(own["file"] as? String == made.path("own/images/red-0.jpg"))
    #expect((own["cosine"] as? Double ?? 0) > 0.99999)
    let both = try json("search HERE/run --image HERE/own/images/red-0.jpg --count 2")
    #expect(try hits(both, 1).allSatisfy { ($0["name"] as? String) == "caption" })
    let cache = try FileManager.default.contentsOfDirectory(atPath: made.path("cache"))
    #expect(cache.contains { $0.hasPrefix("embeddings-") && $0.hasSuffix(".safetensors") })
  }

  @Test func hitsBecomeAPage() throws {
    let page = made.path("hits.html")
    let line = "search HERE/run --image HERE/own/images/red-0.jpg --count 4 --html HERE/hits.html"
    let outcome = try concord(line)
    #expect(outcome.exitCode == 0 && outcome.output.hasSuffix("page: \(page)\n"), "\(outcome.errors)")
    let text = try String(contentsOfFile: page, encoding: .utf8)
    // The query and four pictures; texts have none.
    #expect(text.components(separatedBy: "src=\"data:image/png;base64,").count == 6)
    #expect(text.contains("cut to the middle square"))
    #expect(try concord(line).errors == "concord: \(page): the file exists already; add --force to replace it\n")
    #expect(try concord(line + " --force").exitCode == 0)
  }

  @Test func aPictureIsClassified() throws {
    let labels = try json("classify HERE/run HERE/own/images/red-0.jpg --labels red,green,blue --template a_{}_disc")
    let classes = try #require(labels["classes"] as? [[String: Any]])
    #expect(Set(classes.compactMap { $0["name"] as? String }) == ["red", "green", "blue"])
    #expect(abs(classes.compactMap { $0["probability"] as? Double }.reduce(0, +) - 1) < 1e-9)
    #expect((labels["scale"] as? [String: Any])?["origin"] as? String == "the scale that the run has learnt")
    let own = try concord("classify HERE/run HERE/own/images/red-0.jpg")
    #expect(own.output.contains(" · names of shape as caption · fdt/folder "), "\(own.errors)")
    #expect(own.output.contains("Probabilities: softmax of ") && own.output.contains(" %  "))
  }

  /// The accuracy on a labelled folder is what classifying each picture comes to, and its line says what was done.
  @Test func aFolderIsClassified() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: made.path("own/images")).sorted()
    let colours = ["blue", "green", "red"]
    var chosen: [(file: String, colour: String)] = []
    for colour in colours {
      let folder = made.path("labelled/n-\(colour)")
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      for file in files.filter({ $0.hasPrefix(colour) }).prefix(3) {
        try FileManager.default.copyItem(atPath: made.path("own/images/\(file)"), toPath: "\(folder)/\(file)")
        chosen.append((file, colour))
      }
    }
    try Data("a {} disc\n'{} square',\n".utf8).write(to: URL(filePath: made.path("templates.txt")))
    try Data(colours.map { "n-\($0)\t\($0)\n" }.joined().utf8).write(to: URL(filePath: made.path("names.tsv")))
    let line = "classify HERE/run HERE/labelled --template HERE/templates.txt --names HERE/names.tsv"
    let found = try json(line)
    let right = try chosen.count { file, colour in
      let alone = try json(
        "classify HERE/run HERE/own/images/\(file) --labels blue,green,red --template HERE/templates.txt")
      return (alone["classes"] as? [[String: Any]])?.first?["name"] as? String == colour
    }
    #expect(found["pictures"] as? Double == Double(chosen.count) && chosen.count == 9)
    #expect(found["accuracy"] as? Double == Double(right) / 9)
    let text = try concord(line)
    #expect(text.exitCode == 0, "\(text.errors)")
    #expect(text.output.contains("Zero-shot: 9 pictures of 3 classes in ") && text.output.contains("2 templates ("))
    #expect(text.output.contains("names of ") && text.output.contains("  n-blue\n"))
    // Folders are called as they are where no file names them.
    #expect(try concord("classify HERE/run HERE/labelled").output.contains("names of the folders"))
    try Data("n-blue\tblue\n".utf8).write(to: URL(filePath: made.path("names.tsv")))
    #expect(try concord(line).errors.contains("2 of 3 classes have no name there, the first \"n-green\""))
    #expect(try concord("classify HERE/run HERE/own/images").errors.contains("the picture stands in no class's folder"))
    #expect(try concord("classify HERE/run HERE/labelled --labels a,b").exitCode == 64)
  }

  @Test func pairsAreMatchedAndDrawn() throws {
    let outcome = try concord("match HERE/run HERE/pairs.tsv --figure HERE/pairs.svg")
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(outcome.output.hasPrefix("3 pairs · fdt/folder "))
    #expect(outcome.output.contains("Own text nearest to ") && outcome.output.hasSuffix("pairs.svg\n"))
    #expect(try String(contentsOfFile: made.path("pairs.svg"), encoding: .utf8).contains("<svg"))
    // Its data and script are written beside a figure, so another file of that name must be safe as well.
    try FileManager.default.copyItem(atPath: made.path("pairs.tsv"), toPath: made.path("others.dat"))
    for table in ["pairs.tsv", "others.dat"] {
      let refused = try concord("match HERE/run HERE/\(table) --figure HERE/others.svg")
      #expect(refused.exitCode == 74 && refused.errors.contains("others.dat: the file exists already"))
    }
    #expect(try concord("match HERE/run HERE/others.dat --figure HERE/others.svg --force").exitCode == 64)
    let result = try json("match HERE/run HERE/pairs.tsv")
    #expect((result["cosines"] as? [[Double]])?.map(\.count) == [3, 3, 3])
  }

  /// What is said of each kind of bad input; `HERE` stands for the folder.
  static let snapshot = #"""
    $ search HERE/nowhere red
    74 concord: HERE/nowhere: there is no such folder; name a folder such as runs/gmc-emoji/<time>-<hash>
    $ search HERE/run
    64 concord: give either a text or --image FILE; see `concord search --help`
    $ search HERE/run red --image a.png
    64 concord: give either a text or --image FILE; see `concord search --help`
    $ search HERE/run red --count 0
    64 concord: --count must be 1 to 10000, not 0; see `concord search --help`
    $ search HERE/run red --force
    64 concord: --force belongs to --html; see `concord search --help`
    $ search HERE/run red --language ko
    64 concord: the run has no captions "ko"; it has caption
    $ search HERE/run red --seed 3
    64 concord: HERE/run: seed 3 is not one of the run's; choose of 0
    $ search HERE/run red --folder HERE/none
    74 concord: HERE/none: there is no such folder; name a folder of PNG, JPEG or WebP files
    $ search HERE/run --image HERE/none.png
    74 concord: HERE/none.png: there is no such file; check its name and folder
    $ search HERE/run --image HERE/pairs.tsv
    65 concord: HERE/pairs.tsv: neither PNG, JPEG nor WebP; save it as one of them
    $ search HERE/unfinished red
    74 concord: HERE/unfinished/seed-0/checkpoint.safetensors: seed 0 has no checkpoint; let it train to its end
    $ search HERE/old red
    65 concord: HERE/old/seed-0/data.json: the run does not keep the form of its data, as runs of earlier versions do not; run it again
    $ search HERE/other red
    65 concord: HERE/other/seed-0/checkpoint.safetensors: method.tokens.codebook has shape [16, 8], the model's is [32, 8]; it belongs to another model
    $ classify HERE/run HERE/own/images/red-0.jpg --labels red
    64 concord: --labels must name at least two, separated by commas; see `concord classify --help`
    $ classify HERE/run HERE/own/images/red-0.jpg --labels red,blue,red
    64 concord: --labels names red twice; see `concord classify --help`
    $ classify HERE/run HERE/own/images/red-0.jpg --template plain
    64 concord: --template has no {} for the label; see `concord classify --help`
    $ classify HERE/run HERE/own/images/red-0.jpg --labelling shap
    64 concord: the run has no labelling "shap"; did you mean shape?
    $ match HERE/run HERE/pairs.tsv --figure HERE/pairs.gif
    64 concord: --figure must end with .svg, .png or .pdf, not 'HERE/pairs.gif'; see `concord match --help`
    """#

  @Test func badInputIsToldOnOneLine() throws {
    let lines = Self.snapshot.split(separator: "\n").map(String.init)
    for index in stride(from: 0, to: lines.count - 1, by: 2) {
      let answer = lines[index + 1].split(separator: " ", maxSplits: 1)
      let outcome = try concord(String(lines[index].dropFirst(2)))
      #expect(
        "\(outcome.exitCode) \(outcome.errors)".replacing(made.folder.url.path, with: "HERE")
          == "\(answer[0]) \(answer[1])\n", "\(lines[index])")
      #expect(outcome.output.isEmpty)
    }
  }
}

/// A folder with a small run of FDT on coloured shapes, and what is asked of it.
private struct SearchedRun {
  let folder: TemporaryFolder

  private static let small = [
    "seeds=[0]", "training.epochs=2", "training.batchSize=20", "training.warmupSteps=0", "model.imageDimensions=8",
    "model.imageLayers=1", "model.imageHeads=2", "model.patchSize=4", "model.textDimensions=8", "model.textLayers=1",
    "model.textHeads=2", "model.dimensions=8", "evaluation.trackedObservations=0", "evaluation.concepts.count=4",
    "evaluation.concepts.shownCodes=4", "evaluation.shownObservations=10",
  ]

  init() throws {
    folder = try TemporaryFolder()
    let own = folder.url.appending(path: "own")
    try SampleFolder.writeShapes(to: own, count: 100)
    let catalogue = RecipeCatalogue([FDTExperiment()])
    func recipe(codes: Int) throws -> Recipe {
      try catalogue.recipe(
        "fdt/folder", overrides: Self.small + ["method.fdt.codes=\(codes)", "data.folder.path=\"\(own.path)\""])
    }
    let before = Parallel.threads
    Parallel.threads = 1
    defer { Parallel.threads = before }
    let run = try make("run", of: try recipe(codes: 16))
    let runner = SeedRunner(
      folder: run, seed: 0, catalogue: catalogue, dataRoot: nil, cacheFolder: folder.url.appending(path: "cache"),
      threads: 1)
    try runner.run(progress: NullSink()) { false }
    _ = try make("unfinished", of: try recipe(codes: 16))
    let other = try make("other", of: try recipe(codes: 32))
    for file in [Checkpoint.fileName, RunFolder.dataForm] {
      try FileManager.default.copyItem(
        at: run.seed(0).appending(path: file), to: other.seed(0).appending(path: file))
    }
    let old = try make("old", of: try recipe(codes: 16))
    try FileManager.default.copyItem(
      at: run.seed(0).appending(path: Checkpoint.fileName), to: old.seed(0).appending(path: Checkpoint.fileName))
    let pairs = ["red", "green", "blue"].enumerated().map { "own/images/\($1)-\($0).jpg\ta \($1) disc\n" }
    _ = try folder.write("image\ttext\n" + pairs.joined(), to: "pairs.tsv")
  }

  func copy(_ name: String, to other: String) throws {
    let target = folder.url.appending(path: other)
    try FileManager.default.createDirectory(at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
    try FileManager.default.copyItem(at: folder.url.appending(path: name), to: target)
  }

  func move(_ name: String, to other: String) throws {
    try FileManager.default.moveItem(at: folder.url.appending(path: name), to: folder.url.appending(path: other))
  }

  /// Changes a text file.
  ///
  /// - Returns: what it was.
  func edit(_ name: String, _ change: (String) -> String) throws -> String {
    let text = try String(contentsOfFile: path(name), encoding: .utf8)
    try Data(change(text).utf8).write(to: folder.url.appending(path: name))
    return text
  }

  func path(_ name: String) -> String { folder.url.appending(path: name).path }

  /// A run's folder with its recipe and manifest.
  private func make(_ name: String, of recipe: Recipe) throws -> RunFolder {
    let run = RunFolder(folder.url.appending(path: name, directoryHint: .isDirectory))
    try FileManager.default.createDirectory(at: run.seed(0), withIntermediateDirectories: true)
    try Data(recipe.yamlWithOrigins.utf8).write(to: run.recipe)
    let machine = Machine(commit: nil, processor: "one", memory: 1)
    try run.write(
      Manifest(recipe: recipe, jobs: 1, threads: 1, dataRoot: nil, machine: machine, versions: [:], start: Date()))
    return run
  }
}
