import Foundation

/// What the processor can do, as far as choosing kernels needs it.
public enum CPU {
  /// The flags the operating system reports for the first processor.
  private static let flags: Set<Substring> = {
    guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8) else { return [] }
    for line in text.split(separator: "\n") where line.hasPrefix("flags") || line.hasPrefix("Features") {
      return Set(line.drop { $0 != ":" }.dropFirst().split(separator: " "))
    }
    return []
  }()

  /// The processor's name as the operating system reports it.
  public static let name: String = {
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
    return line?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown"
  }()

  /// Whether the AVX-512 subsets that OpenBLAS's SkylakeX kernels need are present.
  public static let hasAVX512 = ["avx512f", "avx512dq", "avx512bw", "avx512vl", "avx512cd"].allSatisfy {
    flags.contains(Substring($0))
  }

  /// Whether AVX2 and fused multiply-add are present.
  public static let hasAVX2 = flags.contains("avx2") && flags.contains("fma")

  /// The widest instruction set in use, for reports.
  public static var instructionSet: String { hasAVX512 ? "AVX-512" : hasAVX2 ? "AVX2" : "baseline" }
}
