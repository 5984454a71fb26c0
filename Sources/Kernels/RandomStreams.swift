/// The random state of a training: named streams of one seed, each at its beginning until something is drawn from it.
///
/// It is the one owner of that state. Whoever draws, be it order, views, dropout or noise, draws from here, so that a
/// checkpoint of it is a checkpoint of all randomness.
public final class RandomStreams {
  /// The seed of the streams.
  public let seed: Int
  /// The streams that were drawn from, where they stand.
  public var positions: [String: RandomStream]
  /// The rows of a batch that whoever draws from these streams has in hand; nil for all.
  public let window: RowWindow?

  /// Creates the streams of a seed.
  ///
  /// - Parameter window: the rows of a batch that they are drawn from for; nil for all.
  public init(seed: Int, positions: [String: RandomStream] = [:], window: RowWindow? = nil) {
    (self.seed, self.positions, self.window) = (seed, positions, window)
  }

  /// The stream of a name.
  public subscript(name: String) -> RandomStream {
    get {
      var stream = positions[name] ?? Self.stream(name, seed: seed)
      stream.window = window
      return stream
    }
    set {
      var stream = newValue
      stream.window = nil
      positions[name] = stream
    }
  }

  /// The stream of a name and a seed at its beginning.
  public static func stream(_ name: String, seed: Int) -> RandomStream {
    RandomStream(seed: UInt64(bitPattern: Int64(seed)), name: name)
  }
}
