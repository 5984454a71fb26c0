import Foundation

extension String {
  /// Unicode's composed form (NFC), the same for all texts that are canonically equivalent.
  var canonicallyComposed: String {
    // Foundation leaves a syllable and a jamo behind it as they are, so everything is taken apart first.
    utf8.allSatisfy { $0 < 0x80 }
      ? self : decomposedStringWithCanonicalMapping.precomposedStringWithCanonicalMapping
  }
}
