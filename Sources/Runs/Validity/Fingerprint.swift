import Diagnostics

/// The bits that a program computes for a recipe, in digests: what a training of at most two steps comes to, and its
/// evaluation on a few observations. Two programs of one fingerprint compute the same for the recipe, whatever else of
/// them differs.
///
/// The seed is 0 and the fold is the first, so that all seeds and folds of a recipe share one. A later part contains what
/// the earlier ones do: of other losses the parameters differ too.
public struct Fingerprint: Codable, Equatable, Sendable {
  /// The losses of the steps, every term of them.
  public let losses: String
  /// What the steps have made of parameters and buffers, queues and twins among them.
  public let parameters: String
  /// The scores that evaluators give these parameters, with their names.
  public let scores: String

  /// Puts digests together.
  public init(losses: String, parameters: String, scores: String) {
    (self.losses, self.parameters, self.scores) = (losses, parameters, scores)
  }

  /// Which part is the first that is not as in an earlier fingerprint, in words; nil where all are the same.
  public func change(since earlier: Fingerprint) -> String? {
    if losses != earlier.losses { return "the losses of its first steps are computed otherwise" }
    if parameters != earlier.parameters { return "its first steps change the parameters otherwise" }
    if scores != earlier.scores { return "its evaluation is computed otherwise" }
    return nil
  }

  /// The first 16 hexadecimal digits of a digest.
  public static func text(of digest: SHA256) -> String { String(digest.hexDigest.prefix(16)) }
}
