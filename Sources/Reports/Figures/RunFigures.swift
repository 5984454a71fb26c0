import Diagnostics
import Figures
import Foundation
import Runs
import Training

/// The figures of a run, drawn from its files alone.
///
/// A figure whose files are missing is left out: an experiment need not write representations, and a run that has not
/// finished has its loss curves only.
public struct RunFigures {
  /// A figure that the run's files allow.
  private struct Plan {
    let name: String
    let title: String
    let kind: FigureEntry.Kind
    var mayBePublished = true
    /// What moves, in place of a figure that gnuplot draws.
    var animation: (() throws(UserError) -> (svg: String, caption: String))?
    let draw: () throws(UserError) -> (figure: any Figure, caption: String)
  }

  private let folder: RunFolder
  private let plans: [Plan]

  /// Finds out which figures the files of a run allow.
  ///
  /// - Throws: where the run's result or manifest cannot be read.
  public init(_ folder: RunFolder) throws(UserError) {
    self.folder = folder
    let isFinished = FileManager.default.fileExists(atPath: folder.results.path)
    let result = isFinished ? try folder.readResult() : nil
    let (seeds, title): ([Int], String)
    if let result {
      (seeds, title) = (result.seeds, result.title)
    } else {
      let manifest = try folder.readManifest()
      (seeds, title) = (manifest.seeds, manifest.recipe)
    }
    let all =
      Self.lossPlans(folder, seeds: seeds, title: title)
      + Self.trackedPlans(folder, seeds: seeds, title: title)
      + Self.chartPlans(folder, seeds: seeds, title: title)
      + Self.scorePlans(result, title: title)
      + Self.representationPlans(
        folder, seeds: seeds, modalities: ScoreFigures.modalities(of: result?.scores ?? []), title: title)
      + Self.examplePlans(folder, seeds: seeds, title: title)
      + Self.animationPlans(folder, seeds: seeds, title: title)
    plans = FigureEntry.Kind.allCases.flatMap { kind in all.filter { $0.kind == kind } }
  }

  /// The names and titles of the figures, in a report's order.
  public var figures: [(name: String, title: String)] { plans.map { ($0.name, $0.title) } }

  /// Draws figures and writes their captions, see ``FigureList``.
  ///
  /// - Parameter only: the names of the figures to draw; `nil` draws all.
  /// - Returns: the files written, the list last.
  /// - Throws: where a name is unknown, a file is damaged or gnuplot cannot draw; what can be drawn is drawn before.
  @discardableResult public func draw(
    only: [String]? = nil, formats: Set<FigureFormat> = Set(FigureFormat.allCases)
  ) throws(UserError) -> [URL] {
    let chosen = try only.map { names throws(UserError) in try select(names) } ?? plans
    guard !chosen.isEmpty else { return [] }
    try RunFolder.createFolder(folder.figures)
    var entries: [String: FigureEntry] = [:]
    if only != nil {
      // A damaged list is written anew.
      for entry in (try? FigureList.read(in: folder)) ?? [] { entries[entry.name] = entry }
    }
    var files: [URL] = []
    var failure: UserError?
    for plan in chosen {
      do throws(UserError) {
        let caption: String
        if let animation = plan.animation {
          let moving = try animation()
          caption = moving.caption
          guard formats.contains(.svg) else { continue }
          let file = folder.figures.appending(path: "\(plan.name).svg")
          try AtomicFile.write(Data(moving.svg.utf8), to: file)
          files.append(file)
        } else {
          let drawn = try plan.draw()
          caption = drawn.caption
          files += try drawn.figure.render(to: folder.figures, name: plan.name, formats: formats)
        }
        entries[plan.name] = FigureEntry(
          name: plan.name, title: plan.title, caption: caption, kind: plan.kind, mayBePublished: plan.mayBePublished)
      } catch {
        failure = failure ?? error
        // Where gnuplot or the disk fails, it fails for the others too.
        if error.kind == .inputOutput { break }
      }
    }
    try FigureList.write(plans.compactMap { entries[$0.name] }, in: folder)
    files.append(folder.figures.appendingPathComponent(FigureList.fileName))
    if let failure { throw failure }
    return files
  }

