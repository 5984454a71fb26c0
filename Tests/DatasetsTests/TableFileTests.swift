import Datasets
import Diagnostics
import Testing

struct TableFileTests {
  private func table(_ text: String, delimiter: Character = ",") throws(UserError) -> TableFile {
    try TableFile(Array(text.utf8), delimiter: delimiter, place: "t.csv")
  }

  @Test func readsQuotesLineBreaksAndEmptyCells() throws {
    let table = try table("\u{feff}a,b\r\n\"x, \"\"y\"\"\r\nz\",\r\n\r\n,\"\"\r\nlast,1")
    #expect(table.columns == ["a", "b"])
    #expect(table.rows.map(\.cells) == [["x, \"y\"\r\nz", ""], ["", ""], ["last", "1"]])
    // A row's line counts the breaks inside cells and the empty lines.
    #expect(table.rows.map(\.line) == [2, 5, 6])
  }

  @Test(arguments: ["\n", "\r\n", "\r"]) func readsEveryLineEnding(end: String) throws {
    let table = try table(["a\tb", "1\t2", "3\t4", ""].joined(separator: end), delimiter: "\t")
    #expect(table.rows.map(\.cells) == [["1", "2"], ["3", "4"]])
    #expect(table.rows.map(\.line) == [2, 3])
  }

  @Test func anEmptyLineIsARowOfOneColumn() throws {
    #expect(try table("a\n1\n\n2\n").rows.map(\.cells) == [["1"], [""], ["2"]])
  }

  @Test(arguments: [
    ("", "t.csv: the table is empty; its first line names the columns"),
    ("a,a\n", "t.csv:1: the header names `a` twice, as columns 1 and 2; rename one of them"),
    ("a, \n", "t.csv:1: column 2 of the header has no name; the first line names every column"),
    ("a,b\n1,2\n1\n", "t.csv:3: row 2 has 1 cells, but the header 2; add what is missing"),
    (
      "a,b\n\"1\n1\",2\n1,2,3\n",
      "t.csv:4: row 2 has 3 cells, but the header 2; put a cell that holds the delimiter into double quotes"
    ),
    ("a\n\"x\n\n", "t.csv:2: a quoted cell without an end; close it with a double quote"),
    (
      "a\n5\" disk\n",
      "t.csv:2: a double quote inside a cell that does not begin with one; put the cell into double quotes and double those inside"
    ),
    ("a\n\"x\"y\n", "t.csv:2: text after the end of a quoted cell; double the quotes inside a quoted cell"),
    ("a\nx\0y\n", "t.csv:2: text that is not UTF-8; save the table as UTF-8"),
  ]) func refusesWithTheLine(text: String, message: String) {
    let error = #expect(throws: UserError.self) { try table(text) }
    #expect(error?.description == message)
    #expect(error?.kind == .data)
  }

  @Test(arguments: [false, true]) func aMarkOfUTF16IsBelieved(isLittle: Bool) throws {
    let units = Array("a\tb\r\n한국어\t😀\r\n".utf16)
    let bytes = ([0xfeff] + units).flatMap { unit -> [UInt8] in
      let (high, low) = (UInt8(unit >> 8), UInt8(unit & 0xff))
      return isLittle ? [low, high] : [high, low]
    }
    let table = try TableFile(bytes, delimiter: "\t", place: "t.tsv")
    #expect(table.columns == ["a", "b"] && table.rows.map(\.cells) == [["한국어", "😀"]])
  }

  @Test func aFirstColumnWithoutANameIsTheIndex() throws {
    #expect(try table(",a\n0,x\n").columns == ["index", "a"])
    #expect(try table(" ,index , b\n0,x,y\n").columns == ["index-2", "index", "b"])
    #expect(throws: UserError.self) { try table("\n1\n") }
  }

  @Test func quotesInsideACellCountForNothingBetweenBars() throws {
    let table = try table("a| b\nx.jpg| he says \" hello \" .\n\"y|z\"|w\n", delimiter: "|")
    #expect(table.columns == ["a", "b"])
    #expect(table.rows.map(\.cells) == [["x.jpg", " he says \" hello \" ."], ["y|z", "w"]])
  }

  @Test func refusesOtherEncodings() {
    #expect(throws: UserError.self) { try TableFile([0xff, 0xfe, 0x61], place: "t") }
    #expect(throws: UserError.self) { try TableFile([0xff, 0xfe, 0x00, 0xd8, 10, 0], place: "t") }
    #expect(throws: UserError.self) { try TableFile([0x61, 10, 0xe4, 10], place: "t") }
  }
}
