import Datasets
import Diagnostics
import Testing

struct EmojiListTests {
  @Test func readsGroupsAndFullyQualifiedEmoji() throws {
    let text = """
      # Version: 15.0
      # group: Smileys & Emotion

      # subgroup: face-smiling
      1F600                   ; fully-qualified     # 😀 E1.0 grinning face
      263A                    ; unqualified         # ☺ E0.6 smiling face
      # group: Flags
      # subgroup: flag
      1F3F3 FE0F 200D 1F308   ; fully-qualified     # 🏳️‍🌈 E4.0 rainbow flag
      #EOF
      """
    let list = try EmojiList.emoji(in: Array(text.utf8), place: "f")
    #expect(list.map(\.identifier) == ["1F600", "1F3F3-FE0F-200D-1F308"])
    #expect(list.map(\.group) == ["Smileys & Emotion", "Flags"])
    #expect(list.map(\.subgroup) == ["face-smiling", "flag"])
    #expect(list[1].annotationKey == "\u{1F3F3}\u{200D}\u{1F308}")
  }

  @Test func namesTheLineOfAMistake() {
    let head = "# group: A\n# subgroup: b\n"
    for (text, place) in [
      (head + "1F600\n", "f:3"), (head + "XYZ ; fully-qualified # x\n", "f:3"),
      ("1F600 ; fully-qualified # x\n", "f:1"), (head + "D800 ; fully-qualified # x\n", "f:3"),
      (head + "1F600 ; fully-qualified # x\n1F600 ; fully-qualified # x\n#EOF\n", "f:4"),
      (head + "1F600 ; fully-qualifie", "f:3"), (head + "1F600 ; fully-qualified # x\n", "f:4"),
    ] {
      let error = #expect(throws: UserError.self) { try EmojiList.emoji(in: Array(text.utf8), place: "f") }
      #expect(error?.place == place)
    }
  }

  @Test func putsVariantsInOneFamily() {
    func toneless(_ text: String) -> [UInt32] {
      Emoji(scalars: text.unicodeScalars.map(\.value), group: "", subgroup: "").toneless
    }
    #expect(toneless("👋🏽") == toneless("👋"))
    #expect(toneless("👩🏻‍🤝‍👨🏿") == toneless("👫"))
    #expect(toneless("🏃🏿‍♀️") == toneless("🏃‍♀️"))
    #expect(toneless("🏃🏿‍♀️") != toneless("🏃"))
    func family(_ text: String) -> [UInt32] {
      Emoji(scalars: text.unicodeScalars.map(\.value), group: "", subgroup: "").family
    }
    #expect(family("👋🏽") == family("👋"))
    #expect(family("🏃🏿‍♀️") == family("🏃"))
    #expect(family("👩🏻‍🚒") == family("🧑‍🚒"))
    #expect(family("👨‍👩‍👧‍👦") == family("👪"))
    #expect(family("👩🏻‍🤝‍👨🏿") == family("👬"))
    #expect(family("👩‍❤️‍💋‍👨") == family("💏"))
    #expect(family("🫱🏻‍🫲🏿") == family("🤝"))
    #expect(family("🚶🏽‍♀️‍➡️") == family("🚶"))
    #expect(family("🧑🏽‍🦽‍➡️") == family("👩‍🦽"))
    for twin in ["👨", "👩🏿", "👨🏻‍🦰", "👩‍🦲", "👱‍♀️", "🧔🏽‍♂️"] { #expect(family(twin) == family("🧑"), "\(twin)") }
    for twins in ["🤴👸🫅", "🎅🤶", "🕺💃", "🤰🫃🫄", "🚹🚺🚻", "👴👵🧓"] {
      #expect(Set(twins.map { family(String($0)) }).count == 1, "\(twins)")
    }
    #expect(family("🤶") == family("🧑‍🎄"))
    #expect(family("👨‍🚒") != family("👨‍🚀"))
    #expect(family("➡️") != family("⬅️"))
    #expect(family("🇰🇷") != family("🇰🇵"))
    #expect(family("♂️") == [0x2642])
  }
}

struct AnnotationFileTests {
  private func read(_ body: String) throws -> AnnotationFile {
    var file = AnnotationFile()
    try file.add(
      Array("<?xml version=\"1.0\"?>\n<ldml>\n<annotations>\n\(body)</annotations>\n</ldml>".utf8), place: "f")
    return file
  }

  @Test func readsNamesAndKeywords() throws {
    let file = try read(
      """
      <annotation cp="😀">face | grin | grinning face</annotation>
      <!-- <annotation cp="x">no</annotation> -->
      <annotation cp="😀" type="tts" draft="contributed">grinning face</annotation>
      <annotation cp="&amp;" type="tts">a &quot;b&quot; &#x41;&#66;</annotation>
      <annotation cp="🙃" type="tts">↑↑↑</annotation>

      """)
    #expect(file.names == ["😀": "grinning face", "&": "a \"b\" AB"])
    #expect(file.keywords == ["😀": ["face", "grin", "grinning face"]])
    #expect(try read("").names.isEmpty)
  }

  @Test func namesTheLineOfAMistake() {
    for (body, place) in [
      ("<annotation cp=\"x\">a</b>\n", "f:4"), ("\n<other/>\n", "f:5"), ("<annotation cp=x>a</annotation>\n", "f:4"),
      ("<annotation cp=\"x\">a &what; b</annotation>\n", "f:4"), ("<annotation type=\"tts\">a</annotation>", "f:4"),
      ("<!-- no end", "f:5"),
    ] {
      let error = #expect(throws: UserError.self) { try read(body) }
      #expect(error?.place == place, "\(body)")
    }
    var file = AnnotationFile()
    #expect(throws: UserError.self) { try file.add(Array("<ldml>".utf8), place: "f") }
    #expect(throws: UserError.self) { try file.add(Array("<annotations><annotation cp=\"x".utf8), place: "f") }
  }
}
