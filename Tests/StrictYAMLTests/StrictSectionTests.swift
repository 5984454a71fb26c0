import Diagnostics
import StrictYAML
import Testing

struct StrictSectionTests {
  private enum Fruit: String, CaseIterable { case apple, pear }

  private let text = """
    name: 7
    count: 3
    share: 0.5
    isOn: true
    fruit: pear
    list: [a, 2]
    nothing: null
    inner:
      kont: 1
    """

  private let keys = ["name", "count", "share", "isOn", "fruit", "list", "nothing", "inner"]

  private func section() throws -> StrictSection {
    try StrictSection(LocatedValue.parse(text, source: "f.yaml"), keys: keys, source: "f.yaml")
  }

  @Test func readsValuesByTheirType() throws {
    let section = try section()
    #expect(try section.text("name", loosely: true) == "7")
    #expect(try section.integer("count", 1...3) == 3)
    #expect(try section.number("share", 0..<1) == 0.5)
    #expect(try section.boolean("isOn") == true)
    #expect(try section.choice("fruit", of: Fruit.self) == .pear)
    #expect(try section.texts("list").map(\.text) == ["a", "2"])
    #expect(try section.texts("list").last?.place == "f.yaml:6:11")
    #expect(try section.text("nothing") == nil && section.texts("nothing").isEmpty)
  }

  @Test func namesPlaceAndNearestKey() throws {
    let section = try section()
    func message(_ body: () throws -> Void) -> String {
      let error = #expect(throws: UserError.self, performing: body)
      return "\(error.map { "\($0)" } ?? "")"
    }
    #expect(
      message { _ = try section.text("name") }
        == "f.yaml:1:7: `name` must be text, not a whole number; put it in quotes")
    #expect(message { _ = try section.integer("count", 4...9) } == "f.yaml:2:8: `count` cannot be 3; give 4 to 9")
    #expect(message { _ = try section.boolean("fruit") } == "f.yaml:5:8: `fruit` must be true or false, not `pear`")
    #expect(
      message { _ = try section.choice("name", of: Fruit.self) }
        == "f.yaml:1:7: `name` cannot be `7`; choose one of apple, pear")
    let inner = try #require(section["inner"])
    #expect(
      message { _ = try StrictSection(inner.value, path: "inner", keys: ["count", "size"], source: "f.yaml") }
        == "f.yaml:9:3: unknown key `inner.kont`; did you mean `inner.count`?")
    #expect(
      message {
        _ = try StrictSection(try #require(section["count"]).value, path: "count", keys: ["a"], source: "f.yaml")
      }
        == "f.yaml:2:8: `count` must be a section, not a whole number; its keys are a")
  }
}
