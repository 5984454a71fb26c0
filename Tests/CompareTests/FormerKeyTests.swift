import AlignmentExperiments
import ComparisonRecipes
import Diagnostics
import Recipes
import Testing

/// Keys of earlier versions fail with what they are called now.
@Suite struct FormerKeyTests {
  @Test func everyFormerKeyNamesItsSuccessor() throws {
    let keys = CompareExperiment().formerKeys
    #expect(!keys.isEmpty)
    for (former, now) in keys {
      let error = #expect(throws: UserError.self) {
        try Album.catalogue.recipe("compare/clip", overrides: ["\(former)=1"])
      }
      #expect(error?.description.contains(now) == true, "\(former): \(error?.description ?? "")")
      #expect(error?.kind == .usage, "\(former)")
    }
  }
}
