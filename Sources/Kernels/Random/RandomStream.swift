/// A named, counter-based source of random numbers: its whole state is a key and a position.
///
/// Number `i` of a stream is SplitMix64's finaliser applied to `key + i · γ` (Steele, Lea, Flood, OOPSLA 2014), so
/// streams of the same seed and other names do not depend on one another, and a stream resumes from its position.
public struct RandomStream: RandomNumberGenerator, Codable, Equatable, Sendable {
  /// Selects the sequence; derived from seed and name.
  public let key: UInt64
  /// How many 64-bit numbers have been drawn.
  public var position: UInt64
  /// The rows of a batch that numbers are taken for; nil for all. It is no part of the state that a checkpoint keeps.
  public var window: RowWindow?

  private enum CodingKeys: String, CodingKey { case key, position }

  /// Creates the stream `name` of `seed`, at its beginning.
  public init(seed: UInt64, name: String) {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325  // FNV-1a, the same on every machine and run
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    key = Self.mix(Self.mix(seed &+ 0x9e37_79b9_7f4a_7c15) ^ hash)
    position = 0
  }

  /// A stream of a known key at some position.
  package init(key: UInt64, position: UInt64) { (self.key, self.position) = (key, position) }

  /// SplitMix64's finaliser: a bijection whose output bits each depend on every input bit.
  @inlinable static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// The next 64 random bits.
  @inlinable public mutating func next() -> UInt64 {
    position &+= 1
    return Self.mix(key &+ position &* 0x9e37_79b9_7f4a_7c15)
  }

  /// Takes numbers for rows of a batch, each row as many.
  ///
  /// Within a ``window`` the stream moves on by the numbers of the whole batch, so that a row has the same ones whichever
  /// other rows are in hand.
  ///
  /// - Parameter count: how many numbers the rows in hand have together.
  /// - Returns: the position from which they lie, one after another.
  public mutating func take(_ count: Int) -> UInt64 {
    guard let window else {
      defer { position &+= UInt64(count) }
      return position
    }
    precondition(
      count % window.rows.count == 0,
      "RandomStream.take: \(count) numbers are not as many for each of \(window.rows.count) rows")
    let each = UInt64(count / window.rows.count)
    defer { position &+= each &* UInt64(window.total) }
    return position &+ each &* UInt64(window.rows.lowerBound)
  }

  /// A number uniform in [0, 1), a multiple of 2⁻²⁴.
  @inlinable public mutating func uniform() -> Float {
    Float(next() >> 40) * 0x1p-24
  }

  /// A whole number uniform in `0..<bound`, without bias.
  @inlinable public mutating func below(_ bound: Int) -> Int {
    precondition(bound > 0, "RandomStream.below: the bound must be positive, not \(bound)")
    return Int(next(upperBound: UInt64(bound)))
  }

  /// A random order of `0..<count` (Fisher–Yates).
  public mutating func permutation(of count: Int) -> [Int] {
    var order = Array(0..<count)
    for i in stride(from: count - 1, to: 0, by: -1) { order.swapAt(i, below(i + 1)) }
    return order
  }
}
