import Diagnostics

/// What the header of an npy file says, a Python dictionary of three entries.
struct NumpyHeader {
  /// The type of the numbers.
  let type: ElementType
  /// Whether a number's highest byte comes first.
  let isBigEndian: Bool
  /// Whether the first index runs fastest.
  let isFortranOrder: Bool
  /// The extents.
  let shape: [Int]

  /// Reads a header.
  init(_ bytes: [UInt8], place: String) throws(UserError) {
    var cursor = HeaderCursor(bytes, place: place)
    var description: String?
    var fortran: Bool?
    var extents: [Int]?
    try cursor.expect("{")
    while !cursor.take("}") {
      let key = try cursor.pythonString()
      try cursor.expect(":")
      switch key {
      case "descr" where description == nil:
        if cursor.peek() == UInt8(ascii: "[") { throw Self.unknownType("a record", place: place) }
        description = try cursor.pythonString()
      case "fortran_order" where fortran == nil:
        let word = cursor.word()
        guard word == "True" || word == "False" else { throw cursor.fault("fortran_order is neither True nor False") }
        fortran = word == "True"
      case "shape" where extents == nil: extents = try cursor.tuple()
      default: throw cursor.fault("header has a second or unknown entry '\(key)'")
      }
      if !cursor.take(",") {
        try cursor.expect("}")
        break
      }
    }
    if cursor.peek() != nil { throw cursor.fault("header goes on after its end") }
    guard let description, let fortran, let extents else {
      throw cursor.fault("header lacks descr, fortran_order or shape")
    }
    guard let order = description.first, "<>|=".contains(order),
      let type = ElementType.allCases.first(where: { $0.numpyCode == String(description.dropFirst()) }),
      order != "|" || type.byteCount == 1
    else { throw Self.unknownType("'\(description)'", place: place) }
    self.type = type
    isBigEndian = order == ">"
    isFortranOrder = fortran
    shape = extents
  }

  private static func unknownType(_ name: String, place: String) -> UserError {
    UserError(
      .data, "holds numbers of the unknown type \(name)", at: place,
      mend: "save it with a plain type such as float32 or int64")
  }
}

extension HeaderCursor {
  /// Takes a string in single or double quotes.
  fileprivate mutating func pythonString() throws(UserError) -> String {
    try string(quote: peek() == UInt8(ascii: "\"") ? "\"" : "'")
  }

  /// Takes a tuple of whole numbers.
  fileprivate mutating func tuple() throws(UserError) -> [Int] {
    try expect("(")
    var counts: [Int] = []
    while !take(")") {
      counts.append(try count())
      if !take(",") {
        try expect(")")
        break
      }
    }
    return counts
  }
}
