/// Settings of a section of a recipe together with the options of every entry of a catalogue, which stand in sections of
/// their own beside them.
///
///     data:
///       set: emoji               # of `Base`
///       emoji: { imageSize: 32 } # of the catalogue
///
/// The settings are reached as if they were this value's own.
@dynamicMemberLookup
public struct Sectioned<Base: SectionBase, Catalogue: OptionCatalogue>: Codable, Equatable, Sendable {
  /// The settings beside the sections.
  public var base = Base()
  /// The options of every entry.
  public var sections = OptionSections<Catalogue>()

  /// The defaults.
  public init() {}

  /// Reads both from one section.
  public init(from decoder: any Decoder) throws {
    base = try Base(from: decoder)
    sections = try OptionSections(from: decoder)
  }

  /// Writes both into one section.
  public func encode(to encoder: any Encoder) throws {
    try base.encode(to: encoder)
    try sections.encode(to: encoder)
  }

  /// A setting beside the sections.
  public subscript<Value>(dynamicMember path: WritableKeyPath<Base, Value>) -> Value {
    get { base[keyPath: path] }
    set { base[keyPath: path] = newValue }
  }
}

/// Settings that stand beside sections of options.
public protocol SectionBase: Codable, Equatable, Sendable {
  /// The defaults.
  init()
}