  private func select(_ names: [String]) throws(UserError) -> [Plan] {
    for name in names where !plans.contains(where: { $0.name == name }) {
      let nearest = nearestName(to: name, among: plans.map(\.name))
      throw UserError(
        .usage, "this run has no figure \"\(name)\"", at: folder.url.path,
        mend: nearest.map { "did you mean \($0)?" }
          ?? (plans.isEmpty ? "it has no files to draw from" : "it has \(plans.map(\.name).joined(separator: ", "))"))
    }
    return plans.filter { names.contains($0.name) }
  }

  private static func lossPlans(_ folder: RunFolder, seeds: [Int], title: String) -> [Plan] {
    let logs = seeds.map { folder.metrics(ofSeed: $0) }.filter { FileManager.default.fileExists(atPath: $0.path) }
    if logs.isEmpty { return [] }
    return [
      Plan(name: "loss-curves", title: "training loss", kind: .training) { () throws(UserError) in
        var records: [[StepRecord]] = []
        for log in logs {
          records.append(
            try MetricsLog.events(in: log).compactMap { if case .step(let record) = $0 { record } else { nil } })
        }
        let curves = LossCurves(of: records)
        let (figure, caption) = curves.figure(title: "\(title): training loss")
        return (figure, caption)
      }
    ]
  }

  /// Scores that were measured after each epoch; a damaged log is told where its loss is drawn.
  private static func trackedPlans(_ folder: RunFolder, seeds: [Int], title: String) -> [Plan] {
    let logs = seeds.compactMap { try? MetricsLog.events(in: folder.metrics(ofSeed: $0)) }
    let tracked = TrackedScores(of: logs)
    return tracked.charts.map { chart in
      Plan(name: chart.name, title: "\(chart.title) by epoch", kind: .training) { () throws(UserError) in
        let (figure, caption) = tracked.figure(of: chart.courses, title: "\(title): \(chart.title) by epoch")
        return (figure, caption)
      }
    }
  }

  /// Lines that the experiment measured once, over the seeds that have them.
  private static func chartPlans(_ folder: RunFolder, seeds: [Int], title: String) -> [Plan] {
    var folders: [String: [URL]] = [:]
    for own in seeds.map({ folder.seed($0) }) {
      for name in LineChartFile.names(in: own) { folders[name, default: []].append(own) }
    }
    return folders.sorted { $0.key < $1.key }.map { name, folders in
      let subject = LineChartFile.title(name: name, in: folders[0])
      return Plan(name: "chart-\(name)", title: subject, kind: .training) { () throws(UserError) in
        let (figure, caption) = try LineChartFile.figure(name: name, in: folders, title: "\(title): \(subject)")
        return (figure, caption)
      }
    }
  }

  /// Pictures that the first seed with any shows as examples.
  private static func examplePlans(_ folder: RunFolder, seeds: [Int], title: String) -> [Plan] {
    guard let seed = seeds.first(where: { !PictureGridFile.names(in: folder.seed($0)).isEmpty }) else { return [] }
    let own = folder.seed(seed)
    return PictureGridFile.names(in: own).map { name in
      let subject = PictureGridFile.title(name: name, in: own)
      // A damaged file is told where it is drawn.
      let mayBePublished = (try? PictureGridFile.read(name: name, in: own))?.file.mayBePublished ?? true
      return Plan(
        name: "examples-\(name)", title: subject, kind: .examples, mayBePublished: mayBePublished
      ) { () throws(UserError) in
        let (figure, caption) = try PictureGridFile.figure(
          name: name, in: own, seed: seed, title: "\(title): \(subject)")
        return (figure, caption)
      }
    }
  }

