import AlignmentExperiments
import Diagnostics
import FDTPaper
import Recipes
import Testing

/// Keys of earlier versions fail with what they are called now.
@Suite struct FormerKeyTests {
  @Test func everyFormerKeyNamesItsSuccessor() throws {
    let keys = FDTExperiment().formerKeys
    #expect(!keys.isEmpty)
    for (former, now) in keys {
      let error = #expect(throws: UserError.self) {
        try SmallRuns.catalogue.recipe("fdt/emoji", overrides: ["\(former)=1"])
      }
      #expect(error?.description.contains(now) == true, "\(former): \(error?.description ?? "")")
      #expect(error?.kind == .usage, "\(former)")
    }
  }
}
