import Diagnostics
import Foundation
import Interchange
import Reports
import Runs
import SampleRuns
import Testing

@Suite struct RunExportTests {
  let sample: SampleRun
  let run: RunFolder

  init() throws {
    sample = try SampleRun()
    run = try sample.finished()
    try sample.addEmbeddings(to: run)
  }

  @Test func scoresAreTheSheet() throws {
    let export = try RunExport(of: run, format: .csv)
    #expect(export.data == Data(try Report(of: run).text(.csv).utf8))
    #expect(export.fileName == "sample-small-\(try run.readResult().hash)-scores.csv")
  }

  @Test func representationsNameWhatTheyAreOf() throws {
    let hash = try run.readResult().hash
    let safetensors = try RunExport(of: run, format: .safetensors)
    #expect(safetensors.fileName == "sample-small-\(hash)-seed0-embeddings.safetensors")
    let file = try SafetensorsFile(data: safetensors.data)
    #expect(file.arrays["image"] == NumericArray([0.5, -1, 2, 3.25] as [Float], shape: [2, 2]))
    #expect(file.arrays["labels"]?.integers == [1, 0])
    let metadata = [
      "content": "embeddings", "recipe": "sample/small", "recipeHash": hash, "seed": "0", "threads": "2",
      "processor": "Abacus", "ending": "finished", "commit": "c0ffee-dirty", "dataset.digits": "abc123",
      "classNames": #"["cat","dog \"Rex\""]"#,
    ]
    #expect(file.metadata == metadata)
    let archive = try NumpyArchive(data: try RunExport(of: run, format: .npz, seed: 0).data)
    #expect(archive.arrays["image"] == file.arrays["image"])
    let bytes = try #require(archive.arrays["metadata"]?.integers?.map { UInt8($0) })
    #expect(try JSONDecoder().decode([String: String].self, from: Data(bytes)) == metadata)
  }

  @Test func pythonsFilesAreRead() throws {
    let archive = try NumpyArchive(data: ExportFixture.numpyWrote)
    let file = try SafetensorsFile(data: ExportFixture.safetensorsWrote)
    for arrays in [archive.arrays, file.arrays] {
      #expect(arrays["image"] == NumericArray([0.5, -1, 2, 3.25] as [Float], shape: [2, 2]))
      #expect(arrays["labels"] == NumericArray([1, 0] as [Int32]))
    }
    #expect(archive.arrays["metadata"]?.integers?.map { UInt8($0) } == Array(#"{"seed":"0"}"#.utf8))
    #expect(file.metadata == ["seed": "0"])
  }

  @Test func exportsHaveTheBytesThatPythonRead() throws {
    let npz = try RunExport(of: run, format: .npz).data
    let safetensors = try RunExport(of: run, format: .safetensors).data
    #expect(npz == ExportFixture.npz, "\(npz.base64EncodedString())")
    #expect(safetensors == ExportFixture.safetensors, "\(safetensors.base64EncodedString())")
  }

  @Test func aCheckpointKeepsItsMetadata() throws {
    let weights = NumericArray([1, 2, 3] as [Float])
    let file = run.seed(1).appendingPathComponent("checkpoint.safetensors")
    try SafetensorsFile(arrays: ["layer.weight": weights], metadata: ["step": "7", "seed": "99"]).write(to: file)
    let export = try SafetensorsFile(
      data: try RunExport(of: run, content: .checkpoint, format: .safetensors, seed: 1).data)
    #expect(export.arrays == ["layer.weight": weights])
    #expect(export.metadata["step"] == "7" && export.metadata["seed"] == "1")
    let archive = try NumpyArchive(data: try RunExport(of: run, content: .checkpoint, format: .npz, seed: 1).data)
    #expect(archive.arrays["layer.weight"] == weights)
  }

  @Test(arguments: [
    (RunExport.Content?.some(.embeddings), RunExport.Format.csv, Int?.none, UserError.Kind.usage),
    (.some(.scores), .npz, nil, .usage), (.none, .csv, 0, .usage), (.none, .npz, 9, .usage),
    (.none, .npz, 2, .inputOutput), (.some(.checkpoint), .safetensors, nil, .inputOutput),
  ]) func whatCannotBeExportedIsNamed(
    content: RunExport.Content?, format: RunExport.Format, seed: Int?, kind: UserError.Kind
  ) throws {
    let error = #expect(throws: UserError.self) {
      try RunExport(of: run, content: content, format: format, seed: seed)
    }
    #expect(error?.kind == kind)
  }

  @Test func aFileIsNeverOverwrittenUnasked() throws {
    let file = sample.folder.url.appendingPathComponent("scores.csv")
    let export = try RunExport(of: run, format: .csv)
    try export.write(to: file)
    #expect(throws: UserError.self) { try export.write(to: file) }
    try export.write(to: file, overwriting: true)
  }
}
