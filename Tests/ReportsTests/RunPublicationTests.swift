import Foundation
import Reports
import Runs
import SampleRuns
import Testing

/// Where a finished run is put.
@Suite struct RunPublicationTests {
  @Test func aPaperIsCalledAsItsResultsOrItsClaimsAre() throws {
    let sample = try SampleRun()
    let run = try sample.finished()
    func place(_ papers: [String], _ existing: String? = nil) throws -> [String] {
      let results = try TemporaryFolder()
      if let existing {
        try FileManager.default.createDirectory(
          at: results.url.appending(path: existing), withIntermediateDirectories: true)
      }
      let written = try RunPublication(of: run, to: results.url, papers: papers).write()
      #expect(FileManager.default.fileExists(atPath: written.appending(path: "results.json").path))
      return Array(written.pathComponents.suffix(2))
    }
    #expect(try place([]) == ["SAMPLE", "small"])
    #expect(try place(["Other", "Sample"]) == ["Sample", "small"])
    #expect(try place(["Sample"], "sAmple") == ["sAmple", "small"])
  }
}