  /// Pendulums of the first seed that has any.
  private static func animationPlans(_ folder: RunFolder, seeds: [Int], title: String) -> [Plan] {
    guard let seed = seeds.first(where: { !PendulumAnimationFile.names(in: folder.seed($0)).isEmpty }) else {
      return []
    }
    return PendulumAnimationFile.names(in: folder.seed(seed)).map { name in
      let read = { () throws(UserError) in try PendulumAnimationFile.read(name: name, in: folder.seed(seed)) }
      // A damaged file is told where it is drawn.
      let subject = (try? read())?.title ?? name
      return Plan(
        name: "animation-\(name)", title: subject, kind: .examples,
        animation: { () throws(UserError) in
          let file = try read()
          let animation = PendulumAnimation(
            title: "\(title): \(subject)", secondsPerStep: file.secondsPerStep,
            rods: file.rods.map { ($0.name, $0.angles) })
          return (animation.svg, "\(file.caption) Seed \(seed).")
        }
      ) { () throws(UserError) in
        throw UserError(.data, "moves, and is no figure", at: name)
      }
    }
  }

  private static func scorePlans(_ result: RunResult?, title: String) -> [Plan] {
    guard let result else { return [] }
    return ScoreFigures(scores: result.scores, seeds: result.seeds).plans.map { plan in
      Plan(name: plan.name, title: plan.title, kind: plan.kind) { () throws(UserError) in
        plan.draw("\(title): \(plan.title)")
      }
    }
  }

  private static func representationPlans(
    _ folder: RunFolder, seeds: [Int], modalities: [String], title: String
  ) -> [Plan] {
    let present = seeds.filter {
      FileManager.default.fileExists(atPath: folder.seed($0).appendingPathComponent(EmbeddingsFile.name).path)
    }
    guard let seed = present.first else { return [] }
    func read(_ seed: Int) throws(UserError) -> RepresentationFile {
      guard let file = try RepresentationFile(ofSeed: folder.seed(seed), order: modalities) else {
        throw UserError(.inputOutput, "the file has gone", at: folder.seed(seed).path, mend: "draw again")
      }
      return file
    }
    func figures() throws(UserError) -> RepresentationFigures {
      RepresentationFigures(file: try read(seed), seed: seed)
    }
    // One representation has nothing to be compared with; a damaged file is told where it is drawn.
    let isSingle = (try? read(seed))?.pairs.isEmpty ?? false
    let plans = [
      Plan(name: "embedding-pca", title: "principal components of the representations", kind: .embedding) {
        () throws(UserError) in
        let (figure, caption) = try figures().map(.principalComponents, title: "\(title): principal components")
        return (figure, caption)
      },
      Plan(name: "embedding-tsne", title: "t-SNE of the representations", kind: .embedding) { () throws(UserError) in
        let (figure, caption) = try figures().map(.neighbours, title: "\(title): t-SNE")
        return (figure, caption)
      },
      Plan(name: "similarity-matrix", title: "similarity by class", kind: .similarity) { () throws(UserError) in
        let (figure, caption) = try figures().similarityMatrix(title: "\(title): similarity by class")
        return (figure, caption)
      },
      Plan(
        name: "similarity-distributions", title: "similarity of matching and other pairs", kind: .similarity
      ) { () throws(UserError) in
        var overlaps: [[Double]] = []
        for seed in present {
          let own = RepresentationFigures.overlaps(of: try read(seed))
          if overlaps.isEmpty {
            overlaps = own.map { [$0] }
          } else if own.count == overlaps.count {
            for index in own.indices { overlaps[index].append(own[index]) }
          }
        }
        let (figure, caption) = try figures().similarityDistributions(
          title: "\(title): similarity of matching and other pairs", overlaps: overlaps)
        return (figure, caption)
      },
    ]
    return isSingle ? plans.dropLast() : plans
  }
}
