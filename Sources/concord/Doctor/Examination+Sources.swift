import Datasets
import Diagnostics
import Figures
import Foundation
import Runs

extension Examination {
  /// gnuplot, its terminals and the fonts of figures.
  func drawing() -> [Finding] {
    var findings: [Finding] = []
    do {
      findings.append(Finding("gnuplot", try Gnuplot().version()))
      let known = Set(try Gnuplot().terminals())
      for (terminal, use) in [("svg", "figures"), ("pngcairo", "figures"), ("pdfcairo", "figures for LaTeX")] {
        findings.append(
          known.contains(terminal)
            ? Finding("gnuplot's \(terminal)", "there")
            : Finding(
              "gnuplot's \(terminal)", "missing", terminal == "pdfcairo" ? .odd : .missing,
              mend: "\(use) need it: install the package gnuplot-nox"))
      }
    } catch {
      findings.append(Finding("gnuplot", "missing", .missing, mend: "\(error)"))
    }
    guard let fonts = output(of: ["fc-list", ":", "family"]) else {
      return findings + [
        Finding("fontconfig", "missing", .odd, mend: "rare characters become boxes: install the package fontconfig")
      ]
    }
    let families = Set(fonts.split(separator: "\n"))
    let sans = output(of: ["fc-match", "sans", "family"])?.trimmingCharacters(in: .whitespacesAndNewlines)
    findings.append(
      families.isEmpty
        ? Finding("fonts", "none", .missing, mend: "figures would have no text: install the package fonts-dejavu-core")
        : Finding("fonts", "\(families.count) families, \(sans ?? "none") for figures"))
    // The syllable 가; the captions of the emoji are in English and Korean.
    let korean = output(of: ["fc-list", ":charset=ac00", "family"])?.split(separator: "\n").first.map(String.init)
    findings.append(
      korean.map { Finding("Korean font", $0) }
        ?? Finding("Korean font", "none", .odd, mend: "Korean captions become boxes: install the package fonts-nanum"))
    return findings
  }

  /// The built-in data: what Debian packages hold, and what has to be downloaded.
  func data() -> [Finding] {
    let options = EmojiDataset.Options()
    let root = options.annotationsRoot
    var findings = [
      ("emoji font", [options.fontFile], "fonts-noto-color-emoji"),
      ("emoji list", [options.emojiTestFile], "unicode-data"),
      (
        "emoji names",
        options.languages.flatMap { ["\(root)/annotations/\($0).xml", "\(root)/annotationsDerived/\($0).xml"] },
        "unicode-cldr-core"
      ),
    ].map { name, files, package in
      let absent = files.first { !FileManager.default.isReadableFile(atPath: $0) }
      return Finding(
        name, absent.map { "missing: \($0)" } ?? files[0], absent == nil ? .well : .missing,
        mend: absent == nil ? nil : "install the Debian package \(package)")
    }
    // Data sets of their own packages, without which all else runs.
    findings += DebianPackage.optional.map { package in
      package.location.map { Finding(package.name, $0.path) }
        ?? Finding(
          package.name, "missing", .odd, mend: "only \(package.purpose): \(package.command), or make data for all")
    }
    if DebianPackage.librsvg.location != nil {
      do throws(UserError) {
        try SVGFile.requireLibrary()
      } catch {
        findings.append(Finding("SVG", "cannot be drawn", .odd, mend: "\(error.what); \(error.mend ?? "")"))
      }
    }
    let folder = DataRoot.url(named: dataRoot, environment: environment)
    do {
      try DigitsDataset.locateFiles(in: folder)
      findings.append(Finding("digits", folder.path))
    } catch {
      findings.append(
        Finding("digits", "missing", .odd, mend: "only recipes on digits need them: \(error.what); \(error.mend ?? "")")
      )
    }
    let captions = folder.appendingPathComponent("nlvr-captions/captions.tsv").path
    findings.append(
      FileManager.default.isReadableFile(atPath: captions)
        ? Finding("NLVR captions", captions)
        : Finding(
          "NLVR captions", "missing", .odd,
          mend:
            "only recipes on NLVR need them: there is no \(captions); name the data root by --data-root or CONCORD_DATA"
        ))
    return findings
  }

  /// What a program says; `nil` where it is not there or fails.
  private func output(of command: [String]) -> String? {
    ProcessOutput.data(URL(fileURLWithPath: "/usr/bin/env"), command).map { String(decoding: $0, as: UTF8.self) }
  }
}
