/// The zero rows and columns that a sliding window sees around an image.
public struct ImagePadding: Hashable, Sendable {
  /// Rows above the image.
  public let top: Int
  /// Rows below the image.
  public let bottom: Int
  /// Columns left of the image.
  public let left: Int
  /// Columns right of the image.
  public let right: Int

  /// No padding at all.
  public static let none = ImagePadding(vertical: 0, horizontal: 0)

  /// Creates a padding side by side.
  public init(top: Int, bottom: Int, left: Int, right: Int) {
    precondition(
      min(top, bottom, left, right) >= 0,
      "ImagePadding: top \(top), bottom \(bottom), left \(left), right \(right) must not be negative")
    self.top = top
    self.bottom = bottom
    self.left = left
    self.right = right
  }

  /// Creates a padding with equal rows above and below and equal columns left and right.
  public init(vertical: Int, horizontal: Int) {
    self.init(top: vertical, bottom: vertical, left: horizontal, right: horizontal)
  }

  /// Creates a padding with the same width on all four sides.
  public init(_ width: Int) {
    self.init(vertical: width, horizontal: width)
  }
}
