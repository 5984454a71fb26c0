import Diagnostics

/// What the JSON header of a safetensors file says: the metadata, and where each array lies.
///
/// A strict reader of just this grammar, because a general JSON reader lets duplicate keys pass.
struct SafetensorsHeader {
  /// One array's type, shape and bytes, counted from the end of the header.
  struct Entry {
    let name: String
    let type: ElementType
    let shape: [Int]
    let range: Range<Int>
  }

  /// The string map under `__metadata__`.
  private(set) var metadata: [String: String] = [:]
  /// The arrays in the order of their bytes, which they cover without gap or overlap.
  private(set) var entries: [Entry] = []

  private var cursor: HeaderCursor

  /// Reads a header whose arrays must fill exactly `dataCount` bytes.
  init(_ bytes: [UInt8], dataCount: Int, place: String) throws(UserError) {
    cursor = HeaderCursor(bytes, place: place)
    var names: Set<String> = []
    try readObject { (header, name) throws(UserError) in
      if !names.insert(name).inserted { throw header.cursor.fault("header names '\(name)' twice") }
      if name == "__metadata__" {
        try header.readMetadata()
      } else {
        try header.readEntry(name)
      }
    }
    if cursor.peek() != nil { throw cursor.fault("header goes on after its end") }
    entries.sort { ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound) }
    var end = 0
    for entry in entries {
      if entry.range.upperBound > dataCount { throw cursor.fault("array '\(entry.name)' ends beyond the file") }
      if entry.range.lowerBound < end { throw cursor.fault("array '\(entry.name)' overlaps the one before it") }
      if entry.range.lowerBound > end { throw cursor.fault("bytes before array '\(entry.name)' belong to none") }
      end = entry.range.upperBound
    }
    if end != dataCount { throw cursor.fault("\(dataCount - end) bytes at the end belong to no array") }
  }

  /// Takes an object; `member` takes each value after its key.
  private mutating func readObject(
    _ member: (inout SafetensorsHeader, String) throws(UserError) -> Void
  ) throws(UserError) {
    try cursor.expect("{")
    if cursor.take("}") { return }
    repeat {
      let key = try cursor.string()
      try cursor.expect(":")
      try member(&self, key)
    } while cursor.take(",")
    try cursor.expect("}")
  }

  private mutating func readMetadata() throws(UserError) {
    try readObject { (header, key) throws(UserError) in
      let value = try header.cursor.string()
      if header.metadata.updateValue(value, forKey: key) != nil {
        throw header.cursor.fault("metadata names '\(key)' twice")
      }
    }
  }

  private mutating func readEntry(_ name: String) throws(UserError) {
    var type: ElementType?
    var shape: [Int]?
    var offsets: [Int]?
    try readObject { (header, key) throws(UserError) in
      switch key {
      case "dtype" where type == nil:
        let code = try header.cursor.string()
        guard let known = ElementType(rawValue: code) else {
          let known = ElementType.allCases.map(\.rawValue).joined(separator: ", ")
          throw UserError(
            .data, "array '\(name)' has the unknown type '\(code)'", at: header.cursor.place,
            mend: "store it as one of \(known)")
        }
        type = known
      case "shape" where shape == nil: shape = try header.readCounts(of: name)
      case "data_offsets" where offsets == nil: offsets = try header.readCounts(of: name)
      default: throw header.cursor.fault("array '\(name)' has a second or unknown field '\(key)'")
      }
    }
    guard let type, let shape, let offsets, offsets.count == 2 else {
      throw cursor.fault("array '\(name)' lacks its dtype, its shape or its two data_offsets")
    }
    guard offsets[0] <= offsets[1] else { throw cursor.fault("array '\(name)' ends before it begins") }
    guard let count = shape.elementCount, (shape + [type.byteCount]).elementCount != nil else {
      throw cursor.fault("array '\(name)' has the impossible shape \(shape)")
    }
    guard count * type.byteCount == offsets[1] - offsets[0] else {
      throw cursor.fault(
        "array '\(name)' of shape \(shape) and type \(type.rawValue) needs \(count * type.byteCount) bytes "
          + "but has \(offsets[1] - offsets[0])")
    }
    entries.append(Entry(name: name, type: type, shape: shape, range: offsets[0]..<offsets[1]))
  }

  private mutating func readCounts(of name: String) throws(UserError) -> [Int] {
    try cursor.expect("[")
    if cursor.take("]") { return [] }
    var counts: [Int] = []
    repeat { counts.append(try cursor.count()) } while cursor.take(",")
    try cursor.expect("]")
    return counts
  }
}
