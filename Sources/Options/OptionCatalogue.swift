import Diagnostics

/// A list of everything of one sort that a recipe can name: the data sources, the methods, the evaluators. To add one is
/// to add its options' type to the list.
public protocol OptionCatalogue: Sendable {
  /// The options of each, in the order in which a recipe shows them.
  static var all: [any OptionSection.Type] { get }
}

/// The name of an entry of a catalogue, as a recipe writes it.
public struct EntryName<Catalogue: OptionCatalogue>: RawRepresentable, CaseIterable, Codable, Hashable, Sendable {
  /// The name.
  public let rawValue: String

  /// Takes a name of the catalogue; nil where it has no such entry.
  public init?(rawValue: String) {
    guard Catalogue.all.contains(where: { $0.key == rawValue }) else { return nil }
    self.rawValue = rawValue
  }

  /// The name of an entry by its options' type.
  public init(_ type: any OptionSection.Type) {
    precondition(Catalogue.all.contains { $0 == type }, "EntryName: \(type) is not in the catalogue")
    rawValue = type.key
  }

  /// All names, in the catalogue's order.
  public static var allCases: [EntryName] { Catalogue.all.map { EntryName($0) } }
}

/// The options of every entry of a catalogue, each in a section of its name; those that are not used do no harm.
///
/// Encoded into a container that may have other keys, too.
public struct OptionSections<Catalogue: OptionCatalogue>: Codable, Equatable, Sendable {
  private var values: [String: any OptionSection]

  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  /// The defaults of all entries.
  public init() {
    values = Dictionary(uniqueKeysWithValues: Catalogue.all.map { ($0.key, $0.init()) })
  }

  /// The options of an entry by their type.
  public subscript<Section: OptionSection>(_ type: Section.Type) -> Section {
    get { values[type.key] as? Section ?? Section() }
    set { values[type.key] = newValue }
  }

  /// The options of an entry by its name.
  public subscript(name: EntryName<Catalogue>) -> any OptionSection {
    guard let section = values[name.rawValue] else { preconditionFailure("OptionSections: no \(name.rawValue)") }
    return section
  }

  /// Checks the options of an entry.
  ///
  /// - Throws: an error whose place is the key behind the section's name.
  public func validate(_ name: EntryName<Catalogue>) throws(UserError) {
    do {
      try self[name].validate()
    } catch {
      throw UserError(error.kind, error.what, at: "\(name.rawValue).\(error.place ?? "")", mend: error.mend)
    }
  }

  /// Reads the sections; a section that is absent keeps its defaults.
  public init(from decoder: any Decoder) throws {
    self.init()
    let container = try decoder.container(keyedBy: Key.self)
    func read<Section: OptionSection>(_ type: Section.Type) throws {
      if let value = try container.decodeIfPresent(Section.self, forKey: Key(stringValue: type.key)) {
        values[type.key] = value
      }
    }
    for type in Catalogue.all { try read(type) }
  }

  /// Writes all sections, in the catalogue's order.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    func write<Section: OptionSection>(_ type: Section.Type) throws {
      try container.encode(self[type], forKey: Key(stringValue: type.key))
    }
    for type in Catalogue.all { try write(type) }
  }

  /// Whether all sections have equal values.
  public static func == (first: OptionSections, second: OptionSections) -> Bool {
    func isSame<Section: OptionSection>(_ type: Section.Type) -> Bool { first[type] == second[type] }
    return Catalogue.all.allSatisfy { isSame($0) }
  }
}
