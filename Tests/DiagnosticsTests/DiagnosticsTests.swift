import Diagnostics
import Testing

@Suite struct UserErrorTests {
  @Test func isOneLineOfWhereWhatAndHow() {
    let error = UserError(.data, "unknown key\n`epoch`", at: "mine.yaml:3:1", mend: "did you mean `epochs`?")
    #expect(error.description == "mine.yaml:3:1: unknown key `epoch`; did you mean `epochs`?")
    #expect(UserError(.usage, "no recipe").description == "no recipe")
  }

  @Test func kindsAreExitCodes() {
    let codes = [UserError.Kind.outsideTolerance, .usage, .data, .inputOutput].map(\.rawValue)
    #expect(codes == [1, 64, 65, 74])
  }
}

@Suite struct NearestNameTests {
  @Test func suggestsWhatIsNear() {
    #expect(nearestName(to: "gmc/emoj", among: ["gmc/emoji", "gmc/digits"]) == "gmc/emoji")
    #expect(nearestName(to: "epohcs", among: ["epochs", "seeds"]) == "epochs")
  }

  @Test func suggestsNothingWhereNothingIsNear() {
    #expect(nearestName(to: "banana", among: ["epochs", "seeds"]) == nil)
    #expect(nearestName(to: "epochs", among: [String]()) == nil)
  }

  @Test func takesTheFirstByNameOfEquallyNearOnes() {
    #expect(nearestName(to: "seed", among: ["seedy", "seeds"]) == "seeds")
  }
}
