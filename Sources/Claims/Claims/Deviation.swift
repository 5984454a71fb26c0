import Diagnostics
import StrictYAML

/// Where an experiment is not as its source.
public struct Deviation: Equatable, Sendable {
  /// How much it may change.
  public enum Gravity: String, CaseIterable, Sendable {
    /// The same up to rounding or chance, or nothing that a claim rests on.
    case minor
    /// Numbers may differ; which of two is better should not.
    case moderate
    /// Verdicts may be other ones than at the source's scale or in its form.
    case major
  }

  /// Its short name, one of a kind in the file.
  public let identifier: String
  /// What is otherwise.
  public let what: String
  /// Why.
  public let why: String
  /// How much it may change.
  public let gravity: Gravity
  /// The identifiers of the claims that it touches.
  public let claims: [String]

  /// Reads the section `deviations` of a claims file; none where there is no such key.
  static func list(of file: StrictSection, claims known: [String]) throws(UserError) -> [Deviation] {
    guard let member = file["deviations"] else { return [] }
    guard case .list(let values) = member.value.content else {
      throw file.refused("deviations", "must be a list of deviations", mend: "begin each with `- id:`")
    }
    var deviations: [Deviation] = []
    for (index, value) in values.enumerated() {
      let section = try StrictSection(
        value, path: "deviations[\(index)]", keys: ["id", "what", "why", "gravity", "claims"], source: file.source)
      let deviation = try Deviation(section, claims: known)
      guard !deviations.contains(where: { $0.identifier == deviation.identifier }) else {
        throw section.refused("id", "`\(deviation.identifier)` stands there twice", mend: "give each deviation its own")
      }
      deviations.append(deviation)
    }
    return deviations
  }

  private init(_ section: StrictSection, claims known: [String]) throws(UserError) {
    func text(_ key: String) throws(UserError) -> String {
      guard let text = try section.text(key, loosely: true), !text.isEmpty else {
        throw section.refused(key, "is missing", mend: "write it")
      }
      return text
    }
    identifier = try text("id")
    what = try text("what")
    why = try text("why")
    guard let gravity = try section.choice("gravity", of: Gravity.self) else {
      throw section.refused("gravity", "is missing", mend: "write minor, moderate or major")
    }
    self.gravity = gravity
    guard section["claims"] != nil else {
      throw section.refused("claims", "is missing", mend: "list the claims that it touches, `all` or `[]`")
    }
    let named = try section.texts("claims")
    guard named.map(\.text) != ["all"] else {
      claims = known
      return
    }
    for (name, place) in named where !known.contains(name) {
      throw UserError(
        .data, "there is no claim `\(name)`", at: place,
        mend: nearestName(to: name, among: known).map { "did you mean `\($0)`?" }
          ?? "choose of \(known.joined(separator: ", "))")
    }
    claims = named.map(\.text)
  }
}
