import Foundation
import Testing

/// The picture of the targets is that of the manifest.
@Suite struct ArchitectureTests {
  private static let catalogue = Surroundings.package
    .appending(path: "Sources/AlignmentExperiments/AlignmentExperiments.docc")
  private let targets: PackageTargets

  init() throws {
    targets = PackageTargets(
      try String(contentsOf: Surroundings.package.appending(path: "Package.swift"), encoding: .utf8))
  }

  @Test func theManifestIsRead() throws {
    let small = PackageTargets(
      """
      .systemLibrary(name: "CZlib", path: "Sources/CZlib"),
      .target(name: "A", swiftSettings: swift),
      .target(name: "B", dependencies: ["A", .product(name: "Y", package: "Z"), "CZlib"], path: "Experiments/B"),
      .executableTarget(
        name: "C",
        dependencies: [
          "A", "B",
        ], swiftSettings: swift),
      .target(name: "D", dependencies: ["A"], path: "Tests/D"),
      .testTarget(name: "CTests", dependencies: ["C"]),
      """)
    #expect(small.all.map(\.name) == ["CZlib", "A", "B", "C"])
    #expect(small.all[2].dependencies == ["A", "CZlib"] && small.all[2].folder == "Experiments/B")
    #expect(small.direct(small.all[3]) == ["B"])
    #expect(small.height("C") == 2 && small.height("A") == 0)
    let program = try #require(targets.all.first { $0.name == "concord" })
    #expect(program.dependencies.contains("GMCPaper") && targets.all.count > 30)
  }

  @Test func thePictureIsThatOfTheManifest() throws {
    let file = Self.catalogue.appending(path: "architecture.svg")
    let picture = ArchitectureDrawing(targets).svg
    if Snapshot.isUpdating { try Data(picture.utf8).write(to: file) }
    let difference = Snapshot.firstDifference(of: picture, from: try String(contentsOf: file, encoding: .utf8))
    #expect(difference == nil, "`make architecture` draws it anew: \(difference ?? "")")
    let drawn = picture.matches(of: />(\w+)<\/text>/).map { String($0.1) }
    #expect(drawn.sorted() == targets.all.map(\.name).sorted())
  }

  @Test func everyTargetIsExplained() throws {
    let page = try String(contentsOf: Self.catalogue.appending(path: "Architecture.md"), encoding: .utf8)
    let rows = page.split(separator: "\n").filter { $0.hasPrefix("| `") }
    let explained = rows.flatMap { row in
      row.split(separator: "|").first.map { $0.matches(of: /`(\w+)`/).map { String($0.1) } } ?? []
    }
    #expect(explained.sorted() == targets.all.map(\.name).sorted())
  }
}
