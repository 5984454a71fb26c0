import COneDNN
import COpenBLAS
import Foundation

/// Matrix products by OpenBLAS or oneDNN, whichever is faster for the sizes, on the OpenMP pool that both share with our
/// own kernels; OpenBLAS with the kernels that suit this CPU.
public enum BLAS {
  /// The environment variable by which a user names OpenBLAS's kernels, such as `Haswell`.
  public static let coreVariable = "CONCORD_OPENBLAS_CORETYPE"

  /// Chooses OpenBLAS's kernels once, before its first use, by the CPU's own flags.
  ///
  /// OpenBLAS's own variables are set for a whole machine now and then, and then cost half the speed without a word;
  /// and an OpenBLAS older than the CPU may not know it and leave AVX-512 unused. So the choice is made anew here,
  /// and `coreVariable` overrides it.
  static let ready: Void = {
    let wanted = getenv(coreVariable).map { String(cString: $0) }
    let foreign = ["OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"].compactMap { (name: String) in
      getenv(name).map { (name: name, value: String(cString: $0)) }
    }
    for variable in foreign { unsetenv(variable.name) }
    if let wanted { setenv("OPENBLAS_CORETYPE", wanted, 1) }
    if wanted != nil || !foreign.isEmpty { concord_openblas_choose_again() }
    if wanted == nil, CPU.hasAVX512, !["SkylakeX", "Cooperlake", "SapphireRapids"].contains(coreName) {
      setenv("OPENBLAS_CORETYPE", "SkylakeX", 1)
      concord_openblas_choose_again()
    }
    unsetenv("OPENBLAS_CORETYPE")
    for variable in foreign { setenv(variable.name, variable.value, 1) }
  }()

  private static var coreName: String { String(cString: openblas_get_corename()) }

  /// The name of the kernels in use, such as `SkylakeX`.
  public static var core: String {
    ready
    return coreName
  }

  /// OpenBLAS's own description of its version and build.
  public static var configuration: String {
    ready
    return String(cString: openblas_get_config())
  }

  /// The file that OpenBLAS was loaded from.
  public static var file: String? {
    prepare()
    // Line by line: the kernel hands this file out in pieces, of which reading it whole takes the first alone.
    guard let maps = fopen("/proc/self/maps", "r") else { return nil }
    defer { fclose(maps) }
    var line: UnsafeMutablePointer<CChar>?
    var capacity = 0
    defer { free(line) }
    while getline(&line, &capacity, maps) > 0 {
      guard let text = line.map({ String(cString: $0) }), text.contains("libopenblas") else { continue }
      return text.split(whereSeparator: \.isWhitespace).last.map(String.init)
    }
    return nil
  }

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
  ///
  /// - Parameter rounded: whether the factors are rounded to bfloat16 first; sums stay float32, α must be 1 and β 0 or 1.
  public static func multiply(
    m: Int, n: Int, k: Int, alpha: Float = 1,
    _ a: UnsafePointer<Float>, leading aLeading: Int, transposed aTransposed: Bool = false,
    _ b: UnsafePointer<Float>, leading bLeading: Int, transposed bTransposed: Bool = false,
    beta: Float = 0, into c: UnsafeMutablePointer<Float>, leading cLeading: Int, rounded: Bool = false
  ) {
    if rounded, Bfloat16.isWorthwhile(m: m, n: n, k: k) {
      precondition(
        alpha == 1 && (beta == 0 || beta == 1), "BLAS.multiply: α = \(alpha), β = \(beta) of rounded factors")
      let (aRows, aColumns) = aTransposed ? (k, m) : (m, k)
      let (bRows, bColumns) = bTransposed ? (n, k) : (k, n)
      let first = Bfloat16Storage(rounding: a, leading: aLeading, rows: aRows, columns: aColumns)
      let second = Bfloat16Storage(rounding: b, leading: bLeading, rows: bRows, columns: bColumns)
      withExtendedLifetime((first, second)) {
        Bfloat16.multiply(
          m: m, n: n, k: k, first.pointer, leading: aColumns, transposed: aTransposed, second.pointer,
          leading: bColumns, transposed: bTransposed, adding: beta == 1, into: c, leading: cLeading)
      }
      return
    }
    Work.add(2 * m * n * k)
    if prefersOneDNN(m: m, n: n, k: k) {
      let status = od_multiply(
        aTransposed ? 1 : 0, bTransposed ? 1 : 0, Int64(m), Int64(n), Int64(k), alpha, a, Int64(aLeading), b,
        Int64(bLeading), beta, c, Int64(cLeading))
      precondition(status == 0, "BLAS.multiply: \(String(cString: od_message(status))) for [\(m), \(k)] · [\(k), \(n)]")
      return
    }
    ready
    cblas_sgemm(
      CblasRowMajor, aTransposed ? CblasTrans : CblasNoTrans, bTransposed ? CblasTrans : CblasNoTrans,
      blasint(m), blasint(n), blasint(k), alpha, a, blasint(aLeading), b, blasint(bLeading), beta, c,
      blasint(cLeading))
  }

  /// Whether oneDNN's product is the faster one.
  ///
  /// Measured on two AVX-512 cores, in GFLOP/s, oneDNN against OpenBLAS: [8320, 192] · [192, 768] 456 to 389,
  /// [768, 8320] · [8320, 192] 442 to 336, [64, 64] · [64, 6272] 490 to 395, but [64, 512] · [512, 512] 221 to 352 and
  /// [24, 64] · [64, 24] 66 to 153; [400, 768] · [768, 768] 476 to 412, [768, 400] · [400, 768] 462 to 425, but
  /// [400, 3072] · [3072, 768] 379 to 450; on one thread [65, 128] · [128, 512] 226 to 179 and [65, 64] · [64, 65] 130 to
  /// 142.
  private static func prefersOneDNN(m: Int, n: Int, k: Int) -> Bool {
    m * n * k >= 1 << 20
      && (max(m, n) >= 1024 || (min(m, n) >= 128 && k < 1024) || od_has_one_thread() != 0)
  }

  /// Makes sure that the kernels are chosen.
  public static func prepare() { ready }
}
