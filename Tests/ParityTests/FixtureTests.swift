import Foundation
import Interchange
import Parity
import Testing

/// PyTorch's values that are committed, so that a clean clone is held to them.
@Suite struct FixtureTests {
  private static let folder = Bundle.module.bundleURL.appending(path: "Fixtures")

  @Test func everyKnownCaseHasAFixtureAndNoOtherIsThere() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
      .filter { $0.hasSuffix(".safetensors") }
    #expect(files.sorted() == ParityCheck.knownCases.map { "\($0).safetensors" })
  }

  @Test(arguments: ParityCheck.knownCases) func fixtureAgrees(name: String) throws {
    let url = Self.folder.appending(path: "\(name).safetensors")
    let result = try ParityCheck.run(url)
    #expect(result.name == name)
    #expect(result.passes, "\(result.worst) is off by \(result.largestError)")
    // A loss without gradients would say little; moving averages and ranks have neither.
    let hasLoss = result.errors["out.loss"] != nil
    #expect(hasLoss == result.errors.keys.contains { $0.hasPrefix("grad.") })
    #expect(hasLoss || ["vq_ema_step", "grouped_retrieval"].contains(name))
    // A file of zeros would agree with anything that gives zeros.
    for (key, array) in try SafetensorsFile(readingFrom: url).arrays where key.hasPrefix("grad.") {
      #expect(array.floats?.contains { $0 != 0 } == true, "\(key) is zero throughout")
    }
  }
}
