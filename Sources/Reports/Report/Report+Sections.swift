import Foundation
import Runs
import StrictYAML
import Training

extension Report {
  /// The parts of the report in their order.
  var sections: [ReportSection] {
    records.count == 1 ? sectionsOfOne(records[0]) : sectionsOfSeveral
  }

  private func sectionsOfOne(_ record: RunRecord) -> [ReportSection] {
    let (main, subject) = (mainScore?.score.evaluator, mainScore?.score.subject ?? "")
    let placement = FigurePlacement(figures(of: 0), scores: record.result.scores)
    let tables = ScoreTable.tables(of: record).map { table in
      (
        evaluator: table.title,
        section: ReportSection(
          title: capitalised(table.title),
          blocks: [
            .illustrated(
              table.title == main ? table.keeping(subject) : table,
              caption: sentences("\(record.provenance); \(values(record))", on: table.title, of: [record]),
              figures: placement.figures(of: table.title))
          ], isOpening: table.title == main)
      )
    }
    var sections = [ReportSection(title: "Finding", blocks: [.finding(finding)], isOpening: true)]
    sections += tables.filter { $0.evaluator == main }.map(\.section)
    sections.append(ReportSection(title: "Run", blocks: [.facts(facts(of: record))], isOpening: true))
    if let comparison = comparison(of: record) {
      sections.append(
        ReportSection(title: "Against published values", blocks: [.table(comparison, caption: "\(record.provenance).")])
      )
    }
    sections += tables.filter { $0.evaluator != main }.map(\.section)
    if !placement.others.isEmpty {
      sections.append(ReportSection(title: "Figures", blocks: [.figures(placement.others)]))
    }
    if !record.result.notes.isEmpty {
      sections.append(ReportSection(title: "Protocol", blocks: [.notes(record.result.notes)]))
    }
    if let timings = record.timings.map({ Timings($0.parts.filter { $0.name != Timings.report }) }) {
      sections.append(
        ReportSection(
          title: "Time", blocks: [.table(.timings(timings), caption: ScoreTable.captionOfTimings(timings))]))
    }
    sections.append(ReportSection(title: "Versions", blocks: [.facts(versions(of: record))]))
    sections.append(ReportSection(title: "Run again", blocks: [.command(record.manifest.command)]))
    return sections
  }

  private var sectionsOfSeveral: [ReportSection] {
    let letters = RunRecord.letters(records.count)
    let names = RunRecord.labels(of: records)
    let provenance = zip(letters, records).map { "\($0) \($1.provenance)" }.joined(separator: "; ")
    let placements = records.indices.map { FigurePlacement(figures(of: $0), scores: records[$0].result.scores) }
    let main = mainScore?.score
    let mainTitle = main.map { ScoreTable.title(evaluator: $0.evaluator, metric: $0.metric) }
    func block(_ table: ScoreTable, of evaluator: String, figures: [ReportFigure]) -> ReportSection.Block {
      let caption = provenance + (table.hasMarks ? "; \(markMeaning)" : "")
      return .illustrated(table, caption: sentences(caption, on: evaluator, of: records), figures: figures)
    }
    var sections = [ReportSection(title: "Finding", blocks: [.finding(finding)], isOpening: true)]
    // The main table with the leader's figure of it.
    let shown = main.flatMap { placements[leadingIndex].figures(of: $0.evaluator).first }
    let groups = ScoreTable.tables(comparing: records)
    for group in groups {
      sections += group.tables.filter { $0.title == mainTitle }.map { table in
        ReportSection(
          title: capitalised(group.evaluator),
          blocks: [
            block(table.keeping(main?.subject ?? ""), of: group.evaluator, figures: [shown].compactMap { $0 })
          ], isOpening: true)
      }
    }
    sections.append(ReportSection(title: "Runs", blocks: [.table(runs, caption: "What each column is of.")]))
    for group in groups {
      var blocks = group.tables.filter { $0.title != mainTitle }.map { block($0, of: group.evaluator, figures: []) }
      let figures = placements.flatMap { $0.figures(of: group.evaluator) }.filter { $0.key != shown?.key }
      if !figures.isEmpty { blocks.append(.figures(figures)) }
      guard !blocks.isEmpty else { continue }
      let isOpen = group.evaluator == main?.evaluator
      sections.append(
        ReportSection(title: capitalised(group.evaluator) + (isOpen ? ", the rest" : ""), blocks: blocks))
    }
    let settings = settingDifferences
    if !settings.rows.isEmpty {
      sections.append(
        ReportSection(
          title: "Recipe differences",
          blocks: [.table(settings, caption: "Settings that are not the same in all runs, each with its origin.")]))
    }
    for (placement, name) in zip(placements, names) where !placement.others.isEmpty {
      sections.append(ReportSection(title: "Figures of \(name)", blocks: [.figures(placement.others)]))
    }
    var notes: [ReportSection.Block] = []
    if Set(records.map(\.result.notes)).count == 1 {
      notes = records[0].result.notes.isEmpty ? [] : [.notes(records[0].result.notes)]
    } else {
      for (name, record) in zip(names, records) where !record.result.notes.isEmpty {
        notes += [.heading(name), .notes(record.result.notes)]
      }
    }
    if !notes.isEmpty { sections.append(ReportSection(title: "Protocol", blocks: notes)) }
    sections.append(
      ReportSection(
        title: "Versions", blocks: zip(names, records).flatMap { [.heading($0), .facts(versions(of: $1))] }))
    sections.append(
      ReportSection(
        title: "Run again", blocks: zip(names, records).flatMap { [.heading($0), .command($1.manifest.command)] }))
    return sections
  }

