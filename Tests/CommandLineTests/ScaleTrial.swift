import Foundation

/// What suites whose names begin with `Scale` have in common: they are small in `make test` and large in `make scale-test`.
enum ScaleTrial {
  /// Whether `make scale-test` runs.
  static let isLarge = ProcessInfo.processInfo.environment["CONCORD_SCALE"] == "1"
}
