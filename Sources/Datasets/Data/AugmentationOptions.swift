import Diagnostics
import Options

/// How training items are changed: the section `augmentation`.
public struct AugmentationOptions: Codable, Equatable, Sendable {
  /// Whether the pictures of methods that contrast modalities are.
  public var isOn = false
  /// How.
  public var image = ImageAugmentation.Options()
  /// How the two views of a picture are made for methods that contrast pictures with pictures.
  public var view = ImageAugmentation.Options()
  /// The names of classes, in any labelling, whose views are never flipped.
  public var neverFlipped: [String] = []
  /// How the two views of a caption are made for methods that contrast captions with captions.
  public var caption = CaptionAugmentation.Options()

  /// The defaults.
  public init() {}

  /// Checks that the numbers make sense.
  ///
  /// - Throws: an error whose place is the key below `augmentation`.
  public func validate() throws(UserError) {
    func check(_ section: String, _ validate: () throws(UserError) -> Void) throws(UserError) {
      do {
        try validate()
      } catch {
        throw UserError(error.kind, error.what, at: "\(section).\(error.place ?? "")", mend: error.mend)
      }
    }
    try check("image", image.validate)
    try check("view", view.validate)
    try check("caption", caption.validate)
  }
}
