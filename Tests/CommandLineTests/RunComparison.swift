import Foundation

/// A run that was disturbed, held against one that was not: all must be equal but dates and wall times.
struct RunComparison {
  let reference: URL
  let files: FaultTrial.RunFiles
  /// The seeds that both have.
  var seeds = 0...1

  /// What differs, is missing or is too much.
  var faults: [String] {
    guard files.all.count == 1, let run = files.all.first else { return ["\(files.all.count) run folders"] }
    var faults: [String] = []
    for seed in seeds {
      for name in ["checkpoint.safetensors", "embeddings.npz", "class-names.json"] {
        if !isSame("seed-\(seed)/\(name)", in: run, { $0 }) { faults.append("seed-\(seed)/\(name) differs") }
      }
      if !isSame("seed-\(seed)/metrics.jsonl", in: run, Self.withoutTimes) {
        faults.append("seed-\(seed)/metrics.jsonl differs")
      }
    }
    for name in ["results.json"] + seeds.map({ "seed-\($0)/scores.json" })
    where !isSame(name, in: run, Self.withoutWallSeconds) { faults.append("\(name) differs") }
    if !files.text("manifest.json").contains("\"ending\" : \"finished\"") {
      faults.append("the manifest is not finished")
    }
    if !files.has("report.md") { faults.append("there is no report") }
    let all = FileManager.default.enumerator(atPath: run.path)?.compactMap { $0 as? String } ?? []
    let left = all.filter { $0.hasSuffix(".concord-part") || $0.hasSuffix("-state.safetensors") }
    if !left.isEmpty { faults.append("left over: \(left.joined(separator: ", "))") }
    if files.hasDraft { faults.append("the folder of a run that had not begun is left over") }
    let figures = all.filter { $0.hasPrefix("figures/") }
    for script in figures.filter({ $0.hasSuffix(".gnuplot") }).map({ $0.dropLast(8) }) {
      for format in ["svg", "png"] where !figures.contains("\(script).\(format)") {
        faults.append("\(script).\(format) is missing")
      }
    }
    return faults.map { "\(run.path): \($0)" }
  }

  /// Files that are not whole after a process was ended.
  static func halfFiles(_ files: FaultTrial.RunFiles) -> [String] {
    ["manifest.json", "results.json", "seed-0/scores.json", "seed-1/scores.json"].filter { name in
      files.has(name) && (try? JSONSerialization.jsonObject(with: Data(files.text(name).utf8))) == nil
    }.map { "\($0) is half written" }
  }

  private func isSame(_ name: String, in run: URL, _ essence: (Data) -> Data) -> Bool {
    guard let one = try? Data(contentsOf: reference.appendingPathComponent(name)),
      let other = try? Data(contentsOf: run.appendingPathComponent(name))
    else { return false }
    return essence(one) == essence(other)
  }

  private static func withoutTimes(_ log: Data) -> Data {
    Data(String(decoding: log, as: UTF8.self).replacing(/"time":\{[^}]*\}/, with: "").utf8)
  }

  /// Results without what a machine's load decides: the wall seconds, their parts, the waiting and the peak of memory by seed.
  private static func withoutWallSeconds(_ results: Data) -> Data {
    let text = String(decoding: results, as: UTF8.self)
    let bare = text.replacing(/"timings" : \{[^\]]*\]\s*\},?/, with: "")
    return Data(bare.replacing(/"(wallSeconds|peakMemory|waiting)" : (\[[^\]]*\]|[0-9.e-]+),?\s*/, with: "").utf8)
  }
}
