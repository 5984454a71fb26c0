import Diagnostics
import Foundation
import Training

extension RunFolder {
  /// Where the time of what comes after the seeds went: figures and report.
  private var timings: URL { url.appendingPathComponent("timings.json") }

  /// Where the time after the seeds went; nil where the run's version did not keep it.
  package func readTimings() -> Timings? {
    (try? Data(contentsOf: timings)).flatMap { try? JSONDecoder().decode(Timings.self, from: $0) }
  }

  /// Keeps where the time after the seeds went.
  ///
  /// - Throws: where the file cannot be written.
  package func write(_ timings: Timings) throws(UserError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    guard let data = try? encoder.encode(timings) else { return }
    try AtomicFile.write(data + Data("\n".utf8), to: self.timings)
  }

  /// Where the time of seeds and what came after them went, all seeds together; nil where a seed does not say.
  package func allTimings(of seeds: [Int]) -> Timings? {
    var all = Timings()
    for seed in seeds {
      guard let own = try? readSeedResult(seed).timings else { return nil }
      all.add(own)
    }
    if let after = readTimings() { all.add(after) }
    return all
  }
}
