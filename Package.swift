// swift-tools-version: 6.2
import PackageDescription

#if arch(arm64)
  let libraryFolder = "/usr/lib/aarch64-linux-gnu"
  let processorFlags: [String] = []
#else
  let libraryFolder = "/usr/lib/x86_64-linux-gnu"
  // Clang takes half-width vectors for AVX-512 unless told otherwise.
  let processorFlags = ["-mprefer-vector-width=512"]
#endif

// Debian prefers OpenBLAS's pthread build where both are installed; Concord needs the OpenMP build, whose threads
// oneDNN and our own kernels share. An old-style RPATH also covers what LAPACKE loads.
let openBLASFolder = "\(libraryFolder)/openblas-openmp"
let openBLAS: [LinkerSetting] = [
  .unsafeFlags([
    "-L\(openBLASFolder)", "-Xlinker", "-rpath", "-Xlinker", openBLASFolder, "-Xlinker", "--disable-new-dtags",
  ]),
  .linkedLibrary("openblas"),
  .linkedLibrary("lapacke"),
  .linkedLibrary("gomp"),
]

let swift: [SwiftSetting] = [.treatAllWarnings(as: .error)]
let c: [CSetting] = [.unsafeFlags(["-O3", "-Wall", "-Werror"])]

let package = Package(
  name: "Concord",
  products: [.executable(name: "concord", targets: ["concord"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    .systemLibrary(name: "COpenBLAS", path: "Sources/COpenBLAS"),
    .systemLibrary(name: "CFreeType", path: "Sources/CFreeType", pkgConfig: "freetype2"),
    .systemLibrary(name: "CHarfBuzz", path: "Sources/CHarfBuzz", pkgConfig: "harfbuzz"),
    .systemLibrary(name: "CSndFile", path: "Sources/CSndFile", pkgConfig: "sndfile"),
    .systemLibrary(name: "CZlib", path: "Sources/CZlib", pkgConfig: "zlib"),
    .target(
      name: "CImageCodecs", cSettings: c, linkerSettings: [.linkedLibrary("png"), .linkedLibrary("jpeg")]),
    .target(name: "COneDNN", cSettings: c, linkerSettings: [.linkedLibrary("dnnl")]),
    .target(
      name: "CKernels",
      cSettings: [.unsafeFlags(["-O3", "-Wall", "-Werror", "-fno-math-errno"] + processorFlags)],
      linkerSettings: [.linkedLibrary("gomp")]),
    .target(
      name: "CGnuplot", cxxSettings: [.unsafeFlags(["-O2", "-Wall", "-Werror", "-std=c++17"])],
      linkerSettings: [
        .linkedLibrary("boost_iostreams"), .linkedLibrary("boost_system"), .linkedLibrary("boost_filesystem"),
      ]),

    .target(name: "Diagnostics", swiftSettings: swift),
    .target(
      name: "Kernels", dependencies: ["Diagnostics", "CKernels", "COpenBLAS", "COneDNN"], swiftSettings: swift,
      linkerSettings: openBLAS),
    .target(name: "Autograd", dependencies: ["Kernels"], swiftSettings: swift),
    .target(name: "Layers", dependencies: ["Autograd"], swiftSettings: swift),
    .target(name: "Objectives", dependencies: ["Layers"], swiftSettings: swift),
    .target(
      name: "StrictYAML", dependencies: ["Diagnostics", .product(name: "Yams", package: "Yams")],
      swiftSettings: swift),
    .target(
      name: "Datasets",
      dependencies: [
        "CKernels", "Diagnostics", "Kernels", "Interchange", "StrictYAML", "CFreeType", "CHarfBuzz", "CImageCodecs",
        "CSndFile", "CZlib",
      ], swiftSettings: swift),
    .target(name: "Interchange", dependencies: ["Diagnostics", "CZlib"], swiftSettings: swift),
    .target(name: "Evaluation", dependencies: ["Layers", "Diagnostics"], swiftSettings: swift),
    .target(name: "Figures", dependencies: ["Diagnostics", "CGnuplot"], swiftSettings: swift),
    .target(
      name: "Harness",
      dependencies: [
        "Diagnostics", "StrictYAML", "Interchange", "Figures", "Kernels", "Autograd", "Layers", "Evaluation",
        "Datasets",
      ], swiftSettings: swift),
    .target(
      name: "Encoders", dependencies: ["Objectives", "Datasets", "Kernels", "Layers"], swiftSettings: swift),
    .target(
      name: "Claims", dependencies: ["Diagnostics", "StrictYAML", "Harness"], swiftSettings: swift),
    .target(
      name: "Comparison",
      dependencies: ["Diagnostics", "StrictYAML", "Evaluation", "Figures", "Harness", "Kernels"],
      resources: [.copy("Suites")], swiftSettings: swift),
    .target(name: "Parity", dependencies: ["Objectives", "Interchange", "Diagnostics"], swiftSettings: swift),
    .target(
      name: "GMC", dependencies: ["Objectives", "Datasets", "Encoders", "Evaluation", "Harness", "Interchange"],
      path: "Experiments/GMC",
      resources: [.copy("Recipes")], swiftSettings: swift),
    .target(
      name: "Benchmark",
      dependencies: [
        "Objectives", "CKernels", "Datasets", "Encoders", "Figures", "GMC", "Harness", "Kernels", "Layers",
      ],
      swiftSettings: swift),
    .target(
      name: "MCT", dependencies: ["Objectives", "Datasets", "Evaluation", "Harness", "Interchange"],
      path: "Experiments/MCT",
      resources: [.copy("Recipes")], swiftSettings: swift),
    .target(
      name: "FDT", dependencies: ["Objectives", "Datasets", "Encoders", "Evaluation", "Harness", "Interchange"],
      path: "Experiments/FDT",
      resources: [.copy("Recipes"), .copy("Prompts")], swiftSettings: swift),
    .target(
      name: "Compare", dependencies: ["Objectives", "Datasets", "Encoders", "Evaluation", "Harness", "Interchange"],
      path: "Experiments/Compare",
      resources: [.copy("Recipes")], swiftSettings: swift),
    .executableTarget(
      name: "concord",
      dependencies: [
        "GMC", "MCT", "FDT", "Compare", "Benchmark", "Claims", "Comparison", "Parity", "Harness", "Datasets", "Figures",
        "Kernels",
        "Diagnostics",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: swift),

    .target(name: "FileMutation", dependencies: ["Diagnostics"], path: "Tests/FileMutation", swiftSettings: swift),
    .testTarget(name: "DiagnosticsTests", dependencies: ["Diagnostics"], swiftSettings: swift),
    .testTarget(name: "KernelsTests", dependencies: ["Kernels", "CKernels"], swiftSettings: swift),
    .testTarget(name: "AutogradTests", dependencies: ["Autograd"], swiftSettings: swift),
    .testTarget(name: "LayersTests", dependencies: ["Layers"], swiftSettings: swift),
    .testTarget(name: "ObjectivesTests", dependencies: ["Objectives"], swiftSettings: swift),
    .target(name: "CSampleJPEG", path: "Tests/CSampleJPEG", cSettings: c, linkerSettings: [.linkedLibrary("jpeg")]),
    .target(
      name: "SampleFolders", dependencies: ["CSampleJPEG", "CSndFile", "Datasets", "Interchange", "Kernels"],
      path: "Tests/SampleFolders", swiftSettings: swift),
    .testTarget(name: "StrictYAMLTests", dependencies: ["StrictYAML", "Diagnostics"], swiftSettings: swift),
    .testTarget(
      name: "DatasetsTests",
      dependencies: ["Datasets", "Diagnostics", "FileMutation", "Interchange", "Kernels", "SampleFolders"],
      swiftSettings: swift),
    .testTarget(name: "EvaluationTests", dependencies: ["Evaluation", "Kernels"], swiftSettings: swift),
    .testTarget(
      name: "InterchangeTests", dependencies: ["Interchange", "Diagnostics", "FileMutation"], swiftSettings: swift),
    .testTarget(name: "FiguresTests", dependencies: ["Figures", "CGnuplot", "Diagnostics"], swiftSettings: swift),
    .testTarget(
      name: "HarnessTests", dependencies: ["Objectives", "Datasets", "Harness", "Interchange", "FileMutation"],
      swiftSettings: swift),
    .testTarget(name: "ClaimsTests", dependencies: ["Claims", "Diagnostics", "Harness"], swiftSettings: swift),
    .testTarget(
      name: "ComparisonTests", dependencies: ["Comparison", "Diagnostics", "Evaluation", "Harness", "Interchange"],
      swiftSettings: swift),
    .testTarget(
      name: "ParityTests", dependencies: ["Parity", "Diagnostics", "Interchange", "FileMutation"], swiftSettings: swift),
    .testTarget(name: "GMCTests", dependencies: ["GMC", "SampleFolders", "FileMutation"], swiftSettings: swift),
    .testTarget(name: "BenchmarkTests", dependencies: ["Benchmark"], swiftSettings: swift),
    .testTarget(
      name: "CommandLineTests", dependencies: ["concord", "FDT", "Harness", "SampleFolders"], swiftSettings: swift),
    .testTarget(name: "MCTTests", dependencies: ["MCT", "Interchange", "Kernels"], swiftSettings: swift),
    .testTarget(name: "CompareTests", dependencies: ["Compare", "Kernels"], swiftSettings: swift),
    .testTarget(name: "FDTTests", dependencies: ["FDT", "Encoders", "SampleFolders"], swiftSettings: swift),
  ],
  swiftLanguageModes: [.v6]
)
