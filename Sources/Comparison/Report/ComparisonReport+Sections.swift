import Diagnostics
import Evaluation
import Foundation
import Reports
import Runs
import StrictYAML
import Training

extension ComparisonReport {
  /// The parts of the report in their order.
  func sections() throws(UserError) -> [ReportSection] {
    let tables = ComparisonTables(result)
    let placement = ComparisonPlacement(try figures(), of: result)
    // Where nothing can be taken together the first scores are the main table.
    let main = tables.means == nil ? mainColumn?.column.group : nil
    let groups = tables.groups.map { group -> ReportSection in
      let marks = group.scores.rows.joined().contains(where: \.isMarked) ? " Bold: \(Self.markMeaning)." : ""
      var blocks: [ReportSection.Block] = [
        .illustrated(
          group.scores, caption: "\(values); \(provenance).\(marks)", figures: placement.figures(of: group.title))
      ]
      if let differences = group.differences {
        let from =
          record.against.map { "\($0), or the best of the column where it lacks the score" } ?? "the column's best"
        blocks.append(
          .table(
            differences,
            caption:
              "Mean difference from \(from), ± half of its 95 % interval (Student's t), paired by seed where both rows "
              + "train by the same method on the same batches, else Welch's; bold where it is beyond chance after Holm's "
              + "correction for the rows."))
      }
      return ReportSection(title: group.title, blocks: blocks, isOpening: group.title == main)
    }
    var sections = [ReportSection(title: "Finding", blocks: [.finding(finding)], isOpening: true)]
    if let overview = tables.means {
      let caption =
        "Each run's mean over a group's columns, every column on its own scale from chance (0) to perfection (100); the "
        + "interquartile mean of the runs"
        + (result.seeds.count > 1
          ? ", with the percentile interval of \(Aggregate.resamples) draws of whole runs" : ", of one seed")
        + ". \(provenance)."
      sections.append(
        ReportSection(
          title: "Overview",
          blocks: [.illustrated(overview, caption: caption, figures: placement.main), .notes(scales)],
          isOpening: true))
    }
    sections += groups.filter(\.isOpening)
    sections.append(ReportSection(title: "Comparison", blocks: [.facts(facts)], isOpening: true))
    if !missing.isEmpty { sections.append(ReportSection(title: "Missing", blocks: [.notes(missing)])) }
    sections.append(ReportSection(title: "Who wins", blocks: [.table(winners, caption: "\(provenance).")]))
    sections.append(ReportSection(title: "How to read this", blocks: [.notes(cautions)]))
    sections += groups.filter { !$0.isOpening }
    if let table = tables.improvements {
      let caption =
        "How often a run of the group's best row beats a run of the row, over the group's columns (Agarwal et al., 2021, "
        + "§4.2), with the percentile interval of draws of whole runs; bold where the runs' mean scores differ beyond "
        + "chance after Holm's correction for the rows."
      sections.append(ReportSection(title: "Probability of improvement", blocks: [.table(table, caption: caption)]))
    }
    if let table = tables.candidates {
      sections.append(
        ReportSection(
          title: "Search",
          blocks: [
            .facts(search), .illustrated(table, caption: "Bold is what was chosen.", figures: placement.search),
          ]))
    }
    if let table = settingDifferences {
      sections.append(
        ReportSection(
          title: "Recipe differences",
          blocks: [.table(table, caption: "Settings that are not the same in all rows, as they were run.")]))
    }
    if !placement.others.isEmpty {
      sections.append(ReportSection(title: "Figures", blocks: [.figures(placement.others)]))
    }
    let notes = protocolNotes
    if !notes.isEmpty { sections.append(ReportSection(title: "Protocol", blocks: notes)) }
    if let timings = timingTable {
      sections.append(
        ReportSection(
          title: "Time",
          blocks: [
            .table(timings, caption: "Where the wall time of each row's cells went, in percent of it."),
            .table(.timings(self.timings), caption: ScoreTable.captionOfTimings(self.timings)),
          ]))
    }
    sections.append(ReportSection(title: "Versions", blocks: [.facts(versions)]))
    sections.append(ReportSection(title: "Run again", blocks: [.command(command)]))
    return sections
  }

  private var values: String {
    result.seeds.count > 1
      ? "Mean ± half of the 95 % interval of the mean over \(result.seeds.count) seeds (Student's t)"
      : "One seed, without an interval"
  }

