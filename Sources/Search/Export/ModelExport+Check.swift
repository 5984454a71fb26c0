import Diagnostics
import Foundation
import Interchange
import Kernels
import Runs

/// How far what onnxruntime computes of a file is from Concord's own embeddings.
public struct ModelCheck: Decodable, Sendable {
  /// One batch.
  public struct Batch: Decodable, Sendable {
    /// The items.
    public let count: Int
    /// The largest difference of a number.
    public let difference: Double
    /// The mean cosine between both embeddings of an item.
    public let meanCosine: Double
    /// The least of these.
    public let leastCosine: Double
  }

  /// The version of onnxruntime.
  public let version: String
  /// Whether the checker of onnx has passed the file; false where there is no such package.
  public let isValid: Bool
  /// The batches.
  public let batches: [Batch]

  /// The largest difference that embeddings in single precision may have.
  public static let tolerance = 1e-4
  /// The least mean cosine that embeddings in 8 bits may have.
  public static let leastCosine = 0.9

  /// The largest difference of all batches.
  public var difference: Double { batches.map(\.difference).max() ?? .infinity }
}

extension ModelExport {
  /// The batches that are compared.
  public static let batchSizes = [1, 2, 7]

  /// What came of a check.
  public enum CheckOutcome: Sendable {
    /// Every file was run.
    case checked([ModelCheck])
    /// None was, for this reason.
    case unavailable(String)
  }

  private struct Answer: Decodable {
    let missing: String?
    let failure: String?
    let file: String?
    let checks: [ModelCheck]?
  }

  /// Runs written files by onnxruntime and compares them with Concord's own embeddings of drawn items.
  ///
  /// - Parameters:
  ///   - files: those of ``parts``.
  ///   - python: the program to ask, looked up on the path where it has no slash.
  /// - Throws: `UserError` where onnxruntime refuses a file.
  public func check(_ files: [URL], python: String) throws -> CheckOutcome {
    let folder = FileManager.default.temporaryDirectory.appending(path: "concord-check-\(UUID().uuidString)")
    try RunFolder.createFolder(folder)
    defer { try? FileManager.default.removeItem(at: folder) }
    var arguments = [python, "-c", Self.program, Self.batchSizes.map(String.init).joined(separator: ",")]
    for (part, file) in zip(parts, files) {
      let example = try part.network.example(Self.batchSizes.max() ?? 1)
      let arrays = folder.appending(path: "\(part.fileName).npz")
      let expected = NumericArray(example.expected.values, shape: [example.expected.rows, example.expected.columns])
      try NumpyArchive(arrays: ["input": example.input, "expected": expected]).write(to: arrays)
      arguments += [file.path, arrays.path]
    }
    var environment = ProcessInfo.processInfo.environment
    // It is for Concord's own library, and NumPy's may not know the name.
    environment["OPENBLAS_CORETYPE"] = nil
    let found = ProcessOutput.data(URL(fileURLWithPath: "/usr/bin/env"), arguments, environment: environment)
    guard let found, let answer = try? JSONDecoder().decode(Answer.self, from: found) else {
      return .unavailable("\(python) cannot be run")
    }
    if let failure = answer.failure {
      throw UserError(.outsideTolerance, "onnxruntime does not run it: \(failure)", at: answer.file)
    }
    return answer.checks.map { .checked($0) } ?? .unavailable("\(python): \(answer.missing ?? "no answer")")
  }

  private static let program = """
    import json, sys
    try:
        import numpy as np, onnxruntime as ort
    except ImportError as error:
        print(json.dumps({"missing": str(error)}))
        sys.exit(0)
    try:
        import onnx
    except ImportError:
        onnx = None
    options = ort.SessionOptions()
    options.log_severity_level = 3

    def check(path, arrays, counts):
        if onnx is not None:
            onnx.checker.check_model(onnx.load(path), full_check=True)
        session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        name = session.get_inputs()[0].name
        data = np.load(arrays)
        batches = []
        for count in counts:
            found = session.run(None, {name: data["input"][:count]})[0].astype(np.float64)
            wanted = data["expected"][:count].astype(np.float64)
            if found.shape != wanted.shape:
                raise ValueError(f"shape {found.shape} for {wanted.shape}")
            lengths = np.linalg.norm(found, axis=1) * np.linalg.norm(wanted, axis=1)
            cosines = (found * wanted).sum(1) / np.maximum(lengths, 1e-12)
            batches.append({"count": count, "difference": float(np.abs(found - wanted).max()),
                            "meanCosine": float(cosines.mean()), "leastCosine": float(cosines.min())})
        return {"version": ort.__version__, "isValid": onnx is not None, "batches": batches}

    counts = [int(count) for count in sys.argv[1].split(",")]
    checks = []
    for path, arrays in zip(sys.argv[2::2], sys.argv[3::2]):
        try:
            checks.append(check(path, arrays, counts))
        except Exception as error:
            print(json.dumps({"failure": f"{type(error).__name__}: {error}", "file": path}))
            sys.exit(0)
    print(json.dumps({"checks": checks}))
    """
}
