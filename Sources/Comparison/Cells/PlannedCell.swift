import Diagnostics
import Foundation
import Runs

/// A training of a comparison by its number: the searches come first, then every row with each seed and fold, the rows of a
/// seed beside each other.
///
/// Numbers depend on the suite alone, so that machines that know nothing of each other number alike.
package struct PlannedCell: Sendable {
  /// What a training is for.
  package enum Phase: String, Codable, Sendable {
    /// Choosing a row's settings.
    case search
    /// The report.
    case compare
  }

  /// From 0 on.
  package let number: Int
  /// What it is for.
  package let phase: Phase
  /// The number of the row that it is reported of; nil of a search, which rows may share.
  package let row: Int?
  /// What it is called.
  package let title: String
  /// The training; nil of a row whose settings are not chosen yet.
  package let cell: Cell?
}

extension ComparisonPlan {
  /// All trainings by their numbers.
  ///
  /// - Parameter choices: the index of each row's candidate; nil for a row that has none yet.
  package func numbered(_ choices: [Int?]) -> [PlannedCell] {
    let searches = searches
    let first = searches.enumerated().map { number, search in
      PlannedCell(number: number, phase: .search, row: nil, title: search.title, cell: search.cell)
    }
    return first
      + suite.replicates.indices.flatMap { place in
        rows.indices.map { index in
          let row = rows[index]
          return PlannedCell(
            number: searches.count + place * rows.count + index, phase: .compare, row: index,
            title: "\(row.row.name) \(suite.replicates[place].text)",
            cell: choices[index].map { row.candidates[$0].finals[place] })
        }
      }
  }
}

/// The candidate of each row that has one, `choices.json`: what a machine needs that does not see the searches.
package struct ComparisonChoices: Codable, Equatable, Sendable {
  /// A row with the settings that were chosen for it.
  package struct Row: Codable, Equatable, Sendable {
    /// The row's name.
    package var name: String
    /// The settings, as overrides; none where nothing is searched.
    package var settings: [String]
  }

  /// The hash of the comparison.
  package var hash: String
  /// The rows whose settings are known.
  package var rows: [Row]

  /// Reads a file.
  ///
  /// - Throws: `UserError` where there is none, or it is another file.
  package init(readingFrom path: String) throws(UserError) {
    let data = try RegularFile.contents(of: URL(fileURLWithPath: path))
    guard let read = try? JSONDecoder().decode(ComparisonChoices.self, from: data) else {
      throw UserError(.data, "is not a file of choices", at: path, mend: "take the choices.json that --collect wrote")
    }
    self = read
  }

  /// The choices of a comparison, of the rows that have one.
  init(_ plan: ComparisonPlan, _ choices: [Int?]) {
    hash = plan.hash
    rows = zip(plan.rows, choices).compactMap { row, choice in
      choice.map { Row(name: row.row.name, settings: row.candidates[$0].settings) }
    }
  }

  /// The index of each row's candidate, nil of a row without one; nil where these are the choices of another comparison.
  func indices(in plan: ComparisonPlan) -> [Int?]? {
    guard hash == plan.hash else { return nil }
    return plan.rows.map { row in
      rows.first { $0.name == row.row.name }.flatMap { chosen in
        row.candidates.firstIndex { $0.settings == chosen.settings }
      }
    }
  }
}
