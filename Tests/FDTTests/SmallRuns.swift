import Datasets
import Diagnostics
import FDTPaper
import Foundation
import Kernels
import Recipes
import Runs
import Training

/// Runs of FDT's recipes on little data with small networks, each in a folder that is removed in the end.
final class SmallRuns {
  static let catalogue = RecipeCatalogue([FDTExperiment()])

  /// Whether the Debian packages with the emoji are there.
  static let hasEmoji: Bool = {
    let options = EmojiDataset.Options()
    return [options.fontFile, options.emojiTestFile, options.annotationsRoot].allSatisfy {
      FileManager.default.fileExists(atPath: $0)
    }
  }()

  /// Small networks and little data; training has two steps.
  static let overrides = [
    "seeds=[0]", "training.epochs=1", "training.warmupSteps=0", "model.imageDimensions=8", "model.imageLayers=1",
    "model.imageHeads=2", "model.imageWidths=[4, 4, 4]", "model.textDimensions=8", "model.textLayers=1",
    "model.textHeads=2", "model.dimensions=8", "method.fdt.codes=16", "evaluation.trackedObservations=20",
    "method.declip.codebook.codes=16", "method.declip.queueSize=64", "method.declip.projectorDimensions=8",
    "method.declip.predictorDimensions=4",
    "evaluation.concepts.count=8", "evaluation.concepts.examplesPerConcept=3", "evaluation.concepts.shownCodes=4",
    "evaluation.shownObservations=10",
  ]
  static let emojiOverrides = [
    "data.emoji.imageSize=16", "data.folds=1", "data.emoji.validationFraction=0.85", "data.emoji.testFraction=0.05",
    "training.batchSize=150",
  ]

  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "concord-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// Trains and evaluates a recipe once, as the process of a seed does, on one thread.
  func run(_ name: String, overrides: [String], dataRoot: URL? = nil) throws -> (folder: RunFolder, result: SeedResult)
  {
    let before = Parallel.threads
    Parallel.threads = 1
    defer { Parallel.threads = before }
    let recipe = try Self.catalogue.recipe(name, overrides: Self.overrides + overrides)
    let run = try RunFolder.create(in: folder, recipe: recipe, start: Date(timeIntervalSince1970: 0))
    try recipe.yamlWithOrigins.write(to: run.recipe, atomically: true, encoding: .utf8)
    let runner = SeedRunner(
      folder: run, seed: 0, catalogue: Self.catalogue, dataRoot: dataRoot, cacheFolder: folder, threads: 1)
    return (run, try runner.run(progress: NullSink()) { false })
  }

  /// A packed folder of NLVR's form under a data root: 30 examples of 15 sentences with pictures of 5 × 20.
  func writeBoxes() throws -> URL {
    let root = folder.appending(path: "data")
    let packed = root.appending(path: "nlvr-captions")
    try FileManager.default.createDirectory(at: packed, withIntermediateDirectories: true)
    var table = "row\tsplit\tidentifier\tpermutation\tpng\tcaption\ttags\n"
    var pictures = Data([0, 0, 8, 4])
    for size in [180, 5, 20, 3] { pictures.append(contentsOf: [0, 0, 0, UInt8(size)]) }
    var stream = RandomStream(seed: 0, name: "boxes")
    for row in 0..<180 {
      let example = row / 6
      let kinds = (0...example % 3).map { NLVRDataset.kinds[(example * 2 + $0 * 4) % 9] }
      table += "\(row)\tdev\t\(example)-0\t\(row % 6)\tx.png\tThere are \(example / 2) blocks\t"
      table += kinds.joined(separator: "|") + "|small\n"
      pictures.append(contentsOf: (0..<300).map { _ in UInt8(stream.below(256)) })
    }
    try Data(table.utf8).write(to: packed.appending(path: "captions.tsv"))
    try pictures.write(to: packed.appending(path: "packed_rgb_h25_w100.idx4-ubyte"))
    return root
  }
}
