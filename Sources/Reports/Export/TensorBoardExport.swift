import Diagnostics
import Foundation
import Interchange
import Runs
import Training

/// The curves of a run's seeds as files of events that TensorBoard reads, a folder for each seed.
///
/// Tags are `loss/TERM`, `learning rate`, `gradient norm` and `samples per second` of every step, `epoch/TERM` of every
/// pass over the data, and `EVALUATOR/SUBJECT/METRIC` of scores, at the step that was done last.
public struct TensorBoardExport: Sendable {
  /// The files with their paths below the folder that is written.
  public let files: [(path: String, content: EventFile)]
  /// The folder where the user names none.
  public let folderName: String

  /// Reads the curves of a run.
  ///
  /// - Parameter seed: the only one that is wanted; all where it is `nil`.
  /// - Throws: `UserError` where the seed is not the run's, or no seed has begun.
  public init(of folder: RunFolder, seed: Int? = nil) throws(UserError) {
    let manifest = try folder.readManifest()
    guard seed.map({ manifest.seeds.contains($0) }) ?? true else {
      let seeds = manifest.seeds.map(String.init).joined(separator: ", ")
      throw UserError(.usage, "seed \(seed.map(String.init) ?? "") is not one of the run's", mend: "choose of \(seeds)")
    }
    let start = manifest.start.timeIntervalSince1970
    var files: [(path: String, content: EventFile)] = []
    for seed in seed.map({ [$0] }) ?? manifest.seeds {
      let log = folder.metrics(ofSeed: seed)
      guard FileManager.default.fileExists(atPath: log.path) else { continue }
      let scalars = Self.scalars(try MetricsLog.timedEvents(in: log), start: start)
      files.append(
        (
          "seed-\(seed)/events.out.tfevents.\(String(format: "%010d", Int(start))).concord",
          EventFile(start: start, scalars: scalars)
        ))
    }
    guard !files.isEmpty else {
      throw UserError(
        .inputOutput, "no seed has begun, so there are no curves", at: folder.url.path, mend: "let it train")
    }
    self.files = files
    folderName = "\(RunFolder.familyName(of: manifest.recipe))-\(manifest.recipeHash)-tensorboard"
  }

  private static func scalars(
    _ events: [(event: TrainingEvent, seconds: Double)], start: Double
  ) -> [EventFile.Scalar] {
    var scalars: [EventFile.Scalar] = []
    var step = 0
    for (event, seconds) in events {
      func add(_ tag: String, _ value: Double) {
        scalars.append(EventFile.Scalar(tag, step: step, value: Float(value), time: start + seconds))
      }
      switch event {
      case .step(let record):
        step = record.step
        for term in record.terms { add("loss/\(term.name)", term.value) }
        add("learning rate", record.learningRate)
        if let norm = record.gradientNorm { add("gradient norm", norm) }
        add("samples per second", record.samplesPerSecond)
      case .epoch(let record):
        for term in record.terms { add("epoch/\(term.name)", term.value) }
      case .evaluated(let scores):
        for score in scores { add("\(score.evaluator)/\(score.subject)/\(score.metric)", score.value) }
      case .began, .note, .timed, .finished: break
      }
    }
    return scalars
  }

  /// Writes the files.
  ///
  /// - Returns: the files.
  /// - Throws: `UserError` where one is there already and `overwriting` is false, or cannot be written.
  public func write(to folder: URL, overwriting: Bool = false) throws(UserError) -> [URL] {
    let targets = files.map { folder.appending(path: $0.path) }
    if !overwriting, let there = targets.first(where: { FileManager.default.fileExists(atPath: $0.path) }) {
      throw UserError(.inputOutput, "the file exists already", at: there.path, mend: "add --force to replace it")
    }
    for (file, target) in zip(files, targets) {
      try RunFolder.createFolder(target.deletingLastPathComponent())
      try AtomicFile.write(file.content.encoded(), to: target)
    }
    return targets
  }
}
