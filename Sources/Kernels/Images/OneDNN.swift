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

  /// Why it cannot multiply matrices of bfloat16 numbers on this CPU; nil where it can.
  public static var bfloat16Absence: String? {
    bfloat16Implementation == nil
      ? "oneDNN \(version) has no products of bfloat16 for this processor (\(CPU.name))" : nil
  }

  /// How it multiplies matrices of bfloat16 numbers on this CPU, in its own words, such as `brg:avx512_core_bf16`; nil
  /// where it cannot.
  public static let bfloat16Implementation: String? = {
    var name: UnsafePointer<CChar>?
    guard od_bfloat16_implementation(&name) == 0, let name else { return nil }
    return String(cString: name)
  }()
}
