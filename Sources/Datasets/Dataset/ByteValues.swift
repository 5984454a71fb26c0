/// What bytes of pictures stand for.
enum ByteValues {
  /// The 255th of each byte.
  static let values = (0...255).map { Float($0) / 255 }
}
