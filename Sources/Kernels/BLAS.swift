import COpenBLAS
import Foundation

/// OpenBLAS with the kernels that suit this CPU, on the OpenMP pool that oneDNN and our own kernels share.
public enum BLAS {
  /// Chooses OpenBLAS's kernels once, before its first use: Debian's OpenBLAS does not know newer CPUs and falls back
  /// to kernels without AVX-512, at half the speed.
  static let ready: Void = {
    guard getenv("OPENBLAS_CORETYPE") == nil else { return }
    guard CPU.hasAVX512, coreName != "SkylakeX", coreName != "Cooperlake", coreName != "SapphireRapids" else { return }
    setenv("OPENBLAS_CORETYPE", "SkylakeX", 1)
    concord_openblas_choose_again()
    unsetenv("OPENBLAS_CORETYPE")
  }()

  private static var coreName: String { String(cString: openblas_get_corename()) }

  /// The name of the kernels in use, such as `SkylakeX`.
  public static var core: String {
    ready
    return coreName
  }

  /// OpenBLAS's own description of its version and build.
  public static var configuration: String { String(cString: openblas_get_config()) }

  /// How OpenBLAS runs its threads: `OpenMP`, `pthreads` or `sequential`.
  public static var pool: String {
    switch openblas_get_parallel() {
    case 2: "OpenMP"
    case 1: "pthreads"
    default: "sequential"
    }
  }

  /// `C = α · op(A) · op(B) + β · C` for row-major matrices with leading dimensions.
  ///
  /// Shapes: `op(A)` is `[m, k]`, `op(B)` is `[k, n]`, `C` is `[m, n]`.
  @inlinable public static func multiply(
    m: Int, n: Int, k: Int, alpha: Float = 1,
    _ a: UnsafePointer<Float>, leading aLeading: Int, transposed aTransposed: Bool = false,
    _ b: UnsafePointer<Float>, leading bLeading: Int, transposed bTransposed: Bool = false,
    beta: Float = 0, into c: UnsafeMutablePointer<Float>, leading cLeading: Int
  ) {
    prepare()
    cblas_sgemm(
      CblasRowMajor, aTransposed ? CblasTrans : CblasNoTrans, bTransposed ? CblasTrans : CblasNoTrans,
      blasint(m), blasint(n), blasint(k), alpha, a, blasint(aLeading), b, blasint(bLeading), beta, c,
      blasint(cLeading))
  }

  /// Makes sure that the kernels are chosen.
  public static func prepare() { ready }
}
