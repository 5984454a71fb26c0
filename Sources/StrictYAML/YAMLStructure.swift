import CYaml
import Diagnostics

/// A look at the structure of a YAML document before a tree is made of it.
///
/// The tree is made by recursion, so that a file of a hundred thousand brackets would end the program; and an alias in
/// the place of a key makes the tree compare what grows with every alias before it. Neither is of use in settings, nor
/// are tags, which would be passed over.
enum YAMLStructure {
  /// How deep sections and lists may stand in each other.
  static let greatestDepth = 32
  /// How many values, sections and lists there may be.
  static let greatestCount = 20_000

  /// Walks through the document's events; a text that is not YAML is left to the parser, which words the fault.
  ///
  /// - Throws: a `UserError` of kind `data` with line and column.
  static func check(_ text: String, source: String) throws(UserError) {
    // The parser keeps its own address.
    let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    defer { parser.deallocate() }
    guard yaml_parser_initialize(parser) == 1 else {
      throw UserError(.inputOutput, "the parser cannot start", at: source, mend: "free some memory")
    }
    defer { yaml_parser_delete(parser) }
    let bytes = Array(text.utf8)
    let fault = bytes.withUnsafeBufferPointer { bytes in
      yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
      yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
      return walk(parser)
    }
    if let fault {
      throw UserError(.data, fault.what, at: "\(source):\(fault.line):\(fault.column)", mend: fault.mend)
    }
  }

  private struct Fault {
    let what: String
    let mend: String
    let line: Int
    let column: Int

    init(_ what: String, mend: String, at event: yaml_event_t) {
      self.what = what
      self.mend = mend
      line = Int(event.start_mark.line) + 1
      column = Int(event.start_mark.column) + 1
    }

    /// The fault of a parser that met its own limit of nesting while it looked ahead; `nil` for any other.
    init?(nestingOf parser: yaml_parser_t) {
      guard let problem = parser.problem, String(cString: problem).hasPrefix("Maximum nesting") else { return nil }
      what = Self.nesting
      mend = Self.flatter
      line = Int(parser.problem_mark.line) + 1
      column = Int(parser.problem_mark.column) + 1
    }

    static let nesting = "nested deeper than \(greatestDepth) levels"
    static let flatter = "write it flatter"
  }

  private static func walk(_ parser: UnsafeMutablePointer<yaml_parser_t>) -> Fault? {
    var depth = 0
    var count = 0
    while true {
      var event = yaml_event_t()
      guard yaml_parser_parse(parser, &event) == 1 else { return Fault(nestingOf: parser.pointee) }
      defer { yaml_event_delete(&event) }
      var anchor: UnsafeMutablePointer<yaml_char_t>?
      var tag: UnsafeMutablePointer<yaml_char_t>?
      switch event.type {
      case YAML_STREAM_END_EVENT: return nil
      case YAML_ALIAS_EVENT:
        return Fault("an alias, which such a file cannot have", mend: "write the value out", at: event)
      case YAML_SCALAR_EVENT: (anchor, tag) = (event.data.scalar.anchor, event.data.scalar.tag)
      case YAML_SEQUENCE_START_EVENT:
        (anchor, tag) = (event.data.sequence_start.anchor, event.data.sequence_start.tag)
        depth += 1
      case YAML_MAPPING_START_EVENT:
        (anchor, tag) = (event.data.mapping_start.anchor, event.data.mapping_start.tag)
        depth += 1
      case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT:
        depth -= 1
        continue
      default: continue
      }
      count += 1
      if depth > greatestDepth {
        return Fault(Fault.nesting, mend: Fault.flatter, at: event)
      }
      if count > greatestCount {
        return Fault("more than \(greatestCount) values", mend: "write a shorter text", at: event)
      }
      if anchor != nil {
        return Fault(
          "an anchor, which such a file cannot have", mend: "write the value out where it is used", at: event)
      }
      if tag != nil {
        return Fault("a tag, which such a file cannot have", mend: "leave it out; text stands in quotes", at: event)
      }
    }
  }
}
