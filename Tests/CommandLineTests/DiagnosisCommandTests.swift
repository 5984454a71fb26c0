import Foundation
import Interchange
import Testing

/// `bench`, `parity`, `data` and `doctor`.
@Suite struct DiagnosisCommandTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// sparsemax([1, .8, .1, −.5]) = [.6, .4, 0, 0], weighted by [.3, −.2, .5, 1].
  private func parityFile(_ name: String, loss: Float = 0.1, case: String = "sparsemax") throws -> String {
    let file = SafetensorsFile(
      arrays: [
        "in.x": NumericArray([1, 0.8, 0.1, -0.5] as [Float], shape: [1, 4]),
        "in.w": NumericArray([0.3, -0.2, 0.5, 1] as [Float], shape: [1, 4]),
        "out.y": NumericArray([0.6, 0.4, 0, 0] as [Float], shape: [1, 4]),
        "out.loss": NumericArray([loss], shape: []),
      ], metadata: ["case": `case`])
    let url = folder.url.appendingPathComponent(name)
    try file.write(to: url)
    return url.path
  }

  @Test func benchTimesACaseWithOtherSizes() throws {
    let outcome = try Program.run("bench", "gmc-digits", "--modalities", "2", "--batch", "4", "--steps", "1", "--json")
    #expect(outcome.exitCode == 0)
    let line = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
    #expect(line?["case"] as? String == "gmc-digits, batch 4, modalities 2")
    #expect(line?["batch"] as? Int == 4)
    for key in ["median_ms", "min_ms", "samples_per_s", "gflops", "peak_fraction", "peak_memory_mb"] {
      #expect((line?[key] as? Double ?? 0) > 0, "\(key)")
    }
  }

  @Test(
    arguments: [
      (
        ["bench", "clip-vit", "--codes", "4"],
        "concord: clip-vit has no --codes; it has --batch, --image-size, --chunks\n"
      ),
      (
        ["bench", "clip-vit", "--chunks", "3"],
        "concord: --chunks must divide the batch of 128; give another --batch\n"
      ),
      (["bench", "clip-vot"], "concord: there is no case \"clip-vot\"; did you mean clip-vit?\n"),
    ]) func benchNamesWhatItCannotTime(arguments: [String], message: String) throws
  {
    let outcome = try Program.run(arguments)
    #expect(outcome.errors == message)
    #expect(outcome.exitCode == 64)
  }

  @Test func parityPrintsALineForEachFile() throws {
    let outcome = try Program.run("parity", parityFile("one.safetensors"), parityFile("two.safetensors"))
    #expect(outcome.exitCode == 0)
    #expect(outcome.errors.isEmpty)
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.count == 2)
    #expect(lines[0].hasPrefix("one.safetensors ") && lines[1].hasPrefix("two.safetensors "))
    #expect(lines.allSatisfy { $0.contains("sparsemax") && $0.contains("  ok  ") })
  }

  @Test func parityEndsWithOneWhereAValueIsOff() throws {
    let outcome = try Program.run(
      "parity", parityFile("good.safetensors"), parityFile("bad.safetensors", loss: 0.2))
    #expect(outcome.exitCode == 1)
    #expect(outcome.errors == "concord: bad.safetensors: 1 of 2 cases are off by more than 0.0001\n")
    #expect(outcome.output.contains("  off  out.loss"))
  }

  @Test func parityWritesJSON() throws {
    let outcome = try Program.run(
      "parity", "--json", parityFile("good.safetensors"), parityFile("bad.safetensors", loss: 0.2))
    #expect(outcome.exitCode == 1)
    let results = try #require(
      JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [[String: Any]])
    #expect(results.map { $0["file"] as? String } == ["good.safetensors", "bad.safetensors"])
    #expect(results.map { $0["passes"] as? Bool } == [true, false])
    #expect(results[1]["worst"] as? String == "out.loss")
    let error = try #require(results[1]["largestError"] as? Double)
    #expect(abs(error - 0.1) < 1e-5)
    #expect((results[0]["errors"] as? [String: Double])?.keys.sorted() == ["out.loss", "out.y"])
  }

  @Test func parityNamesWhatItCannotRead() throws {
    let missing = try Program.run("parity", "/nowhere.safetensors")
    #expect(missing.errors == "concord: /nowhere.safetensors: there is no such file; check its name and folder\n")
    #expect(missing.exitCode == 74)
    let unknown = try Program.run("parity", parityFile("typo.safetensors", case: "sparsmax"))
    #expect(
      unknown.errors == "concord: typo.safetensors: unknown case \"sparsmax\"; did you mean sparsemax?\n")
    #expect(unknown.exitCode == 65)
    let broken = try Program.run("parity", folder.write("no tensors", to: "broken.safetensors"))
    #expect(broken.exitCode == 65)
    #expect(broken.errors.filter(\.isNewline).count == 1)
    #expect(broken.errors.contains("broken.safetensors"))
  }

  @Test func dataNamesTheMissingFile() throws {
    let outcome = try Program.run("data", "digits", "--data-root", folder.url.path)
    #expect([65, 74].contains(outcome.exitCode))
    #expect(outcome.errors.hasPrefix("concord: digits: digits-mnist/train-images-idx3-ubyte.gz "))
    #expect(outcome.errors.contains(" is missing under the data root \(folder.url.path); "))
    #expect(outcome.errors.filter(\.isNewline).count == 1)
    #expect(outcome.output.isEmpty)
    let unknown = try Program.run("data", "emojis")
    #expect(unknown.exitCode == 64)
    #expect(unknown.errors.contains("emoji"))
  }

  @Test func doctorNamesWhatComputes() throws {
    let outcome = try Program.run(
      ["doctor", "--json"], environment: ["CONCORD_CACHE": folder.url.appendingPathComponent("cache").path])
    let findings = try #require(
      JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [[String: Any]])
    func finding(_ name: String) throws -> String {
      try #require(findings.first { $0["name"] as? String == name }?["value"] as? String, "\(name) is not examined")
    }
    #expect(try !finding("OpenBLAS core").isEmpty)
    #expect(try finding("thread pool") == "OpenMP")
    #expect(try finding("OpenBLAS file").hasPrefix("/") && finding("OpenBLAS file").contains("openblas"))
    #expect(try Int(finding("threads")).map { $0 >= 1 } == true)
    for name in ["GEMM", "convolution", "both in turn"] { #expect(try finding(name).hasSuffix(" GFLOP/s")) }
    #expect(try finding("cache").hasPrefix(folder.url.appendingPathComponent("cache").path))
    for name in [
      "gnuplot", "fonts", "emoji font", "emoji list", "emoji names", "digits", "runs", "memory", "cores",
      "Open MPI", "tuxpaint-stamps-default", "openclipart-svg", "ruby-gemojione", "librsvg2-2",
    ] {
      #expect(try !finding(name).isEmpty)
    }
    #expect(Set(findings.compactMap { $0["state"] as? String }).isSubset(of: ["well", "odd", "missing"]))
    for trouble in findings where trouble["state"] as? String != "well" { #expect(trouble["mend"] is String) }
    let missing = findings.filter { $0["state"] as? String == "missing" }
    #expect(outcome.exitCode == (missing.isEmpty ? 0 : 1))
    for one in missing { #expect(outcome.errors.contains(try #require(one["name"] as? String))) }
  }

  @Test func doctorNamesWhatCannotBeWritten() throws {
    let outcome = try Program.run(["doctor", "--runs", "/proc/none"], environment: ["CONCORD_CACHE": "/proc/nowhere"])
    #expect(outcome.exitCode == 1)
    #expect(outcome.output.contains("\n? cache "))
    #expect(outcome.output.contains("data is prepared anew each time: set CONCORD_CACHE to a folder of your own\n"))
    #expect(outcome.output.contains("\n! runs "))
    #expect(outcome.errors.hasPrefix("concord: doctor: ") && outcome.errors.hasSuffix(" runs; see the lines above\n"))
  }

  @Test func doctorNamesWhatSlowsThings() throws {
    let variables = [
      "OPENBLAS_CORETYPE": "Prescott", "OPENBLAS_NUM_THREADS": "1", "OMP_PROC_BIND": "true",
      "OMP_WAIT_POLICY": "active",
      "GOMP_SPINCOUNT": "infinity", "DNNL_MAX_CPU_ISA": "SSE41", "OMP_NUM_THREADS": "1,1",
    ]
    let outcome = try Program.run(["doctor"], environment: variables)
    for (name, value) in variables {
      let line = try #require(outcome.output.split(separator: "\n").first { $0.hasPrefix("? \(name) ") }, "\(name)")
      #expect(line.contains(" \(value) - "))
    }
  }

  @Test func doctorNamesWhatIsNotInstalled() throws {
    let outcome = try Program.run(["doctor"], environment: ["PATH": folder.url.path, "CONCORD_DATA": folder.url.path])
    #expect(outcome.exitCode == 1)
    #expect(outcome.output.contains("\n! gnuplot "))
    #expect(outcome.output.contains("install the package gnuplot-nox"))
    #expect(outcome.output.contains("\n? fontconfig "))
    #expect(outcome.output.contains("\n? Open MPI "))
    #expect(outcome.output.contains("only --ranks of `concord run`: needs mpirun of Open MPI, which is not there"))
    #expect(outcome.output.contains("\n? digits "))
    #expect(outcome.output.contains("digits-mnist/train-images-idx3-ubyte.gz"))
    #expect(outcome.errors.contains("gnuplot"))
  }
}
