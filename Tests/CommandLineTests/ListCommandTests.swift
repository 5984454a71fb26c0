import Datasets
import Foundation
import SampleFolders
import Testing

/// `concord list` with what recipes can name.
@Suite struct ListCommandTests {
  private func entries(_ flag: String) throws -> [[String: Any]] {
    let outcome = try Program.run("list", flag, "--json")
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    return try #require(JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [[String: Any]])
  }

  @Test func methodsHaveTheirFileAndSuites() throws {
    let methods = try entries("--methods")
    #expect(methods.count > 8)
    for method in methods {
      let name = try #require(method["name"] as? String)
      let file = try #require(method["file"] as? String, "\(name) does not say its file")
      let text = try String(contentsOf: Surroundings.package.appending(path: file), encoding: .utf8)
      #expect(text.contains("var key: String { \"\(name)\" }"), "\(file)")
      #expect((method["source"] as? String)?.isEmpty == false && (method["summary"] as? String)?.isEmpty == false)
      // Distillation needs a teacher, which no suite has; captions are written in a comparison of their own, and systems that
      // look at pairs have a suite of their own.
      let hasOther = ["distil", "caption", "blip", "vilbert", "prefix"].contains(name)
      #expect((method["suites"] as? [String])?.contains("emoji") == !hasOther, "\(name)")
    }
  }

  @Test func aRecipeSaysWhatItsDataLacks() throws {
    let folder = try TemporaryFolder()
    let outcome = try Program.run(["list", "--json"], environment: ["CONCORD_DATA": folder.url.path])
    let recipes = try #require(
      JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [[String: Any]], "\(outcome.errors)")
    func missing(_ name: String) throws -> String? {
      try #require(recipes.first { $0["name"] as? String == name }, "\(name)")["missing"] as? String
    }
    #expect(try missing("gmc/digits") == "digits under the data root: concord help data")
    #expect(try missing("mct/cifar-moco")?.hasPrefix("cifar-10-batches-bin under the data root") == true)
    #expect(try missing("fdt/cc3m")?.hasPrefix("cc3m under the data root") == true)
    #expect(try missing("gmc/folder") == nil)
    for (recipe, data, presence) in [("gmc/folder", "folder", "yours"), ("gmc/digits", "digits", "missing")] {
      let entry = try #require(recipes.first { $0["name"] as? String == recipe })
      #expect(entry["data"] as? String == data && entry["presence"] as? String == presence)
    }
    for (recipe, package) in [
      ("gmc/stamps", DebianPackage.stamps), ("mct/clipart", .clipart), ("compare/shift", .gemojione),
    ] {
      #expect((try missing(recipe)?.contains(package.name) ?? false) == (package.location == nil), "\(recipe)")
    }
  }

  /// Recipes whose rows, with all that is said of missing data, are held against a file; titles of others may change.
  private static let shown = [
    "compare/shift", "compare/vicreg", "fdt/cc3m", "gmc/digits", "gmc/folder", "gmc/mhd", "gmc/pendulum",
    "gmc/sentiment-generated-no-contrast", "mct/cifar-moco", "mct/coco",
  ]

  @Test(
    .enabled(
      if: DebianPackage.optional.allSatisfy { $0.location != nil }, "not all of the optional packages are installed"))
  func recipesAreShownWithTheirData() throws {
    let folder = try TemporaryFolder()
    let text = try Program.run(["list"], environment: ["CONCORD_DATA": folder.url.path]).output
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 100 })
    var (lines, isShown) = ([Substring](), true)
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.isEmpty { isShown = true }
      if !line.isEmpty, !line.hasPrefix(" ") { isShown = Self.shown.contains { line.hasPrefix("\($0) ") } }
      if isShown { lines.append(line) }
    }
    let difference = try Snapshot.difference(of: lines.joined(separator: "\n"), from: "list.txt")
    #expect(difference == nil)
  }

  @Test func dataThatIsThereIsNotMissing() throws {
    let folder = try TemporaryFolder()
    try SampleMHD.write(to: folder.url.appending(path: "mhd"), train: 20, test: 10)
    let text = try Program.run(["list"], environment: ["CONCORD_DATA": folder.url.path]).output
    let row = try #require(text.split(separator: "\n").first { $0.hasPrefix("gmc/mhd ") })
    #expect(row.split(separator: " ")[1...2] == ["mhd", "here"])
    #expect(!text.contains("\n    mhd ") && text.contains("\n    digits "))
  }

  @Test func theBestCommittedScoreIsTheBest() throws {
    let (program, folder) = (Program.url, Surroundings.package.path)
    let outcome = try Program.run(
      program: URL(filePath: "/bin/sh"), ["-c", "cd \"$FOLDER\" && \"$PROGRAM\" list --methods --json"],
      environment: ["PROGRAM": program.path, "FOLDER": folder])
    let methods = try #require(
      JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [[String: Any]], "\(outcome.errors)")
    func best(_ name: String) throws -> [String: Any] {
      try #require(methods.first { $0["name"] as? String == name }?["best"] as? [String: Any], "\(name)")
    }
    // The committed score of the comparison's row is a lower bound for the best of its method.
    for name in ["siglip", "fdt", "gmc", "vicreg"] {
      let file = Surroundings.package.appending(path: "Results/Compare/emoji/\(name)/results.json")
      let result = try #require(JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
      let scores = try #require(result["scores"] as? [[String: Any]])
      let own = try #require(
        scores.first {
          $0["evaluator"] as? String == "retrieval" && $0["subject"] as? String == "image → caption-en"
            && $0["metric"] as? String == "R@1"
        }?["mean"] as? Double)
      let mean = try #require(best(name)["mean"] as? Double)
      #expect(mean >= own && mean < 1, "\(name)")
    }
    #expect(try best("siglip")["recipe"] as? String == "compare/siglip")
    #expect(try best("moco")["evaluator"] as? String == "linear probe")
  }

  @Test func withoutResultsThereIsNoScore() throws {
    let folder = try TemporaryFolder()
    let outcome = try Program.run(
      program: URL(filePath: "/bin/sh"), ["-c", "cd \"$FOLDER\" && \"$PROGRAM\" list --methods"],
      environment: ["PROGRAM": Program.url.path, "FOLDER": folder.url.path])
    #expect(outcome.exitCode == 0 && outcome.errors.isEmpty)
    #expect(outcome.output.hasPrefix("clip ") && !outcome.output.contains("best committed"))
  }

  @Test func dataAndEvaluatorsAreListed() throws {
    let sources = try entries("--data")
    #expect(sources.contains { $0["name"] as? String == "folder" })
    #expect(sources.allSatisfy { ($0["summary"] as? String)?.isEmpty == false })
    #expect(try Program.run("list", "--evaluators").output.contains("\nlinearProbe "))
  }

  @Test func oneListAtATime() throws {
    let outcome = try Program.run("list", "--methods", "--data")
    #expect(outcome.exitCode == 64 && outcome.errors.filter(\.isNewline).count == 1)
  }
}
