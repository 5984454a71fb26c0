import Diagnostics
import Foundation
import Recipes
import SampleRuns
import StrictYAML
import Testing

@Suite struct RecipeTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try folder.write(
      """
      title: A base
      experiment: sample
      seeds: [0, 1]
      data: { imageSize: 48 }
      training:
        epochs: 4
      profiles:
        quick: { training: { epochs: 2 }, seeds: [0] }
      expected:
        - { evaluator: accuracy, subject: image, metric: accuracy, value: 97.5, tolerance: 1.5, source: "Table 1" }
      """, to: "base.yaml")
    try folder.write(
      """
      title: "A child: smaller"
      extends: sample/base
      training: { learningRate: 1, optimiser: "no" }
      profiles:
        quick:
          data: { limit: 7 }
      """, to: "child.yaml")
  }

  /// The error of resolving a recipe with this text.
  func error(of text: String, profile: String? = nil, overrides: [String] = []) throws -> UserError? {
    try folder.write("experiment: sample\n" + text, to: "wrong.yaml")
    do {
      _ = try folder.catalogue.recipe("sample/wrong", profile: profile, overrides: overrides)
      return nil
    } catch {
      return error
    }
  }

  @Test func layersGoOneOverAnother() throws {
    let plain = try folder.catalogue.recipe("sample/child")
    let settings = try plain.settings(as: SampleExperiment.Settings.self)
    #expect(settings.data.imageSize == 48)
    #expect(settings.training.epochs == 4)
    #expect(settings.training.learningRate == 1)
    #expect(settings.training.optimiser == "no")
    #expect(settings.data.limit == nil)
    #expect(plain.seeds == [0, 1])
    #expect(plain.title == "A child: smaller")
    #expect(plain.expected.isEmpty)

    let quick = try folder.catalogue.recipe(
      "sample/child", profile: "quick", overrides: ["training.epochs=3", "seeds=[5]", "method.weights.sound=2"])
    let quickSettings = try quick.settings(as: SampleExperiment.Settings.self)
    #expect(quickSettings.training.epochs == 3)
    #expect(quickSettings.data.limit == 7)
    #expect(quickSettings.method.weights == ["image": 1, "sound": 2])
    #expect(quick.seeds == [5])
    #expect(!quick.isComparable)
    #expect(try folder.catalogue.recipe("sample/base", overrides: ["seeds=[3]"]).isComparable)
    #expect(try folder.catalogue.recipe("sample/base").expected.map(\.value) == [97.5])
  }

  @Test func everyValueHasAnOrigin() throws {
    let recipe = try folder.catalogue.recipe("sample/child", profile: "quick", overrides: ["method.temperature=0.2"])
    #expect("\(recipe.origin(of: "data.set"))" == "default")
    #expect("\(recipe.origin(of: "data.imageSize"))" == "sample/base.yaml:4")
    #expect("\(recipe.origin(of: "training.learningRate"))" == "sample/child.yaml:3")
    #expect("\(recipe.origin(of: "training.epochs"))" == "profile quick")
    #expect("\(recipe.origin(of: "data.limit"))" == "profile quick")
    #expect("\(recipe.origin(of: "method.temperature"))" == "command line")
  }

  @Test func theShownRecipeNamesOrigins() throws {
    let recipe = try folder.catalogue.recipe("sample/child", overrides: ["data.languages=[no, en]"])
    #expect(
      recipe.yamlWithOrigins == """
        title: "A child: smaller"
        experiment: sample
        seeds: [0, 1]          # sample/base.yaml:3
        threads: null          # default
        data:
          set: emoji           # default
          imageSize: 48        # sample/base.yaml:4
          languages: [no, en]  # command line
          limit: null          # default
        method:
          temperature: 0.1     # default
          weights:
            image: 1.0         # default
        training:
          epochs: 4            # sample/base.yaml:6
          learningRate: 1.0    # sample/child.yaml:3
          optimiser: no        # sample/child.yaml:3
          shuffle: true        # default
          augmentation: null   # default

        """)
  }

  @Test func theResolvedRecipeReadsBackAsItself() throws {
    let recipe = try folder.catalogue.recipe(
      "sample/base", profile: "quick",
      overrides: ["training.augmentation={flip: true}", "training.optimiser=\"a: b # c\"", "threads=2"])
    try folder.write(recipe.yaml, to: "resolved.yaml")
    let again = try folder.catalogue.recipe(folder.url.appendingPathComponent("resolved.yaml").path)
    #expect(again.content == recipe.content)
    #expect(again.hash == recipe.hash)
    #expect(again.expected == recipe.expected)
    #expect(again.threads == 2)
  }

  @Test func anotherSeedIsAsItsOverrideMakesIt() throws {
    let overridden = try folder.catalogue.recipe("sample/child", overrides: ["seeds=[3]"])
    let reseeded = try folder.catalogue.recipe("sample/child").reseeded(3)
    #expect(reseeded.hash == overridden.hash && reseeded.overrides == overridden.overrides)
    #expect(reseeded.yamlWithOrigins == overridden.yamlWithOrigins)
  }

  @Test func theHashIsOfWhatMakesTheResult() throws {
    let base = try folder.catalogue.recipe("sample/base")
    #expect(base.hash.count == 8)
    let canonical = """
      {"data":{"imageSize":48,"languages":["en","ko"],"limit":null,"set":"emoji"},"experiment":"sample",\
      "method":{"temperature":0.1,"weights":{"image":1.0}},"seeds":[0,1],"threads":null,\
      "training":{"augmentation":null,"epochs":4,"learningRate":0.001,"optimiser":"adam","shuffle":true}}
      """
    #expect(base.content.canonicalJSON == canonical)
    // Keys with the experiment's own values take no part, so that further ones leave the hash as it is.
    let decisive = """
      {"data":{"imageSize":48},"experiment":"sample","seeds":[0,1],"threads":null,"training":{"epochs":4}}
      """
    #expect(base.hash == String(SHA256.hexDigest(of: decisive.utf8).prefix(8)))
    try folder.write(
      """
      # The same in other words.
      training: {epochs: 4.0}
      data:
        imageSize: 0b
      """.replacingOccurrences(of: "0b", with: "48") + "\nexperiment: sample\nseeds:\n- 0\n- 1\n", to: "same.yaml")
    #expect(try folder.catalogue.recipe("sample/same").hash == base.hash)
    #expect(try folder.catalogue.recipe("sample/base", overrides: ["training.epochs=5"]).hash != base.hash)
  }

  @Test(arguments: [
    (
      "training:\n  epoch: 3\n",
      "sample/wrong.yaml:3:3: unknown key `training.epoch`; did you mean `training.epochs`?"
    ),
    ("trainin: {epochs: 3}\n", "sample/wrong.yaml:2:1: unknown key `trainin`; did you mean `training`?"),
    ("epochs: 3\n", "sample/wrong.yaml:2:1: unknown key `epochs`; did you mean `training.epochs`?"),
    (
      "method: {banana: 1}\n",
      "sample/wrong.yaml:2:10: unknown key `method.banana`; the keys here are temperature, weights"
    ),
    (
      "training: {augmentation: {flip: true, flop: true}}\n",
      "sample/wrong.yaml:2:45: unknown key `training.augmentation.flop`; did you mean `flip`?"
    ),
    ("training: {augmentation: {}}\n", "sample/wrong.yaml:2:26: `training.augmentation.flip` is missing"),
    (
      "training: {epochs: three}\n",
      "sample/wrong.yaml:2:20: `training.epochs` must be a whole number, not `three`"
    ),
    ("training: {epochs: 1.5}\n", "sample/wrong.yaml:2:20: `training.epochs` must be a whole number, not `1.5`"),
    ("training: {epochs: null}\n", "sample/wrong.yaml:2:20: `training.epochs` must be a whole number, not null"),
    ("training: {epochs: 0}\n", "sample/wrong.yaml:2:20: `training.epochs` must be at least 1"),
    ("training: {shuffle: yes}\n", "sample/wrong.yaml:2:21: `training.shuffle` must be true or false, not `yes`"),
    (
      "training: {optimiser: 3}\n",
      "sample/wrong.yaml:2:23: `training.optimiser` must be text, not a whole number; put it in quotes"
    ),
    ("training: {learningRate: .nan}\n", "sample/wrong.yaml:2:26: `training.learningRate` must be finite, not `.nan`"),
    (
      "training: 3\n",
      "sample/wrong.yaml:2:11: `training` must be a section, not a whole number; its keys are epochs, learningRate, "
        + "optimiser, shuffle, augmentation"
    ),
    ("data: {limit: many}\n", "sample/wrong.yaml:2:15: `data.limit` must be a whole number, not `many`"),
    (
      "data: {languages: [en, 3]}\n",
      "sample/wrong.yaml:2:19: every item of `data.languages` must be text, not `[en, 3]`"
    ),
    ("data: {set: emojis}\n", "sample/wrong.yaml:2:13: `data.set` cannot be `emojis`; did you mean `emoji`?"),
    (
      "data: {set: photographs}\n",
      "sample/wrong.yaml:2:13: `data.set` cannot be `photographs`; choose one of emoji, digits"
    ),
    ("seeds: []\n", "sample/wrong.yaml:2:8: `seeds` is empty; for example [0, 1, 2]"),
    ("seeds: [0, 0]\n", "sample/wrong.yaml:2:8: seed 0 stands twice in `seeds`"),
    ("seeds: [-1]\n", "sample/wrong.yaml:2:8: `seeds` must be whole numbers from 0, not `-1`"),
    ("threads: 0\n", "sample/wrong.yaml:2:10: `threads` must be a whole number from 1 to 1024, not `0`"),
    (
      "profiles: {quick: {training: {epoch: 1}}}\n",
      "sample/wrong.yaml:2:31: unknown key `training.epoch`; did you mean `training.epochs`?"
    ),
    (
      "profiles: {quick: {title: x}}\n",
      "sample/wrong.yaml:2:20: a profile cannot set `title`; move it out of the profile"
    ),
    (
      "expected: [{evaluator: a, subjec: b}]\n",
      "sample/wrong.yaml:2:27: unknown key `subjec` of an expected value; did you mean `subject`?"
    ),
    (
      "expected: [{evaluator: a, subject: b, metric: c, source: d}]\n",
      "sample/wrong.yaml:2:12: an expected value lacks `value`"
    ),
    ("extends: sample/bas\n", "sample/wrong.yaml:2:10: there is no recipe `sample/bas`; did you mean `sample/base`?"),
    ("data: {imageSize: 1}\ndata: {}\n", "sample/wrong.yaml:2:1: `data` stands twice in one section; keep one"),
    (
      "data: &a {imageSize: 1}\ntraining: *b\n",
      "sample/wrong.yaml:2:7: an anchor, which such a file cannot have; write the value out where it is used"
    ),
    (
      "method: {temperature: 1e300}\n",
      "sample/wrong.yaml:2:23: `method.temperature` cannot be `1e+300`"
    ),
    (
      "data: [1\n",
      "sample/wrong.yaml:3:1: not YAML: did not find expected ',' or ']'; look for a missing quote, bracket or space there or before"
    ),
  ]) func aMistakeIsNamedWithItsPlace(text: String, message: String) throws {
    let error = try error(of: text)
    #expect(error?.description == message)
    #expect(error?.kind == .data)
  }

  @Test(arguments: [
    ("seeds", "`seeds`: an override is written key=value; for example seeds=[0,1,2]"),
    ("=3", "`=3`: `` is not a dotted key; for example training.epochs=5"),
    (
      "training..epochs=3",
      "`training..epochs=3`: `training..epochs` is not a dotted key; for example training.epochs=5"
    ),
    ("training.epoch=3", "`training.epoch=3`: unknown key `training.epoch`; did you mean `training.epochs`?"),
    ("training.epochs=x", "`training.epochs=x`: `training.epochs` must be a whole number, not `x`"),
    ("training.epochs=0", "`training.epochs=0`: `training.epochs` must be at least 1"),
    ("data.limit=x", "`data.limit=x`: `data.limit` must be a whole number, not `x`"),
    (
      "data.languages=[en",
      "`data.languages=[en`: the value is not YAML: did not find expected ',' or ']'; quote it for the shell as it is"
    ),
    ("title=x", "`title=x`: `title` cannot be overridden; write a recipe of your own"),
  ]) func aWrongOverrideIsAUsageError(override: String, message: String) throws {
    let error = try error(of: "", overrides: [override])
    #expect(error?.description == message)
    #expect(error?.kind == .usage)
  }

  @Test func anUnknownProfileIsNamed() throws {
    #expect(
      try error(of: "profiles: {quick: {}}\n", profile: "quik")?.description
        == "the recipe sample/wrong has no profile `quik`; did you mean `quick`?")
    #expect(try error(of: "", profile: "quick")?.kind == .usage)
  }

  @Test func aCircleOfParentsIsRefused() throws {
    try folder.write("extends: sample/b\n", to: "a.yaml")
    try folder.write("extends: sample/c\n", to: "b.yaml")
    try folder.write("\nextends: sample/a\n", to: "c.yaml")
    let error = #expect(throws: UserError.self) { try folder.catalogue.recipe("sample/a") }
    #expect(
      error?.description == """
        sample/c.yaml:2:10: the recipe extends itself: sample/a → sample/b → sample/c → sample/a; remove one `extends`
        """)
  }

  @Test func aFileOfOnesOwnMayExtendTheCatalogueOrAFileBesideIt() throws {
    let own = try TemporaryFolder()
    try own.write("extends: sample/base\ntraining: {epochs: 9}\n", to: "mine.yaml")
    try own.write("extends: mine.yaml\nseeds: [8]\n", to: "yours.yaml")
    let path = own.url.appendingPathComponent("yours.yaml").path
    let recipe = try folder.catalogue.recipe(path)
    #expect(try recipe.settings(as: SampleExperiment.Settings.self).training.epochs == 9)
    #expect(recipe.seeds == [8])
    #expect("\(recipe.origin(of: "seeds"))" == "\(path):2")

    let missing = #expect(throws: UserError.self) { try folder.catalogue.recipe("nowhere.yaml") }
    #expect(missing?.kind == .inputOutput)
  }

  @Test func theCatalogueListsRecipesAndSuggestsNames() throws {
    let entries = try folder.catalogue.entries()
    #expect(entries.map(\.name) == ["sample/base", "sample/child"])
    #expect(entries.map(\.title) == ["A base", "A child: smaller"])
    #expect(entries.map(\.profiles) == [["quick"], ["quick"]])
    let typo = #expect(throws: UserError.self) { try folder.catalogue.recipe("sample/bsae") }
    #expect(typo?.description == "there is no recipe `sample/bsae`; did you mean `sample/base`?")
    #expect(typo?.kind == .usage)
  }
}
