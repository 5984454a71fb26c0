import Diagnostics
import Figures
import Foundation
import Testing

private let isGnuplotInstalled = (try? Gnuplot().version()) != nil

/// The width and height that a PNG's header gives.
private func pixels(_ data: Data) -> [UInt32] {
  [16, 20].map { start in data[start..<start + 4].reduce(0) { $0 << 8 | UInt32($1) } }
}

@Suite final class RenderingTests {
  /// A fresh folder for each test.
  private let folder = FileManager.default.temporaryDirectory.appending(path: "concord-test-\(UUID().uuidString)")

  init() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(at: folder)
  }

  /// Set `CONCORD_FIGURE_SAMPLES` to a folder to keep the figures and look at them.
  @Test(.enabled(if: isGnuplotInstalled, "needs gnuplot"))
  func drawsOneOfEachKind() throws {
    let kept = ProcessInfo.processInfo.environment["CONCORD_FIGURE_SAMPLES"].map { URL(fileURLWithPath: $0) }
    let target = kept ?? folder
    for (name, figure) in Samples.all {
      let files = try figure.render(to: target, name: name)
      let data = try figure.drawing().pixels == nil ? ["\(name).dat"] : ["\(name).rgb"]
      #expect(
        files.map(\.lastPathComponent) == ["svg", "png", "pdf"].map { "\(name).\($0)" } + data + ["\(name).gnuplot"])
      let picture = try Data(contentsOf: files[1])
      #expect(picture.starts(with: [0x89, 0x50, 0x4E, 0x47]))
      #expect(pixels(picture) == [UInt32(2 * figure.size.width), UInt32(2 * figure.size.height)])
      let vector = try String(contentsOf: files[0], encoding: .utf8)
      #expect(vector.contains("<svg") && vector.contains("</svg>"))
      #expect(try Data(contentsOf: files[2]).starts(with: Data("%PDF".utf8)))
      #expect(try String(contentsOf: files[4], encoding: .utf8) == figure.script(name: name))
    }
  }

  @Test(.enabled(if: isGnuplotInstalled, "needs gnuplot"))
  func writesOnlyTheFormatsAskedFor() throws {
    try Samples.bars.render(to: folder, name: "bars", formats: [.svg])
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        == ["bars.dat", "bars.gnuplot", "bars.svg"])
  }

  @Test(.enabled(if: isGnuplotInstalled, "needs gnuplot"), arguments: ["curves", "similarity", "pictures"])
  func theScriptAndItsDataRedrawTheFigureElsewhere(name: String) throws {
    let figure = try #require(Samples.all.first { $0.name == name }).figure
    let files = try figure.render(to: folder, name: name, formats: [.svg, .png])
    let elsewhere = folder.appending(path: "elsewhere")
    try FileManager.default.createDirectory(at: elsewhere, withIntermediateDirectories: false)
    for file in files.suffix(2) {
      try FileManager.default.copyItem(at: file, to: elsewhere.appending(path: file.lastPathComponent))
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["gnuplot", "\(name).gnuplot"]
    process.currentDirectoryURL = elsewhere
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    for file in files.prefix(2) {
      #expect(try Data(contentsOf: elsewhere.appending(path: file.lastPathComponent)) == Data(contentsOf: file))
    }
  }

  @Test(.enabled(if: isGnuplotInstalled, "needs gnuplot"))
  func showsTextAsItIs() throws {
    let text = "it's_a {b} ^c `ls` $(ls) @d \\n \"e\" # 한국어 τ ±"
    let chart = LineChart(
      title: text, x: Axis(text, unit: "ms"), y: Axis("y"), series: [.init(name: text, x: [1, 2], y: [1, 2])])
    let files = try chart.render(to: folder, name: "it's 한 {x}", formats: [.svg])
    #expect(files[0].lastPathComponent == "it's 한 {x}.svg")
    let vector = try String(contentsOf: files[0], encoding: .utf8)
    #expect(vector.contains("{b} ^c `ls` $(ls) @d \\n"))
    #expect(vector.contains("한국어 τ ±"))
  }

  @Test func missingProgramIsOneClearError() throws {
    let error = #expect(throws: UserError.self) {
      try Samples.bars.render(to: folder, name: "bars", with: Gnuplot(program: "no-such-gnuplot"))
    }
    #expect(error?.kind == .inputOutput)
    #expect(
      error?.description.contains("no-such-gnuplot: the program is not installed; install the package gnuplot-nox")
        == true)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }

  @Test(arguments: ["true", "false", "cat"])
  func otherProgramsAreErrors(program: String) throws {
    let error = #expect(throws: UserError.self) {
      try Samples.embedding.render(to: folder, name: "embedding", with: Gnuplot(program: program))
    }
    #expect(error?.kind == .inputOutput)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }

  @Test func aProgramThatDiesRaisesNoSignal() throws {
    // Far more than a pipe holds, so that the writing meets a closed end.
    let names = (0..<60).map(String.init)
    let chart = HeatMap(
      title: "", rows: names, columns: names, values: names.map { _ in names.map { _ in 1 } }, scale: Axis("score"))
    let script = folder.appending(path: "dying")
    try Data("#!/bin/sh\necho 'line 0: gone' >&2\nkill -9 $$\n".utf8).write(to: script)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script.path)
    let error = #expect(throws: UserError.self) {
      try chart.render(to: folder, name: "long", with: Gnuplot(program: script.path))
    }
    #expect(error?.what.contains("line 0: gone") == true)
  }

  @Test func missingTerminalNamesThePackage() throws {
    let script = folder.appending(path: "old-gnuplot")
    try Data("#!/bin/sh\ncat >/dev/null\necho 'line 0: unknown or ambiguous terminal type' >&2\nexit 1\n".utf8)
      .write(to: script)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script.path)
    let error = #expect(throws: UserError.self) {
      try Samples.bars.render(to: folder, name: "bars", with: Gnuplot(program: script.path))
    }
    #expect(error?.mend == "install the package gnuplot-nox")
  }

  @Test(.enabled(if: isGnuplotInstalled, "needs gnuplot"))
  func missingFolderIsAnError() throws {
    let error = #expect(throws: UserError.self) {
      try Samples.bars.render(to: folder.appending(path: "none"), name: "bars")
    }
    #expect(error?.kind == .inputOutput)
  }
}
