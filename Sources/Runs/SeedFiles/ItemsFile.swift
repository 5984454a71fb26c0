import Diagnostics
import Evaluation
import Foundation
import Interchange

/// The outcomes of every test item, `items.npz`: in a seed's folder those of the seed, beside `results.json` those of all.
///
/// A deflated archive of arrays. `<seed>|families` has the family of each observation as a number, or `families` where it
/// is the same for all seeds. `<seed>|rank|<evaluator>|<subject>|` has the rank of each query, and
/// `<seed>|hit|<evaluator>|<subject>|<metric>` whether each observation was right, one byte each or int32 where a rank is
/// above 255. Where these are not all observations in order, the same name with `|observations` says which.
///
/// Scores come from here again: see `ItemScore`. 20 rows of 710 observations take about 10 kB a seed.
public enum ItemsFile {
  /// The name of the file.
  public static let name = "items.npz"
  private static let families = "families"
  private static let observations = "observations"

  /// Writes the outcomes of seeds.
  ///
  /// - Throws: a `UserError` of kind `inputOutput` where the file cannot be written.
  public static func write(_ tables: [Int: ItemTable], to url: URL) throws(UserError) {
    var arrays: [String: NumericArray] = [:]
    let common = tables.values.first?.families ?? []
    let isCommon = tables.values.allSatisfy { $0.families == common }
    if isCommon { arrays[families] = NumericArray(common) }
    for (seed, table) in tables {
      if !isCommon { arrays["\(seed)|\(families)"] = NumericArray(table.families) }
      for outcomes in table.outcomes {
        let key = [
          "\(seed)", outcomes.measure.rawValue, outcomes.evaluator, outcomes.subject, outcomes.metric,
        ].joined(separator: "|")
        let isSmall = outcomes.values.allSatisfy { (0...255).contains($0) }
        arrays[key] =
          isSmall
          ? NumericArray(shape: [outcomes.values.count], values: .uint8(outcomes.values.map { UInt8($0) }))
          : NumericArray(outcomes.values)
        if outcomes.observations != Array(0..<Int32(table.families.count)) {
          arrays["\(key)|\(observations)"] = NumericArray(outcomes.observations)
        }
      }
    }
    try NumpyArchive(arrays: arrays).write(to: url, isDeflated: true)
  }

  /// Puts the outcomes of several files together, each of other seeds; nothing where a file is missing.
  ///
  /// - Throws: where a file is damaged or cannot be written.
  package static func join(_ files: [URL], to url: URL) throws(UserError) {
    var tables: [Int: ItemTable] = [:]
    for file in files {
      guard let own = try read(from: file) else { return }
      tables.merge(own) { first, _ in first }
    }
    guard !tables.isEmpty else { return }
    try write(tables, to: url)
  }

  /// Reads the outcomes of seeds; `nil` where there is no such file.
  ///
  /// - Throws: a `UserError` of kind `data` where the file is damaged.
  public static func read(from url: URL) throws(UserError) -> [Int: ItemTable]? {
    guard FileManager.default.fileExists(atPath: url.path) else { return nil }
    let arrays = try NumpyArchive(readingFrom: url).arrays
    func damaged(_ name: String) -> UserError {
      UserError(.data, "the file is damaged: `\(name)` is not what it must be", at: url.path, mend: "run again")
    }
    func numbers(_ name: String) throws(UserError) -> [Int32] {
      guard let array = arrays[name], array.shape.count == 1 else { throw damaged(name) }
      switch array.values {
      case .int32(let values): return values
      case .uint8(let values): return values.map { Int32($0) }
      default: throw damaged(name)
      }
    }
    var outcomes: [Int: [ItemOutcomes]] = [:]
    for name in arrays.keys.sorted() {
      let parts = name.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
      guard parts.last != observations, parts.last != families else { continue }
      guard parts.count == 5, let seed = Int(parts[0]), let measure = ItemOutcomes.Measure(rawValue: parts[1]) else {
        throw damaged(name)
      }
      let values = try numbers(name)
      let places = "\(name)|\(observations)"
      let own = arrays[places] == nil ? Array(0..<Int32(values.count)) : try numbers(places)
      guard own.count == values.count else { throw damaged(places) }
      outcomes[seed, default: []].append(
        ItemOutcomes(
          evaluator: parts[2], subject: parts[3], metric: parts[4], measure: measure, values: values,
          observations: own))
    }
    var tables: [Int: ItemTable] = [:]
    for (seed, own) in outcomes {
      let families = try numbers(arrays[Self.families] == nil ? "\(seed)|\(Self.families)" : Self.families)
      guard own.allSatisfy({ $0.observations.allSatisfy { $0 >= 0 && Int($0) < families.count } }) else {
        throw damaged(Self.families)
      }
      tables[seed] = ItemTable(families: families, outcomes: own)
    }
    return tables
  }
}