  private var facts: [ReportSection.Fact] {
    var facts = [
      ReportSection.Fact(
        "suite",
        [.code(result.suite)] + (result.profile.map { [.text(", profile "), .code($0)] } ?? [])
          + [.text(", hash "), .code(result.hash)]),
      ReportSection.Fact("seeds", .text(result.seeds.map(String.init).joined(separator: ", "))),
    ]
    if let folds = result.folds {
      facts.append(
        ReportSection.Fact(
          "folds",
          .text(
            "\(folds): every row is trained \(folds) times a seed, and every observation is tested once; a seed's value is "
              + "the mean over the folds" + (result.searchScore == nil ? "" : "; settings are chosen in the first fold")
          )))
    }
    facts += [
      ReportSection.Fact(
        "rows",
        .text(
          "\(result.rows.count), one cell a seed\(result.folds == nil ? "" : " and fold"): a run of its own in the folder "
            + "cells"))
    ]
    if !result.shared.isEmpty {
      facts.append(ReportSection.Fact("shared", .code(result.shared.joined(separator: " "))))
    }
    facts.append(ReportSection.Fact("commit", .text(commits.joined(separator: ", "))))
    let data = Dictionary(
      manifests.flatMap { $0.datasetChecksums.map { ($0.key, [$0.value]) } }, uniquingKeysWith: { $0 + $1 })
    for (name, checksums) in data.sorted(by: { $0.key < $1.key }) {
      facts.append(
        ReportSection.Fact(
          "dataset", .text("\(name), checksum "), .code(ScoreTable.unique(checksums).joined(separator: ", "))))
    }
    let times = result.rows.flatMap(\.cells).compactMap(\.seconds)
    let cost = result.searchCost
    facts.append(
      ReportSection.Fact(
        "time",
        .text(
          "\(times.count) cells of \(Self.clock(times.reduce(0, +)))"
            + (cost.cells > 0 ? ", and \(cost.cells) of searches of \(Self.clock(cost.seconds))" : ""))))
    return facts + [ReportSection.Fact("started", .text(result.start.formatted(.iso8601)))]
  }

  private static func clock(_ seconds: Double) -> String { SeedProgress.clock(seconds) }

  /// Rows without a result of a seed, and columns that no row has.
  private var missing: [String] {
    let rows = result.rows.filter { !$0.missing.isEmpty }.map { row in
      let folds = result.folds == nil ? "" : "every fold of "
      return "\(row.name) has no result of \(folds)seed \(row.missing.map(String.init).joined(separator: ", "))."
    }
    return changedData + rows + result.emptyColumns.map { "No row has the score of “\($0.title)”: \($0.score)." }
  }

  /// What to say where a data set changed between two cells.
  var changedData: [String] {
    let checksums = Dictionary(grouping: manifests.flatMap { Array($0.datasetChecksums) }, by: \.key)
    let chosen = RecordedRecipe.differingPaths(among: recipes.compactMap { $0 }).filter { $0.hasPrefix("data.") }
    let mend =
      chosen.isEmpty
      ? "Begin anew with --fresh." : "Rows set other data: \(chosen.map { "`\($0)`" }.joined(separator: ", "))."
    return checksums.filter { Set($0.value.map(\.value)).count > 1 }.keys.sorted().map {
      "The data set \($0) was not the same for all cells: these scores cannot be compared. \(mend)"
    }
  }

  /// For each column the best row, and the rows that the seeds cannot tell from it.
  private var winners: ScoreTable {
    let rows = result.columns.compactMap { column -> [ScoreTable.Cell]? in
      guard let best = column.best, column.column.group != Column.costGroup, let entry = column.entries[best] else {
        return nil
      }
      let others = column.rivals
      let count = column.entries.count { $0 != nil } - 1
      let verdict =
        column.standsOut == best
        ? "beyond every other row"
        : count == 0
          ? "no other row"
          : others.count == count && count > 3
            ? "not told apart from any other row"
            : "not told apart from " + others.map { result.rows[$0].name }.joined(separator: ", ")
      return [
        ScoreTable.Cell(column.column.title),
        ScoreTable.Cell(result.rows[best].name, isMarked: column.standsOut == best),
        ScoreTable.Cell(ComparisonTables.text(entry.mean, entry.halfWidth, in: column.column)),
        ScoreTable.Cell(verdict),
      ]
    }
    return ScoreTable(
      title: "winners", heads: ["column", "best mean", "value", "by the seeds"], rows: rows, isNumeric: false)
  }

  /// What the columns of each group are measured on.
  private var scales: [String] {
    result.aggregates.map { aggregate in
      let scales = ScoreTable.unique(aggregate.scales).map { scale in
        let tasks = zip(aggregate.tasks, aggregate.scales).filter { $0.1 == scale }.map(\.0)
        return "\(tasks.joined(separator: ", ")): \(scale)"
      }.joined(separator: "; ")
      let repetitions =
        aggregate.repetitions.isEmpty ? "" : ". Not counted: " + aggregate.repetitions.joined(separator: ", ")
      return "\(aggregate.group): \(scales)\(repetitions)."
    }
  }

  /// Whether any difference takes the test items as a sample.
  private var countsItems: Bool {
    result.columns.contains { column in
      column.entries.contains { $0?.difference?.difference.itemVariance != nil }
    }
  }

