import Foundation
import Kernels

/// The versions that a manifest names.
enum Version {
  /// The version of Concord.
  static let concord = "0.1.0"

  /// The Swift compiler the program was built with.
  static var swift: String {
    #if compiler(>=6.5)
      "6.5 or later"
    #elseif compiler(>=6.4)
      "6.4"
    #elseif compiler(>=6.3)
      "6.3"
    #else
      "6.2"
    #endif
  }

  /// Concord, compiler and libraries by name, and the BLAS core in use.
  static var all: [String: String] {
    [
      "Concord": concord, "Swift": swift, "OpenBLAS": BLAS.configuration,
      "OpenBLAS core": BLAS.core, "OpenBLAS threads": BLAS.pool,
      "oneDNN": "\(OneDNN.version), \(OneDNN.instructionSet)",
      "bfloat16": OneDNN.bfloat16Implementation ?? "not on this processor",
      "system": ProcessInfo.processInfo.operatingSystemVersionString,
    ]
  }
}
