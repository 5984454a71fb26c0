/// The names of the files with which an experiment hands its representations to the figures.
///
/// `embeddings.npz` in the seed's folder holds one float32 array `[items, dimensions]` per representation, under its
/// name (`image`, `sound`, …, `complete`), and the integer array `labels` of `[items]`. `class-names.json` beside it
/// is an array of strings, indexed by label.
public enum EmbeddingsFile {
  /// The name of the file of representations.
  public static let name = "embeddings.npz"
  /// The name of the array of labels inside it.
  public static let labels = "labels"
  /// The name of the file of class names.
  public static let classNames = "class-names.json"
}