  /// What the numbers can and cannot tell.
  private var cautions: [String] {
    let count = result.seeds.count
    guard count > 1 else {
      return ["One seed says nothing about chance: a difference may be of the seed alone. Nothing is bold."]
    }
    let limits = BootstrapLimits(runs: count)
    let cells = result.rows.flatMap(\.cells)
    let others = cells.count { !SeedResult.isOwnTime(waiting: $0.waiting) }
    let cost =
      "Seconds are wall times, with whatever else the machine did then; they tell methods apart only roughly."
      + (others > 0
        ? " Of \(cells.count) cells \(others) waited for a processor for more than a tenth of the time, or do not say, and "
          + "have none." : "")
    var notes = [
      "Each seed is one training of each row on the same data, and its scores of all columns belong together. "
        + (countsItems
          ? "Differences count the test items as a sample, too: families of items and seeds are drawn anew together, for "
            + "shares of items; intervals of values are of the seeds alone."
          : "Seeds are the only replicates: what other test items would change is not in any interval."),
      "Bold and “not told apart” go by Student's t, which takes runs as normal; with few seeds that cannot be checked. "
        + "Runs are paired by seed where two rows train by the same method on the same batches, by their recipes, and are "
        + "independent samples (Welch) elsewhere. Within a column Holm's correction holds the chance of any false "
        + "difference below 5 %: of the differences from a row that was named, or of all pairs where the row is the best, "
        + "which the column itself picks; nothing is corrected for the number of columns.",
    ]
    if !limits.admits(confidence: 0.95) {
      let coverage = String(format: "%g", limits.rangeCoverage * 100)
      notes.append(
        "Intervals in brackets are percentile intervals of the bootstrap. From \(count) seeds only "
          + "\(Int(limits.distinctResamples)) unlike samples can be drawn, and no such interval is wider than the range of "
          + "the seeds, which holds the median of all runs \(coverage) % of the time: they are narrower than the 95 % they "
          + "are named by, which would take 6 seeds at least. They show the spread of the seeds; they decide nothing. A "
          + "probability of improvement of 1 means no more than that every run of one was above every run of the other."
      )
    }
    return notes + [cost]
  }

  private var search: [ReportSection.Fact] {
    let cost = result.searchCost
    var facts = [
      ReportSection.Fact("chosen by", .text(result.searchScore?.score ?? "")),
      ReportSection.Fact("searched with", .code(result.searchSettings.joined(separator: " "))),
      ReportSection.Fact("seed", .text("\(result.searchSeed ?? 0)")),
      ReportSection.Fact("cost", .text("\(cost.cells) cells, \(Self.clock(cost.seconds))")),
    ]
    let alone = result.rows.filter { $0.candidates.isEmpty }.map(\.name)
    if !alone.isEmpty {
      facts.append(ReportSection.Fact("as their recipes have them", .text(alone.joined(separator: ", "))))
    }
    return facts
  }

  /// One row per setting that differs, with each of its values and the rows that have it.
  private var settingDifferences: ScoreTable? {
    let present = zip(result.rows, recipes).compactMap { row, recipe in recipe.map { (row.name, $0) } }
    let paths = RecordedRecipe.differingPaths(among: present.map(\.1)).filter { $0 != "seeds" && $0 != "threads" }
    guard !paths.isEmpty else { return nil }
    let rows = paths.map { path -> [ScoreTable.Cell] in
      var values: [(value: String, rows: [String])] = []
      for (name, recipe) in present {
        let value = recipe[path: path]?.value.yaml ?? "absent"
        if let index = values.firstIndex(where: { $0.value == value }) {
          values[index].rows.append(name)
        } else {
          values.append((value, [name]))
        }
      }
      // The value that most rows have needs no names.
      let most = values.indices.max { (values[$0].rows.count, $1) < (values[$1].rows.count, $0) }
      let texts = values.indices.map { index in
        let names =
          index == most && values[index].rows.count > 2 ? "all others" : values[index].rows.joined(separator: ", ")
        return "\(values[index].value) (\(names))"
      }
      return [ScoreTable.Cell(path), ScoreTable.Cell(texts.joined(separator: "; "))]
    }
    return ScoreTable(title: "setting", heads: ["setting", "values"], rows: rows, isNumeric: false)
  }

  /// The remarks of the rows; those that all have stand once.
  private var protocolNotes: [ReportSection.Block] {
    let finished = result.rows.filter { !$0.cells.isEmpty }
    guard let first = finished.first else { return [] }
    let common = first.notes.filter { note in finished.allSatisfy { $0.notes.contains(note) } }
    var blocks: [ReportSection.Block] = common.isEmpty ? [] : [.notes(common)]
    for row in finished {
      let own = row.notes.filter { !common.contains($0) }
      if !own.isEmpty { blocks += [.heading(row.name), .notes(own)] }
    }
    return blocks
  }

  private var versions: [ReportSection.Fact] {
    let names = ScoreTable.unique(manifests.flatMap { $0.versions.keys.sorted() })
    let versions = names.sorted().map { name in
      ReportSection.Fact(
        name, .text(ScoreTable.unique(manifests.compactMap { $0.versions[name] }).joined(separator: "; ")))
    }
    let threads = ScoreTable.unique(manifests.map { "\($0.threads)" }).joined(separator: ", ")
    let processors = ScoreTable.unique(manifests.map(\.processor)).joined(separator: "; ")
    return versions + [ReportSection.Fact("processor", .text("\(processors), threads of a cell: \(threads)"))]
  }
}
