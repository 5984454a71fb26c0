/// The random state of a training: named streams of one seed, each at its beginning until something is drawn from it.
///
/// It is the one owner of that state. Whoever draws, be it order, views, dropout or noise, draws from here, so that a
/// checkpoint of it is a checkpoint of all randomness.
public final class RandomStreams {
  /// The seed of the streams.
  public let seed: Int
  /// The streams that were drawn from, where they stand.
  public var positions: [String: RandomStream]

  /// Creates the streams of a seed.
  public init(seed: Int, positions: [String: RandomStream] = [:]) {
    (self.seed, self.positions) = (seed, positions)
  }

  /// The stream of a name.
  public subscript(name: String) -> RandomStream {
    get { positions[name] ?? Self.stream(name, seed: seed) }
    set { positions[name] = newValue }
  }

  /// The stream of a name and a seed at its beginning.
  public static func stream(_ name: String, seed: Int) -> RandomStream {
    RandomStream(seed: UInt64(bitPattern: Int64(seed)), name: name)
  }
}
