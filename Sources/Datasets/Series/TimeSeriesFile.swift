import Diagnostics
import Foundation

/// Series with classes in the `.ts` format of sktime and the UEA and UCR archives: lines that begin with `@`, then a line
/// for each case, its dimensions apart by `:`, the values of each by `,`, and the class last where there is one.
struct TimeSeriesFile {
  /// The series; a case that has none, as its values are missing, has no steps.
  let series: SeriesItems
  /// The class of each case; empty where the file has none.
  let classes: [String]
  /// Why a case cannot be used.
  private(set) var faults: [Int: UserError] = [:]

  /// Reads a file's bytes; errors call them by `place`.
  ///
  /// - Throws: `UserError` where they are of another format, or of a form that is not read: values with time stamps.
  init(_ bytes: [UInt8], place: String) throws(UserError) {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw UserError(.data, "is not a .ts file: it is no text", at: place, mend: "give a file of sktime's format")
    }
    var (hasClasses, isData): (Bool?, Bool) = (nil, false)
    var cases: [(line: Int, text: Substring)] = []
    for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
      let content = line.drop(while: \.isWhitespace)
      if content.isEmpty || content.hasPrefix("#") || content.hasPrefix("%") { continue }
      if isData {
        cases.append((index + 1, content))
        continue
      }
      guard content.hasPrefix("@") else {
        throw UserError(
          .data, "is not a .ts file: a line before @data does not begin with @", at: "\(place):\(index + 1)",
          mend: "give a file of sktime's format")
      }
      let words = content.lowercased().split(whereSeparator: \.isWhitespace)
      switch words[0] {
      case "@data": isData = true
      case "@classlabel": hasClasses = words.count > 1 && words[1] == "true"
      case "@targetlabel": hasClasses = words.count > 1 && words[1] == "true"
      case "@timestamps" where words.count > 1 && words[1] == "true":
        throw UserError(
          .data, "values with time stamps are not read", at: "\(place):\(index + 1)",
          mend: "write the values alone, at equal distances")
      default: break
      }
    }
    guard isData, !cases.isEmpty else {
      throw UserError(
        .data, isData ? "there is no case after @data" : "is not a .ts file: there is no @data", at: place,
        mend: "the file is cut or of another format; fetch it again")
    }
    let parsed = Self.parse(cases, hasClasses: hasClasses ?? false, place: place)
    let channels = parsed.lazy.compactMap { $0.series }.first?.count ?? 1
    var (items, names): (SeriesItems, [String]) = (SeriesItems(channels: channels), [])
    for (index, one) in parsed.enumerated() {
      names.append(one.name)
      guard let series = one.series, series.count == channels else {
        faults[index] =
          one.fault
          ?? UserError(
            .data, "a case of \(one.series?.count ?? 0) dimensions among cases of \(channels)",
            at: "\(place):\(cases[index].line)", mend: "the file is damaged; fetch it again")
        items.append([Float]())
        continue
      }
      items.append((0..<series[0].count).flatMap { step in series.map { $0[step] } })
    }
    series = items
    classes = hasClasses == true ? names : []
  }

  private typealias Case = (series: [[Float]]?, name: String, fault: UserError?)

  private static func parse(_ cases: [(line: Int, text: Substring)], hasClasses: Bool, place: String) -> [Case] {
    cases.map { line, text in
      var parts = text.split(separator: ":", omittingEmptySubsequences: false)
      let name = hasClasses ? FolderTable.trimmed(String(parts.removeLast())) : ""
      func refused(_ what: String, _ mend: String) -> Case {
        (nil, name, UserError(.data, what, at: "\(place):\(line)", mend: mend))
      }
      var series: [[Float]] = []
      for part in parts {
        var values: [Float] = []
        for cell in part.split(separator: ",", omittingEmptySubsequences: false) {
          let cell = FolderTable.trimmed(String(cell))
          guard cell != "?", cell.lowercased() != "nan" else {
            return refused("a value is missing", "fill it in")
          }
          guard let value = Float(cell), value.isFinite else {
            return refused("`\(cell.prefix(40))` is not a finite number", "correct it")
          }
          values.append(value)
        }
        series.append(values)
      }
      guard let steps = series.first?.count, series.allSatisfy({ $0.count == steps }) else {
        return refused("the dimensions differ in their number of values", "the file is cut or damaged; fetch it again")
      }
      return (series, name, nil)
    }
  }
}
