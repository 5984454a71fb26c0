import Diagnostics
import Foundation

/// Which characters this machine's fonts can show in a picture.
///
/// Where no font has a character, gnuplot's PNG and PDF terminals paint its number in place of it, so large that it covers
/// the whole chart; so such characters are replaced. An SVG keeps them, since its fonts are the viewer's.
enum FontCoverage {
  /// The texts with a box in place of each character that no font has.
  static func drawable(_ texts: [String]) -> [String] {
    let rare = texts.reduce(into: Set<Unicode.Scalar>()) { rare, text in
      for scalar in text.unicodeScalars where !isOrdinary(scalar) { rare.insert(scalar) }
    }
    let missing = rare.filter { !hasFont(for: $0) }
    if missing.isEmpty { return texts }
    return texts.map { text in
      String(String.UnicodeScalarView(text.unicodeScalars.map { missing.contains($0) ? "□" : $0 }))
    }
  }

  /// Whether every sans font that gnuplot may choose has the character: Latin, Greek, Cyrillic, signs and arrows.
  private static func isOrdinary(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x530 || 0x1E00..<0x2C00 ~= scalar.value
  }

  /// Asks fontconfig, by which gnuplot finds its fonts too; without an answer there is no font.
  private static func hasFont(for scalar: Unicode.Scalar) -> Bool {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["fc-list", "-q", ":charset=\(String(scalar.value, radix: 16))"]
    process.environment = ChildEnvironment.own
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }
}
