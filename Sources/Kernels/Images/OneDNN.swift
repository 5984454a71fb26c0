import COneDNN

/// The library behind convolution, pooling and batch normalisation, as reports name it.
public enum OneDNN {
  /// The version at run time, such as `2.6.3`.
  public static var version: String {
    var (major, minor, patch): (Int32, Int32, Int32) = (0, 0, 0)
    od_version(&major, &minor, &patch)
    return "\(major).\(minor).\(patch)"
  }

  /// The widest instruction set it uses on this CPU: `AVX-512`, `AVX2` or `baseline`.
  public static var instructionSet: String { String(cString: od_instruction_set()) }
}
