import Foundation
import Testing

/// Recipes that begin from the run of another recipe.
@Suite struct StartingRunTests {
  private func answer(_ arguments: String...) throws -> Any {
    let outcome = try Program.run(arguments)
    #expect(outcome.exitCode == 0, "\(arguments): \(outcome.errors)")
    return try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
  }

  private func settings(of recipe: String) throws -> [String: Any] {
    let shown = try #require(try answer("show", recipe, "--json") as? [String: Any])
    return try #require(shown["settings"] as? [String: Any])
  }

  /// What the sizes of an encoder of pictures follow from.
  private func sizes(_ settings: [String: Any]) throws -> [String: String] {
    let data = try #require(settings["data"] as? [String: Any])
    let model = try #require(settings["model"] as? [String: Any])
    let set = try #require(data["set"] as? String)
    let own = try #require(data[set] as? [String: Any])
    var found = ["imageSize": "\(own["imageSize"] ?? "none")"]
    for key in ["imageEncoder", "patchSize", "imageDimensions", "imageLayers"] {
      found[key] = "\(try #require(model[key]))"
    }
    return found
  }

  @Test func theEncoderOfPicturesFits() throws {
    let recipes = try #require(try answer("list", "--json") as? [[String: Any]]).compactMap { $0["name"] as? String }
    var count = 0
    for recipe in recipes {
      let own = try settings(of: recipe)
      guard let from = (own["init"] as? [String: Any])?["from"] as? String, from.hasPrefix("runs/"),
        let place = from.firstIndex(of: "-")
      else { continue }
      let name = from[..<place].dropFirst("runs/".count) + "/" + from[from.index(after: place)...]
      #expect(try sizes(own) == sizes(settings(of: String(name))), "\(recipe) begins from \(name)")
      count += 1
    }
    #expect(count > 10)
  }
}