  /// A caption with the remarks of the protocol that begin with the name of the evaluator.
  private func sentences(_ caption: String, on evaluator: String, of records: [RunRecord]) -> String {
    let notes = records.flatMap(\.result.notes).filter {
      $0.lowercased().hasPrefix(evaluator.lowercased())
    }
    return ([caption + "."] + ScoreTable.unique(notes)).joined(separator: " ")
  }

  /// What the numbers of a run are.
  func values(_ record: RunRecord) -> String {
    let count = record.result.seeds.count
    return count > 1
      ? "mean ± half of the 95 % interval of the mean over \(count) seeds (Student's t)"
      : "one seed, without an interval"
  }

  /// What a run was.
  func facts(of record: RunRecord) -> [ReportSection.Fact] {
    let (result, manifest) = (record.result, record.manifest)
    var recipe: [ReportSection.Span] = [.code(result.recipe)]
    if let profile = manifest.profile { recipe += [.text(", profile "), .code(profile)] }
    var facts = [
      ReportSection.Fact("recipe", recipe + [.text(", hash "), .code(result.hash)]),
      ReportSection.Fact("seeds", .text(result.seeds.map(String.init).joined(separator: ", "))),
      ReportSection.Fact("values", .text(values(record))),
    ]
    if !manifest.overrides.isEmpty {
      let spans = manifest.overrides.flatMap { [ReportSection.Span.text(" "), .code($0)] }
      facts.append(ReportSection.Fact("overrides", Array(spans.dropFirst())))
    }
    if let commit = manifest.commit {
      facts.append(
        ReportSection.Fact(
          "commit", .code(commit.hash), .text(commit.isClean ? "" : ", with changes that are not committed")))
    }
    if let parameters = result.parameterCount { facts.append(ReportSection.Fact("parameters", .text("\(parameters)"))) }
    let seconds = result.wallSeconds.map { String(format: "%.1f", $0) }.joined(separator: ", ")
    facts.append(ReportSection.Fact("seconds by seed", .text(seconds)))
    for (name, checksum) in result.datasetChecksums.sorted(by: { $0.key < $1.key }) {
      facts.append(ReportSection.Fact("dataset", .text("\(name), checksum "), .code(checksum)))
    }
    let end = manifest.end?.formatted(.iso8601) ?? "–"
    facts.append(ReportSection.Fact("started", .text("\(manifest.start.formatted(.iso8601)); ended: \(end)")))
    return facts
  }

  /// The libraries and the machine of a run.
  func versions(of record: RunRecord) -> [ReportSection.Fact] {
    let manifest = record.manifest
    return manifest.versions.sorted { $0.key < $1.key }.map { ReportSection.Fact($0.key, .text($0.value)) } + [
      ReportSection.Fact(
        "processor",
        .text(
          "\(manifest.processor), \(manifest.threads) \(manifest.threads == 1 ? "thread" : "threads") a seed, "
            + "\(manifest.jobs) \(manifest.jobs == 1 ? "seed" : "seeds") at a time")),
      ReportSection.Fact("memory", .text(String(format: "%.1f GiB", Double(manifest.memory) / Double(1 << 30)))),
    ]
  }

  /// One row per run.
  private var runs: ScoreTable {
    let rows = zip(RunRecord.letters(records.count), records).map { letter, record -> [ScoreTable.Cell] in
      let data = record.result.datasetChecksums.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.prefix(8))" }
      let seconds = record.result.wallSeconds.map { String(format: "%.0f", $0) }.joined(separator: ", ")
      return [
        .init(letter), .init(record.name), .init(record.result.hash),
        .init(record.shortCommit), .init(record.result.seeds.map(String.init).joined(separator: ", ")),
        .init("\(record.manifest.threads)"), .init(record.result.parameterCount.map(String.init) ?? "–"),
        .init(seconds), .init(data.joined(separator: ", ")),
      ]
    }
    return ScoreTable(
      title: "runs",
      heads: ["run", "recipe", "hash", "commit", "seeds", "threads", "parameters", "seconds by seed", "data"],
      rows: rows, isNumeric: false)
  }

  /// One row per setting that is not the same in all runs.
  private var settingDifferences: ScoreTable {
    let rows = RecordedRecipe.differingPaths(among: records.map(\.recipe)).map { path -> [ScoreTable.Cell] in
      [ScoreTable.Cell(path)]
        + records.map { record in
          record.recipe[path: path].map { setting in
            ScoreTable.Cell(setting.value.yaml + (setting.origin.map { " (\($0))" } ?? ""))
          } ?? .missing
        }
    }
    return ScoreTable(
      title: "setting", heads: ["setting"] + RunRecord.labels(of: records), rows: rows, isNumeric: false)
  }

  private func capitalised(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }
}
