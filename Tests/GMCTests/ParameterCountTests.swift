import AlignmentExperiments
import Datasets
import Diagnostics
import GMCPaper
import Recipes
import Testing

@Suite struct ParameterCountTests {
  private func count(_ name: String, overrides: [String] = []) throws -> Int {
    let settings = try SmallRuns.catalogue.recipe(
      name,
      overrides: [
        "data.digits.source=generated", "data.digits.trainingPairs=2", "data.digits.validationPairs=1",
        "data.digits.testPairs=1",
      ] + overrides
    ).settings(as: AlignmentSettings.self)
    return try GMCExperiment().parameterCount(
      settings: settings, dataset: try DigitsDataset.load(settings.digits))
  }

  @Test func digitsHaveTheOfficialCount() throws {
    #expect(try count("gmc/digits") == 2_884_224)
  }

  @Test func partsAddUp() throws {
    // The label costs its projector, 10 · 64 + 64, and 10 · 64 weights of the joint one.
    let plain = try count("gmc/digits-no-label")
    #expect(plain == 2_884_224 - 704 - 640)
    // A head is 64 → 512 → 512 → 64; the joint encoder and each of three modalities have one.
    let head = 64 * 512 + 512 + 512 * 512 + 512 + 512 * 64 + 64
    #expect(try count("gmc/digits-unshared-head") == plain + 3 * head)
    #expect(try count("gmc/digits-joint-negatives") == plain)
    // Fusion has no encoders of single modalities, and the classifier 64 → 10.
    let single = 533_568 + 345_152 + 398_400
    #expect(try count("gmc/digits-fusion") == plain - single + 64 * 10 + 10)
  }

  @Test func unknownModalitiesAreNamed() {
    let error = #expect(throws: UserError.self) {
      try count("gmc/digits", overrides: ["data.modalities=[image, smell]"])
    }
    #expect(error?.place == "data.modalities")
  }
}
