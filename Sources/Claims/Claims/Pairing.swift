/// How runs of two results are held against each other.
public enum Pairing: String, CaseIterable, Sendable {
  /// Runs of one seed belong together.
  case paired
  /// Runs have nothing in common, whatever their seeds.
  case independent
}
