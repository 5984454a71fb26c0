import Diagnostics

/// Where a value of a recipe comes from.
public enum RecipeOrigin: Equatable, Sendable, CustomStringConvertible {
  /// The experiment's own default.
  case standard
  /// A line of a recipe file.
  case file(String, line: Int, column: Int)
  /// A profile, at a line of a recipe file.
  case profile(String, file: String, line: Int, column: Int)
  /// An override, as it was typed.
  case commandLine(String)

  /// The origin in a few words: `default`, `gmc/emoji.yaml:12`, `profile quick`, `command line`.
  public var description: String {
    switch self {
    case .standard: "default"
    case .file(let name, let line, _): "\(name):\(line)"
    case .profile(let name, _, _, _): "profile \(name)"
    case .commandLine: "command line"
    }
  }

  /// The place of the value in an error, as exact as is known.
  var place: String {
    switch self {
    case .standard: "default"
    case .file(let name, let line, let column): "\(name):\(line):\(column)"
    case .profile(_, let file, let line, let column): "\(file):\(line):\(column)"
    case .commandLine(let text): "`\(text)`"
    }
  }

  /// The sort of error that a wrong value from here is.
  var errorKind: UserError.Kind {
    if case .commandLine = self { .usage } else { .data }
  }
}
