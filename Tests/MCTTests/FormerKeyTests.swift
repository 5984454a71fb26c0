import AlignmentExperiments
import Diagnostics
import MCTPaper
import Recipes
import Testing

/// Keys of earlier versions fail with what they are called now.
@Suite struct FormerKeyTests {
  @Test func everyFormerKeyNamesItsSuccessor() throws {
    let keys = MCTExperiment().formerKeys
    #expect(!keys.isEmpty)
    for (former, now) in keys {
      let error = #expect(throws: UserError.self) {
        try SmallRuns.catalogue.recipe("mct/emoji", overrides: ["\(former)=1"])
      }
      #expect(error?.description.contains(now) == true, "\(former): \(error?.description ?? "")")
      #expect(error?.kind == .usage, "\(former)")
    }
  }
}
