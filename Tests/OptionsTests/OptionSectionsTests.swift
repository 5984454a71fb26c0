import Diagnostics
import Foundation
import Options
import Testing

@Suite struct OptionSectionsTests {
  private func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  private func settings(_ text: String) throws -> DrinkSettings {
    try JSONDecoder().decode(DrinkSettings.self, from: Data(text.utf8))
  }

  @Test func theDefaultsStandInASectionOfEachEntry() throws {
    #expect(
      try json(DrinkSettings()) == #"{"coffee":{"strength":3},"name":"tea","tea":{"minutes":4.5,"sort":"green"}}"#)
  }

  @Test func whatWasWrittenIsRead() throws {
    var drink = DrinkSettings()
    drink.name = EntryName(Coffee.self)
    drink.sections[Tea.self].minutes = 2
    drink.sections[Coffee.self].strength = 5
    let read = try settings(try json(drink))
    #expect(read == drink && read != DrinkSettings())
    #expect(read.sections[Tea.self] == Tea(minutes: 2, sort: "green"))
    #expect((read.sections[read.name] as? Coffee)?.strength == 5)
  }

  @Test func aSectionThatIsAbsentKeepsItsDefaults() throws {
    let drink = try settings(#"{"name": "coffee", "coffee": {"strength": 1}}"#)
    #expect(drink.sections[Coffee.self].strength == 1 && drink.sections[Tea.self] == Tea())
  }

  @Test func everySectionCountsForEquality() {
    var (first, second) = (OptionSections<Drinks>(), OptionSections<Drinks>())
    #expect(first == second)
    first[Tea.self].sort = "black"
    #expect(first != second)
    second[Tea.self].sort = "black"
    #expect(first == second)
    second[Coffee.self].strength = 2
    #expect(first != second)
  }

  @Test func namesAreThoseOfTheCatalogue() throws {
    #expect(EntryName<Drinks>.allCases.map(\.rawValue) == ["tea", "coffee"])
    #expect(EntryName<Drinks>(rawValue: "cocoa") == nil && EntryName<Drinks>(Tea.self).rawValue == "tea")
    #expect(throws: DecodingError.self) { try settings(#"{"name": "cocoa"}"#) }
  }

  @Test func onlyTheNamedSectionIsChecked() {
    var sections = OptionSections<Drinks>()
    sections[Tea.self].minutes = 0
    let error = #expect(throws: UserError.self) { try sections.validate(EntryName(Tea.self)) }
    #expect(error?.place == "tea.minutes" && error?.what == "must be positive")
    #expect(throws: Never.self) { try sections.validate(EntryName(Coffee.self)) }
    let own = #expect(throws: UserError.self) { try sections[Tea.self].validate() }
    #expect(own?.place == "minutes")
  }

  /// A section's own check is asked for also where only the protocol is known.
  @Test func aCheckBeyondRequirementsIsMade() {
    var sections = OptionSections<Drinks>()
    sections[Coffee.self].strength = 11
    let error = #expect(throws: UserError.self) { try sections.validate(EntryName(Coffee.self)) }
    #expect(error?.description == "coffee.strength: cannot be 11; give 1 to 10")
    let section = sections[EntryName(Coffee.self)]
    #expect(throws: UserError.self) { try section.validate() }
  }

  @Test func requirementsHoldAtTheirBounds() {
    func holds(_ requirement: OptionRequirement) -> Bool { requirement.holds }
    #expect(!holds(.positive("x", 0)) && holds(.positive("x", 1e-9)) && !holds(.positive("x", .infinity)))
    #expect(holds(.notNegative("x", 0)) && !holds(.notNegative("x", -1e-9)) && !holds(.notNegative("x", .nan)))
    #expect(holds(.share("x", 0)) && !holds(.share("x", 1)))
    #expect(holds(.count("x", 1)) && !holds(.count("x", 0)) && !holds(.count("x", 8, atMost: 7)))
    #expect(holds(.widths("x", [1, 65_536])) && !holds(.widths("x", [8, 0])))
    #expect(OptionRequirement.count("x", 0, atMost: 7).what == "must be 1 to 7")
    #expect(OptionRequirement.positive("x", 1).within("a").within("b").key == "b.a.x")
  }
}

private typealias DrinkSettings = Sectioned<Drink, Drinks>

private struct Drink: SectionBase {
  var name = EntryName<Drinks>(Tea.self)
}

private enum Drinks: OptionCatalogue {
  static let all: [any OptionSection.Type] = [Tea.self, Coffee.self]
}

private struct Tea: OptionSection {
  static var key: String { "tea" }
  var minutes = 4.5
  var sort = "green"

  init() {}
  init(minutes: Double, sort: String) { (self.minutes, self.sort) = (minutes, sort) }

  var requirements: [OptionRequirement] { [.positive("minutes", minutes)] }
}

private struct Coffee: OptionSection {
  static var key: String { "coffee" }
  var strength = 3

  func validate() throws(UserError) {
    if !(1...10).contains(strength) {
      throw UserError(.data, "cannot be \(strength)", at: "strength", mend: "give 1 to 10")
    }
  }
}
