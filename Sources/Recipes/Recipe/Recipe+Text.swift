import StrictYAML

extension Recipe {
  /// The recipe as YAML, every value with its origin in a comment at the end of its line.
  public var yamlWithOrigins: String {
    let lines = lines()
    let width = min(lines.filter { $0.path != nil }.map(\.text.count).max() ?? 0, 60)
    return lines.map { line in
      guard let path = line.path else { return line.text }
      let space = String(repeating: " ", count: max(0, width - line.text.count) + 2)
      return "\(line.text)\(space)# \(origin(of: path))"
    }.joined(separator: "\n") + "\n"
  }

  /// The recipe as YAML: a file that can be run by itself.
  public var yaml: String { lines().map(\.text).joined(separator: "\n") + "\n" }

  /// The recipe as JSON, with the origin of every value by its dotted path.
  public var json: JSONValue {
    var origins = JSONValue.object([])
    for path in content.leafPaths() where path != "experiment" { origins[path] = .text("\(origin(of: path))") }
    return .object([
      "name": .text(name), "title": .text(title), "experiment": .text(experiment),
      "profile": profile.map(JSONValue.text) ?? .null, "overrides": .list(overrides.map(JSONValue.text)),
      "hash": .text(hash), "seeds": .list(seeds.map(JSONValue.integer)),
      "threads": threads.map(JSONValue.integer) ?? .null, "settings": settings, "origins": origins,
      "expected": .list(expected.map(\.json)),
    ])
  }

  private func lines() -> [(text: String, path: String?)] {
    var lines: [(text: String, path: String?)] = [("title: \(JSONValue.text(title).yaml)", nil)]
    func add(_ value: JSONValue, key: String, path: String, depth: Int) {
      let start = String(repeating: "  ", count: depth) + JSONValue.text(key).yaml + ":"
      guard !value.members.isEmpty else {
        lines.append(("\(start) \(value.yaml)", path))
        return
      }
      lines.append((start, nil))
      for member in value.members {
        add(member.value, key: member.key, path: "\(path).\(member.key)", depth: depth + 1)
      }
    }
    for member in content.members {
      if member.key == "experiment" {
        lines.append(("experiment: \(member.value.yaml)", nil))
      } else {
        add(member.value, key: member.key, path: member.key, depth: 0)
      }
    }
    if !expected.isEmpty {
      lines.append(("expected:", nil))
      for score in expected { lines.append(("  - \(score.json.yaml)", nil)) }
    }
    return lines
  }
}

extension ExpectedScore {
  /// The expectation with its keys in the order of a recipe.
  var json: JSONValue {
    var members: [JSONValue.Member] = [
      .init("evaluator", .text(evaluator)), .init("subject", .text(subject)), .init("metric", .text(metric)),
      .init("value", .number(value)),
    ]
    if let tolerance { members.append(.init("tolerance", .number(tolerance))) }
    return .object(members + [.init("source", .text(source))])
  }
}
