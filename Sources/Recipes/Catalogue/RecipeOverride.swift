import Diagnostics
import StrictYAML

/// A `key=value` of the command line: a dotted path and a value written in YAML.
package struct RecipeOverride {
  /// The override as it was typed.
  package let text: String
  /// The one member of the outermost section.
  package let member: LocatedValue.Member

  /// Reads an override.
  package init(_ text: String) throws(UserError) {
    self.text = text
    guard let equals = text.firstIndex(of: "=") else {
      throw UserError(.usage, "an override is written key=value", at: "`\(text)`", mend: "for example seeds=[0,1,2]")
    }
    let keys = text[..<equals].split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard keys.allSatisfy({ !$0.isEmpty && !$0.contains(where: \.isWhitespace) }) else {
      throw UserError(
        .usage, "`\(text[..<equals])` is not a dotted key", at: "`\(text)`", mend: "for example training.epochs=5")
    }
    if let own = keys.first, RecipeFile.ownKeys.contains(own) {
      throw UserError(.usage, "`\(own)` cannot be overridden", at: "`\(text)`", mend: "write a recipe of your own")
    }
    var value: LocatedValue
    do {
      value = try LocatedValue.parse(String(text[text.index(after: equals)...]), source: "value")
    } catch {
      throw UserError(.usage, "the value is \(error.what)", at: "`\(text)`", mend: "quote it for the shell as it is")
    }
    for key in keys.dropFirst().reversed() {
      let inner = LocatedValue.Member(key: key, place: value.place, value: value)
      value = LocatedValue(place: value.place, content: .section([inner]))
    }
    member = LocatedValue.Member(key: keys[0], place: value.place, value: value)
  }
}
