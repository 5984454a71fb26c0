import Diagnostics
import Foundation

/// Numbers over the steps of a training as TensorBoard reads them: records of TensorFlow with events of one number each.
///
///     record  length (8 bytes), masked CRC of these, an event, masked CRC of it;  mask(c) = (c >>> 15) + 0xA282EAD8
///
/// Equal content gives equal bytes.
public struct EventFile: Equatable, Sendable {
  /// One number.
  public struct Scalar: Equatable, Sendable {
    /// What it is, such as `loss/total`.
    public var tag: String
    /// The step of the training.
    public var step: Int
    /// The number.
    public var value: Float
    /// When it was known, in seconds since 1970.
    public var time: Double

    /// Describes a number.
    public init(_ tag: String, step: Int, value: Float, time: Double) {
      (self.tag, self.step, self.value, self.time) = (tag, step, value, time)
    }
  }

  /// When the training began, in seconds since 1970.
  public var start: Double
  /// The numbers, in the order in which they were known.
  public var scalars: [Scalar]

  /// What the first event says.
  private static let version = "brain.Event:2"

  /// Creates content to be written.
  public init(start: Double, scalars: [Scalar]) { (self.start, self.scalars) = (start, scalars) }

  /// The file's bytes.
  public func encoded() -> Data {
    var data = Data()
    Self.add(to: &data) {
      $0.double(1, start)
      $0.text(3, Self.version)
    }
    for scalar in scalars {
      Self.add(to: &data) { event in
        event.double(1, scalar.time)
        event.integer(2, scalar.step)
        event.message(5) { summary in
          summary.message(1) { value in
            value.text(1, scalar.tag)
            value.float(2, scalar.value)
          }
        }
      }
    }
    return data
  }

  private static func add(to data: inout Data, _ write: (inout ProtocolBufferWriter) -> Void) {
    var event = ProtocolBufferWriter()
    write(&event)
    var length = Data()
    length.append(littleEndian: UInt64(event.data.count))
    data.append(length)
    data.append(littleEndian: masked(length))
    data.append(event.data)
    data.append(littleEndian: masked(event.data))
  }

  private static func masked(_ bytes: Data) -> UInt32 {
    let sum = CRC32C.checksum(bytes)
    return (sum >> 15 | sum << 17) &+ 0xA282_EAD8
  }

  /// Reads what ``encoded()`` has written: events of other kinds are left out.
  ///
  /// - Throws: a `UserError` of kind `data` where a record is cut off, or a sum is wrong.
  public init(data: Data, name place: String = "event data") throws(UserError) {
    func fault(_ what: String) -> UserError { ProtocolBufferReader(data, place: place).fault(what) }
    var rest = data[...]
    func take(_ count: UInt64) throws(UserError) -> Data {
      guard count <= UInt64(rest.count) else { throw fault("ends within a record") }
      defer { rest = rest.dropFirst(Int(count)) }
      return rest.prefix(Int(count))
    }
    func number(_ bytes: Data) -> UInt64 { bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) } }
    func checked(_ count: UInt64) throws(UserError) -> Data {
      let bytes = try take(count)
      guard number(try take(4)) == UInt64(Self.masked(bytes)) else { throw fault("has a record of another sum") }
      return bytes
    }
    self.init(start: 0, scalars: [])
    var isFirst = true
    while !rest.isEmpty {
      let event = try ProtocolBufferReader.fields(of: try checked(number(try checked(8))), place: place)
      func first(_ number: Int) -> ProtocolBufferReader.Field? { event.first { $0.number == number } }
      let time = first(1)?.double ?? 0
      if isFirst {
        guard first(3)?.text == Self.version else { throw fault("does not begin as TensorBoard's files do") }
        (start, isFirst) = (time, false)
        continue
      }
      guard let summary = first(5)?.bytes else { continue }
      for part in try ProtocolBufferReader.fields(of: summary, place: place) where part.number == 1 {
        let fields = try ProtocolBufferReader.fields(of: part.bytes ?? Data(), place: place)
        guard let tag = fields.first(where: { $0.number == 1 })?.text,
          let value = fields.first(where: { $0.number == 2 })?.float
        else { continue }
        scalars.append(Scalar(tag, step: first(2)?.integer ?? 0, value: value, time: time))
      }
    }
    if isFirst { throw fault("has no record") }
  }
}

/// The cyclic redundancy check by Castagnoli's polynomial, as records of TensorFlow have it.
enum CRC32C {
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { sum, _ in sum >> 1 ^ (sum & 1 == 1 ? 0x82F6_3B78 : 0) }
  }

  static func checksum(_ bytes: Data) -> UInt32 {
    ~bytes.reduce(~0) { $0 >> 8 ^ table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] }
  }
}
