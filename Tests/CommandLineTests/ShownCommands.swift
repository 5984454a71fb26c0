import Foundation

/// The command lines that README.md and the documentation catalogues show, taken from code blocks and code in a line.
enum ShownCommands {
  /// README.md and every article of a documentation catalogue.
  static func documents() throws -> [URL] {
    var found = [Surroundings.package.appending(path: "README.md")]
    for folder in ["Sources", "Experiments"].map({ Surroundings.package.appending(path: $0) }) {
      for target in try contents(folder) {
        for catalogue in try contents(target) where catalogue.pathExtension == "docc" {
          found += try contents(catalogue).filter { $0.pathExtension == "md" }
        }
      }
    }
    return found
  }

  /// What is in a folder; nothing where it is a file.
  private static func contents(_ folder: URL) throws -> [URL] {
    guard try folder.resourceValues(forKeys: [.isDirectoryKey]).isDirectory == true else { return [] }
    return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
      .sorted { $0.path < $1.path }
  }

  /// All command lines of all documents, each once, in the order in which they are shown.
  static func all() throws -> [String] {
    var lines: [String] = []
    for document in try documents() {
      for line in commands(in: try String(contentsOf: document, encoding: .utf8)) where !lines.contains(line) {
        lines.append(line)
      }
    }
    return lines
  }

  /// The command lines of a text in Markdown: lines of code blocks, fenced or indented, and code within a line.
  static func commands(in text: String) -> [String] {
    var (found, prose) = ([String](), "")
    var fence: Substring?
    var open = ""
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let trimmed = line.drop { $0 == " " }
      let isIndented = line.hasPrefix("    ")
      if let mark = fence {
        if trimmed.hasPrefix(mark) {
          fence = nil
          continue
        }
      } else if trimmed.hasPrefix("```") {
        fence = trimmed.prefix { $0 == "`" }
        continue
      } else if !isIndented {
        prose += line + "\n"
        continue
      }
      // A line that ends with a backslash goes on in the next.
      open += trimmed
      if open.hasSuffix("\\") {
        open.removeLast()
        continue
      }
      found += command(open).map { [$0] } ?? []
      open = ""
    }
    return found + prose.matches(of: /(`+)(.+?)\1/.dotMatchesNewlines()).compactMap { command(String($0.2)) }
  }

  /// A line without prompt, path of the program, remark and superfluous spaces; nil where it calls something else.
  private static func command(_ line: String) -> String? {
    var line = line.replacing(/\s+#\s.*$/, with: "").replacing(/\s+/, with: " ").trimmingCharacters(in: .whitespaces)
    for prefix in ["$ ", ".build/release/"] where line.hasPrefix(prefix) { line.removeFirst(prefix.count) }
    return line.hasPrefix("concord ") ? line : nil
  }
}
