import Foundation
import Interchange

/// A folder of everything that can be wrong with what a user gives: recipes, runs, tensors, data.
struct BadInputFolder {
  private let folder: TemporaryFolder

  /// The folder's path.
  var path: String { folder.url.path }

  /// The recipes by name; each has one mistake.
  private static let recipes = [
    "good.yaml": "extends: gmc/digits\ndata: { digits: { source: generated } }\n",
    "key.yaml": "extends: gmc/emoji\ntraining:\n  epochs: 3\n  bachSize: 8\n",
    "place.yaml": "extends: gmc/emoji\nepochs: 3\n",
    "type.yaml": "extends: gmc/emoji\ntraining:\n  epochs: many\n",
    "text.yaml": "extends: gmc/emoji\ndata:\n  emoji:\n    languages: [en, 5]\n",
    "range.yaml": "extends: gmc/emoji\ntraining: { batchSize: 1 }\n",
    "huge.yaml": "extends: gmc/emoji\ntraining: { epochs: 99999999999999999999 }\n",
    "fraction.yaml": "extends: gmc/emoji\nmethod:\n  gmc:\n    headDimensions: [512, 1.5]\n",
    "infinite.yaml": "extends: gmc/emoji\ntraining: { learningRate: 1e999 }\n",
    "choice.yaml": "extends: gmc/emoji\nmethod:\n  name: fussion\n",
    "former.yaml": "extends: gmc/emoji\nmethod:\n  objective: fusion\n",
    "twice.yaml": "extends: gmc/emoji\ntraining: { epochs: 1 }\ntraining: { epochs: 2 }\n",
    "quote.yaml": "extends: gmc/emoji\ntitle: \"no end\n",
    "deep.yaml": "extends: gmc/emoji\nseeds: " + String(repeating: "[", count: 100_000) + "\n",
    "alias.yaml": "extends: &a gmc/emoji\ntitle: *a\n",
    "list.yaml": "- gmc/emoji\n",
    "none.yaml": "title: nothing else\n",
    "circle.yaml": "extends: circle.yaml\n",
    "orphan.yaml": "extends: gmc/emojy\n",
    "seeds.yaml": "extends: gmc/emoji\nseeds: [0, 1, 1]\n",
    "profile.yaml": "extends: gmc/emoji\nprofiles:\n  quick:\n    title: shorter\n",
    "expected.yaml":
      "extends: gmc/emoji\nexpected:\n  - { evaluator: a, subject: b, metric: c, value: 1, tolerance: 1 }\n",
    "empty.yaml": "",
  ]

  static let manifest = """
    {"recipe": "gmc/emoji", "recipeHash": "0123abcd", "overrides": [], "isComparable": true, "seeds": [0], "jobs": 1,
     "threads": 2, "versions": {}, "processor": "one", "memory": 1, "datasetChecksums": {},
     "start": "2026-01-01T00:00:00Z", "ending": "finished"}
    """

  static let result = """
    {"recipe": "gmc/emoji", "title": "A title", "hash": "0123abcd", "seeds": [0], "expected": [], "notes": [],
     "wallSeconds": [1], "datasetChecksums": {}, "scores": [
       {"evaluator": "accuracy", "subject": "image", "metric": "accuracy", "values": [0.5], "mean": 0.5}]}
    """

  init() throws {
    folder = try TemporaryFolder()
    for (name, text) in Self.recipes { _ = try folder.write(text, to: name) }
    try Data([0x74, 0x3a, 0x20, 0xff, 0x0a]).write(to: folder.url.appendingPathComponent("latin.yaml"))
    try makeRuns()
    try makeTensors()
    for name in ["empty", "data"] { try make(name) }
  }

  private func make(_ name: String) throws {
    try FileManager.default.createDirectory(
      at: folder.url.appendingPathComponent(name), withIntermediateDirectories: true)
  }

  private func makeRuns() throws {
    let runs: [(String, [String: String])] = [
      ("unfinished", ["manifest.json": Self.manifest]),
      (
        "manifest",
        ["manifest.json": Self.manifest.replacing("\"jobs\"", with: "\"job\""), "results.json": Self.result]
      ),
      ("cut", ["manifest.json": Self.manifest, "results.json": String(Self.result.dropLast(20))]),
      ("type", ["manifest.json": Self.manifest, "results.json": Self.result.replacing("[1]", with: "\"1\"")]),
      (
        "mean",
        ["manifest.json": Self.manifest, "results.json": Self.result.replacing("\"mean\": 0.5", with: "\"mean\": 0.9")]
      ),
      (
        "log",
        [
          "manifest.json": Self.manifest, "results.json": Self.result,
          "seed-0/metrics.jsonl": "{\"event\":\"finished\",\"time\":{\"seconds\":1}}\n{\"event\":\"step\"}\n",
        ]
      ),
      ("array", ["manifest.json": Self.manifest, "results.json": Self.result, "seed-0/embeddings.npz": "PK"]),
    ]
    for (run, files) in runs {
      try make("\(run)/seed-0")
      for (name, text) in files { _ = try folder.write(text, to: "\(run)/\(name)") }
    }
  }

  private func makeTensors() throws {
    func write(_ data: Data, _ name: String) throws { try data.write(to: folder.url.appendingPathComponent(name)) }
    func file(_ header: String, bytes: Int) -> Data {
      withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) } + Data(header.utf8) + Data(count: bytes)
    }
    let case1 = SafetensorsFile(
      arrays: [
        "in.x": NumericArray([1, 0] as [Float], shape: [1, 2]),
        "in.w": NumericArray([1, 0, 2] as [Float], shape: [1, 3]),
        "out.loss": NumericArray([1] as [Float], shape: []),
      ], metadata: ["case": "sparsemax"])
    try write(case1.encoded(), "shapes.safetensors")
    try write(case1.encoded().dropLast(3), "cut.safetensors")
    try write(Data("hello, tensors".utf8), "text.safetensors")
    try write(
      file(#"{"a":{"dtype":"F32","shape":[1073741824,1073741824],"data_offsets":[0,4611686018427387904]}}"#, bytes: 8),
      "giant.safetensors")
    try write(file(#"{"a":{"dtype":"F4","shape":[1],"data_offsets":[0,8]}}"#, bytes: 8), "type.safetensors")
    try write(SafetensorsFile(arrays: case1.arrays).encoded(), "case.safetensors")
  }
}
