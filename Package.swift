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

let swift: [SwiftSetting] = [.treatAllWarnings(as: .error), .enableUpcomingFeature("MemberImportVisibility")]
// What is tested is optimised; the tests themselves are not, which saves about 40 % of the time that they take to compile.
let tests: [SwiftSetting] = swift + [.unsafeFlags(["-Onone"])]
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
    // Opens Open MPI at run time, so that nothing of it is needed to build or to start.
    .target(name: "CMessagePassing", cSettings: c),
    .target(
      name: "CGnuplot", cxxSettings: [.unsafeFlags(["-O2", "-Wall", "-Werror", "-std=c++17"])],
      linkerSettings: [
        .linkedLibrary("boost_iostreams"), .linkedLibrary("boost_system"), .linkedLibrary("boost_filesystem"),
      ]),

    .target(name: "Diagnostics", swiftSettings: swift),
    .target(
      name: "Kernels", dependencies: ["COpenBLAS", "COneDNN", "CKernels", "Diagnostics"], swiftSettings: swift,
      linkerSettings: openBLAS),
    .target(
      name: "Teams", dependencies: ["CMessagePassing", "Diagnostics", "Kernels"], swiftSettings: swift),
    .target(name: "Autograd", dependencies: ["Kernels"], swiftSettings: swift),
    .target(name: "Graphs", dependencies: ["Diagnostics"], swiftSettings: swift),
    .target(name: "Layers", dependencies: ["Kernels", "Autograd", "Graphs", "Teams"], swiftSettings: swift),
    .target(name: "Objectives", dependencies: ["Kernels", "Autograd", "Graphs", "Layers"], swiftSettings: swift),
    .target(
      name: "TextGeneration", dependencies: ["Options", "Kernels", "Autograd", "Layers"], swiftSettings: swift),
    .target(
      name: "StrictYAML", dependencies: ["Diagnostics", .product(name: "Yams", package: "Yams")],
      swiftSettings: swift),
    .target(
      name: "Datasets",
      dependencies: [
        "CFreeType", "CHarfBuzz", "CSndFile", "CZlib", "CImageCodecs", "Diagnostics", "Options", "Kernels",
        "StrictYAML", "Interchange",
      ], resources: [.copy("Datasets.docc"), .copy("Entities"), .copy("Templates")], swiftSettings: swift),
    .target(name: "Interchange", dependencies: ["CZlib", "Diagnostics", "Graphs"], swiftSettings: swift),
    .target(name: "Evaluation", dependencies: ["Diagnostics", "Kernels", "Autograd", "Layers"], swiftSettings: swift),
    .target(name: "Figures", dependencies: ["CGnuplot", "Diagnostics"], swiftSettings: swift),
    .target(
      name: "Recipes", dependencies: ["Diagnostics", "StrictYAML"], resources: [.copy("Recipes.docc")],
      swiftSettings: swift),
    .target(
      name: "Training",
      dependencies: ["Diagnostics", "Kernels", "Teams", "Autograd", "Layers", "StrictYAML", "Interchange"],
      swiftSettings: swift),
    .target(
      name: "Runs",
      dependencies: [
        "Diagnostics", "Kernels", "Teams", "StrictYAML", "Interchange", "Evaluation", "Recipes", "Training",
      ],
      resources: [.copy("Runs.docc")], swiftSettings: swift),
    .target(
      name: "Reports",
      dependencies: [
        "Diagnostics", "Kernels", "StrictYAML", "Interchange", "Evaluation", "Figures", "Recipes", "Training", "Runs",
      ], swiftSettings: swift),
    .target(
      name: "Search",
      dependencies: [
        "Diagnostics", "Kernels", "Graphs", "Layers", "StrictYAML", "Datasets", "Interchange", "Evaluation", "Figures",
        "TextGeneration", "Recipes", "Training", "Runs", "Reports", "Methods", "Pretrained",
      ], swiftSettings: swift),
    .target(
      name: "Encoders",
      dependencies: [
        "Diagnostics", "Options", "Kernels", "Autograd", "Graphs", "Layers", "Objectives", "Datasets", "Interchange",
        "Pretrained",
      ],
      swiftSettings: swift),
    .target(
      name: "Decoders",
      dependencies: ["Diagnostics", "Options", "Kernels", "Autograd", "Layers", "Objectives", "Datasets", "Encoders"],
      swiftSettings: swift),
    .target(
      name: "Claims",
      dependencies: ["Diagnostics", "StrictYAML", "Evaluation", "Recipes", "Training", "Runs", "Reports"],
      swiftSettings: swift),
    .target(
      name: "Comparison",
      dependencies: [
        "Diagnostics", "Kernels", "StrictYAML", "Evaluation", "Figures", "Recipes", "Training", "Runs", "Reports",
      ],
      resources: [.copy("Suites")], swiftSettings: swift),
    .target(
      name: "Parity",
      dependencies: [
        "Diagnostics", "Kernels", "Autograd", "Layers", "Objectives", "Reinforcement", "TextGeneration", "Interchange",
        "Datasets", "Evaluation", "Pretrained",
      ],
      swiftSettings: swift),
    .target(
      name: "Pretrained",
      dependencies: ["Diagnostics", "Kernels", "Autograd", "Graphs", "Layers", "Interchange", "Datasets"],
      swiftSettings: swift),
    .target(name: "Options", dependencies: ["Diagnostics"], swiftSettings: swift),
    .target(
      name: "Reinforcement", dependencies: ["Options", "Kernels", "Autograd", "Layers", "Objectives"],
      swiftSettings: swift),
    .target(
      name: "Methods",
      dependencies: [
        "Diagnostics", "Options", "Kernels", "Teams", "Autograd", "Graphs", "Layers", "Objectives", "TextGeneration",
        "Datasets", "Encoders", "Decoders",
      ],
      resources: [.copy("Methods.docc")], swiftSettings: swift),
    .target(
      name: "Evaluators",
      dependencies: [
        "Diagnostics", "Options", "Kernels", "Autograd", "Layers", "Objectives", "Datasets", "Interchange",
        "Evaluation", "TextGeneration", "Encoders", "Decoders", "Methods", "Reinforcement", "Training", "Runs",
      ], resources: [.copy("Prompts"), .copy("Evaluators.docc")], swiftSettings: swift),
    .target(
      name: "AlignmentExperiments",
      dependencies: [
        "Diagnostics", "Options", "Kernels", "Teams", "Autograd", "Graphs", "Layers", "StrictYAML", "Datasets",
        "Interchange", "Pretrained",
        "Evaluation", "TextGeneration", "Encoders", "Methods", "Evaluators", "Recipes", "Training", "Runs", "Search",
      ], resources: [.copy("AlignmentExperiments.docc")], swiftSettings: swift),
    .target(
      name: "GMCPaper", dependencies: ["AlignmentExperiments"], path: "Experiments/GMC",
      resources: [.copy("Recipes")], swiftSettings: swift),
    .target(
      name: "MCTPaper",
      dependencies: [
        "AlignmentExperiments", "Diagnostics", "Autograd", "Kernels", "Layers", "Objectives", "Datasets", "Methods",
        "Recipes", "Training", "Runs",
      ], path: "Experiments/MCT", resources: [.copy("Recipes")], swiftSettings: swift),
    .target(
      name: "FDTPaper", dependencies: ["AlignmentExperiments"], path: "Experiments/FDT",
      resources: [.copy("Recipes")], swiftSettings: swift),
    .target(
      name: "DistilPaper", dependencies: ["AlignmentExperiments"], path: "Experiments/Distil",
      resources: [.copy("Recipes")], swiftSettings: swift),
    .target(
      name: "BLIPPaper", dependencies: ["AlignmentExperiments"], path: "Experiments/BLIP",
      resources: [.copy("Recipes")], swiftSettings: swift),
    .target(
      name: "TunePaper", dependencies: ["AlignmentExperiments"], path: "Experiments/Tune",
      resources: [.copy("Recipes")], swiftSettings: swift),
    .target(
      name: "CaptionPaper", dependencies: ["AlignmentExperiments"], path: "Experiments/Caption",
      resources: [.copy("Recipes")], swiftSettings: swift),
    .target(
      name: "ViLBERTPaper", dependencies: ["AlignmentExperiments"], path: "Experiments/ViLBERT",
      resources: [.copy("Recipes")], swiftSettings: swift),
    .target(
      name: "PrefixPaper", dependencies: ["AlignmentExperiments"], path: "Experiments/Prefix",
      resources: [.copy("Recipes")], swiftSettings: swift),
    .target(
      name: "ComparisonRecipes", dependencies: ["AlignmentExperiments"], path: "Experiments/Compare",
      resources: [.copy("Recipes")], swiftSettings: swift),
    .target(
      name: "Benchmark",
      dependencies: [
        "Diagnostics", "Options", "Kernels", "Autograd", "Graphs", "Layers", "Objectives", "Datasets", "Figures",
        "Training", "Runs", "Encoders", "Methods", "AlignmentExperiments",
      ],
      swiftSettings: swift),
    .executableTarget(
      name: "concord",
      dependencies: [
        "Diagnostics", "Options", "Kernels", "Teams", "Autograd", "StrictYAML", "Datasets", "Interchange", "Figures",
        "TextGeneration", "Recipes", "Training", "Runs",
        "Reports", "Search", "Claims", "Comparison", "Parity", "Pretrained", "Benchmark", "Methods", "Evaluators",
        "AlignmentExperiments", "GMCPaper", "MCTPaper", "FDTPaper", "DistilPaper", "TunePaper",
        "CaptionPaper", "BLIPPaper", "ViLBERTPaper", "PrefixPaper", "ComparisonRecipes",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: swift),

    .target(name: "FileMutation", dependencies: ["Diagnostics"], path: "Tests/FileMutation", swiftSettings: swift),
    .testTarget(name: "DiagnosticsTests", dependencies: ["Diagnostics"], swiftSettings: tests),
    .testTarget(
      name: "KernelsTests", dependencies: ["CKernels", "Diagnostics", "Kernels", "Interchange"],
      resources: [.copy("Fixtures")], swiftSettings: tests),
    .target(
      name: "CMessagePassingCheck", dependencies: ["CMessagePassing"], path: "Tests/CMessagePassingCheck", cSettings: c),
    .testTarget(
      name: "TeamsTests", dependencies: ["CMessagePassingCheck", "Kernels", "Teams"], swiftSettings: tests),
    .target(
      name: "SampleTensors", dependencies: ["Kernels", "Autograd"], path: "Tests/SampleTensors", swiftSettings: swift),
    .testTarget(name: "AutogradTests", dependencies: ["Kernels", "Autograd", "SampleTensors"], swiftSettings: tests),
    .target(
      name: "ModuleGradients", dependencies: ["Kernels", "Autograd", "Layers", "SampleTensors"],
      path: "Tests/ModuleGradients", swiftSettings: swift),
    .testTarget(
      name: "LayersTests", dependencies: ["Kernels", "Autograd", "Layers", "ModuleGradients", "SampleTensors"],
      swiftSettings: tests),
    .testTarget(
      name: "ObjectivesTests", dependencies: ["Kernels", "Autograd", "Layers", "Objectives", "SampleTensors"],
      swiftSettings: tests),
    .testTarget(
      name: "MethodsTests",
      dependencies: [
        "Diagnostics", "Options", "Kernels", "Autograd", "Layers", "Objectives", "TextGeneration", "Datasets",
        "Interchange", "Encoders", "Decoders", "Methods", "ModuleGradients", "SampleTensors",
      ],
      swiftSettings: tests),
    .testTarget(
      name: "ReinforcementTests", dependencies: ["Options", "Kernels", "Autograd", "Layers", "Reinforcement"],
      swiftSettings: tests),
    .testTarget(
      name: "TextGenerationTests",
      dependencies: ["Options", "Kernels", "Autograd", "Layers", "TextGeneration", "ModuleGradients", "SampleTensors"],
      swiftSettings: tests),
    .testTarget(name: "OptionsTests", dependencies: ["Diagnostics", "Options"], swiftSettings: tests),
    .testTarget(
      name: "EvaluatorsTests",
      dependencies: [
        "Diagnostics", "Options", "Kernels", "Autograd", "Layers", "Objectives", "Datasets", "Encoders", "Training",
        "Methods", "Evaluation", "Evaluators", "SampleTensors",
      ], swiftSettings: tests),
    .target(
      name: "GraphInterpretation", dependencies: ["Graphs"], path: "Tests/GraphInterpretation", swiftSettings: swift),
    .testTarget(
      name: "AlignmentExperimentsTests",
      dependencies: [
        "Diagnostics", "Options", "Kernels", "Autograd", "Graphs", "Layers", "Objectives", "StrictYAML", "Datasets",
        "Interchange", "Encoders", "Methods", "Pretrained", "Training", "Search", "AlignmentExperiments",
        "GraphInterpretation",
      ], swiftSettings: tests),
    .target(name: "CSampleJPEG", path: "Tests/CSampleJPEG", cSettings: c, linkerSettings: [.linkedLibrary("jpeg")]),
    .target(
      name: "SampleFolders", dependencies: ["CSndFile", "Kernels", "Datasets", "Interchange", "CSampleJPEG"],
      path: "Tests/SampleFolders", swiftSettings: swift),
    .testTarget(name: "StrictYAMLTests", dependencies: ["Diagnostics", "StrictYAML"], swiftSettings: tests),
    .testTarget(
      name: "DatasetsTests",
      dependencies: ["Diagnostics", "Options", "Kernels", "Datasets", "Interchange", "FileMutation", "SampleFolders"],
      swiftSettings: tests),
    .testTarget(name: "EvaluationTests", dependencies: ["Diagnostics", "Kernels", "Evaluation"], swiftSettings: tests),
    .testTarget(
      name: "InterchangeTests", dependencies: ["Diagnostics", "Graphs", "Interchange", "FileMutation"],
      swiftSettings: tests),
    .testTarget(name: "FiguresTests", dependencies: ["Diagnostics", "Figures"], swiftSettings: tests),
    .target(
      name: "SampleRuns", dependencies: ["Diagnostics", "Interchange", "Recipes", "Training", "Runs"],
      path: "Tests/SampleRuns", swiftSettings: swift),
    .testTarget(
      name: "RecipesTests", dependencies: ["Diagnostics", "StrictYAML", "Recipes", "FileMutation", "SampleRuns"],
      swiftSettings: tests
    ),
    .testTarget(
      name: "TrainingTests",
      dependencies: [
        "Diagnostics", "Kernels", "Autograd", "Layers", "Objectives", "StrictYAML", "Interchange", "Training",
        "SampleRuns",
      ], swiftSettings: tests),
    .testTarget(
      name: "RunsTests",
      dependencies: [
        "Diagnostics", "StrictYAML", "Interchange", "Evaluation", "Recipes", "Training", "Runs", "Reports",
        "FileMutation",
        "SampleRuns",
      ], swiftSettings: tests),
    .testTarget(
      name: "ReportsTests",
      dependencies: [
        "Diagnostics", "Interchange", "Figures", "Recipes", "StrictYAML", "Training", "Runs", "Reports", "SampleRuns",
      ],
      swiftSettings: tests),
    .testTarget(
      name: "SearchTests",
      dependencies: ["Diagnostics", "Kernels", "StrictYAML", "Datasets", "Methods", "Search", "SampleRuns"],
      swiftSettings: tests),
    .testTarget(
      name: "ClaimsTests", dependencies: ["Diagnostics", "StrictYAML", "Evaluation", "Runs", "Claims"],
      swiftSettings: tests),
    .testTarget(
      name: "ComparisonTests",
      dependencies: [
        "Diagnostics", "StrictYAML", "Interchange", "Evaluation", "Recipes", "Training", "Runs", "Reports",
        "Comparison",
      ],
      swiftSettings: tests),
    .testTarget(
      name: "ParityTests",
      dependencies: ["Diagnostics", "Datasets", "Interchange", "Kernels", "Parity", "Pretrained", "FileMutation"],
      resources: [.copy("Fixtures"), .copy("Pretrained")], swiftSettings: tests),
    .testTarget(
      name: "GMCTests",
      dependencies: [
        "Diagnostics", "Options", "Kernels", "Objectives", "Datasets", "Interchange", "Recipes", "Training", "Runs",
        "Search", "Methods", "AlignmentExperiments", "GMCPaper", "FileMutation", "SampleFolders",
      ], swiftSettings: tests),
    .testTarget(name: "BenchmarkTests", dependencies: ["Kernels", "Autograd", "Benchmark"], swiftSettings: tests),
    .testTarget(
      name: "CommandLineTests",
      dependencies: [
        "Diagnostics", "Kernels", "Datasets", "Interchange", "Recipes", "Training", "Runs", "Comparison", "FDTPaper",
        "CaptionPaper", "BLIPPaper", "PrefixPaper", "ComparisonRecipes", "concord",
        "SampleFolders",
      ], exclude: ["Snapshots"], swiftSettings: tests),
    .testTarget(
      name: "MCTTests",
      dependencies: [
        "Diagnostics", "Options", "Kernels", "Objectives", "Datasets", "Interchange", "Recipes", "Training", "Runs",
        "Search", "Encoders", "Methods", "AlignmentExperiments", "MCTPaper", "SampleFolders",
        "SampleTensors",
      ], swiftSettings: tests),
    .testTarget(
      name: "CompareTests",
      dependencies: [
        "Diagnostics", "Options", "Kernels", "Autograd", "Layers", "Datasets", "Encoders", "Interchange", "Methods",
        "Recipes", "Training", "Evaluation", "Evaluators", "Runs", "Search", "Pretrained", "Claims",
        "AlignmentExperiments",
        "GMCPaper", "MCTPaper", "FDTPaper", "CaptionPaper", "BLIPPaper", "ViLBERTPaper", "PrefixPaper", "TunePaper",
        "DistilPaper",
        "ComparisonRecipes", "SampleFolders", "SampleTensors",
      ], swiftSettings: tests),
    .testTarget(
      name: "BLIPTests",
      dependencies: [
        "Diagnostics", "Options", "Kernels", "Datasets", "Methods", "Recipes", "Training", "Runs",
        "AlignmentExperiments", "BLIPPaper",
      ], swiftSettings: tests),
    .testTarget(
      name: "FDTTests",
      dependencies: [
        "Diagnostics", "Options", "Kernels", "Autograd", "Objectives", "Datasets", "Encoders", "Interchange", "Methods",
        "Recipes", "Training", "Runs", "Search", "AlignmentExperiments", "FDTPaper", "SampleFolders",
        "SampleTensors",
      ], swiftSettings: tests),
    .testTarget(
      name: "ViLBERTTests",
      dependencies: [
        "Diagnostics", "Options", "Kernels", "Datasets", "Methods", "Recipes", "Training", "Runs",
        "AlignmentExperiments", "ViLBERTPaper", "SampleFolders",
      ], swiftSettings: tests),
  ],
  swiftLanguageModes: [.v6]
)
