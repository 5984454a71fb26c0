import Autograd
import Datasets
import Diagnostics
import Foundation
import Interchange
import Kernels
import Layers

/// A published model, imported or as it was fetched.
public struct PretrainedModel {
  /// What it is and where it is from.
  public let description: PretrainedDescription
  /// The networks.
  public let model: CLIPModel
  /// What makes tokens of texts; nil where the folder has no vocabulary.
  public let tokeniser: PretrainedTokeniser?

  /// The folder, the side of pictures that was asked for, and whether there are numbers in it.
  private let origin: (folder: URL, side: Int?, isBlank: Bool)
  /// What runs layers in less than float32; nil for float32.
  private var reduced: InferenceAgreement?

  /// How positions are brought to another grid.
  package let resizeRule: PositionResize.Rule

  /// How many pictures or texts go through the networks together.
  private static let batchSize = 32

  /// Whether a folder holds an imported model.
  public static func isImported(_ folder: URL) -> Bool {
    FileManager.default.fileExists(atPath: folder.appending(path: PretrainedDescription.fileName).path)
  }

  /// The digest of an imported model's weights, as it was when it was imported.
  ///
  /// - Throws: `UserError` where the folder holds none, or its description is damaged.
  public static func checksum(of folder: URL) throws(UserError) -> String {
    guard let found = try PretrainedDescription.read(from: folder) else {
      throw UserError(.data, "is no imported model", at: folder.relativePath, mend: "concord import makes one")
    }
    return found.checksum
  }

  /// Opens the model of a folder, imported or as it was fetched.
  ///
  /// - Parameter side: the side of pictures where it is to be another than the configuration's.
  /// - Throws: `UserError` where a file is missing, damaged or of another architecture, or the files do not fit each other.
  public init(folder: URL, side: Int? = nil) throws(UserError) {
    let weights: SafetensorsFile
    let layout: CheckpointLayout
    if let imported = try PretrainedDescription.read(from: folder) {
      let file = folder.appending(path: imported.weights)
      guard FileManager.default.fileExists(atPath: file.path) else {
        throw UserError(
          .data, "names the weights \(imported.weights), which are not there",
          at: folder.appending(path: PretrainedDescription.fileName).relativePath, mend: "import the model again")
      }
      weights = try SafetensorsFile(readingFrom: file)
      guard let found = CheckpointLayout(names: weights.arrays.keys) else {
        throw UserError(
          .data, "is not the weights that were imported", at: file.relativePath, mend: "import them again")
      }
      var own = imported
      if let side {
        try own.configuration.check(side: side, at: folder.relativePath)
        own.configuration.picture.side = side
      }
      (description, layout) = (own, found)
    } else {
      (description, weights, layout) = try PublishedFolder(folder).open(side: side)
    }
    resizeRule = layout.resize
    let configuration = description.configuration
    origin = (folder, side, false)
    model = try CLIPWeights.model(
      weights, layout: layout, configuration: configuration,
      storedGrid: description.storedSide / configuration.patchSize,
      place: folder.appending(path: description.weights).relativePath)
    guard let files = PretrainedTokeniser.files(in: folder) else {
      tokeniser = nil
      return
    }
    let found = try PretrainedTokeniser(folder: folder)
    guard found.vocabularySize == configuration.vocabulary else {
      throw UserError(
        .data, "the vocabulary has \(found.vocabularySize) tokens, the model \(configuration.vocabulary)",
        at: files[0].relativePath, mend: "take the vocabulary of the model itself")
    }
    tokeniser = found
  }

  /// The networks of a description without their numbers, to be filled from a checkpoint of one's own; the vocabulary is that
  /// of a folder.
  ///
  /// - Throws: `UserError` where the description is missing or damaged, or the vocabulary is.
  public init(blank folder: URL) throws(UserError) {
    guard let found = try PretrainedDescription.read(from: folder) else {
      throw UserError(
        .data, "there is no \(PretrainedDescription.fileName)", at: folder.relativePath, mend: "train the run again")
    }
    description = found
    resizeRule = .openCLIP
    let configuration = found.configuration
    origin = (folder, nil, true)
    model = try CLIPWeights.blank(configuration, layout: .openCLIP)
    tokeniser = try PretrainedTokeniser.files(in: folder) == nil ? nil : PretrainedTokeniser(folder: folder)
  }

  /// The same networks with parameters of their own, read once more.
  public func another() -> CLIPModel {
    do {
      return try origin.isBlank
        ? CLIPWeights.blank(description.configuration, layout: .openCLIP)
        : PretrainedModel(folder: origin.folder, side: origin.side).model
    } catch {
      preconditionFailure("PretrainedModel: \(error)")
    }
  }

  /// Copies what tells networks and vocabulary, without the numbers, to a folder that is there.
  ///
  /// - Throws: `UserError` where it cannot be written.
  public func writeForm(from source: URL, to folder: URL) throws(UserError) {
    for file in PretrainedTokeniser.files(in: source) ?? [] {
      try AtomicFile.write(try RegularFile.contents(of: file), to: folder.appending(path: file.lastPathComponent))
    }
    try AtomicFile.write(try description.encoded(), to: folder.appending(path: PretrainedDescription.fileName))
  }

  /// How many numbers the networks have.
  public var parameterCount: Int { model.parameterCount }

  /// What cosines are multiplied by.
  public var scale: Float { exp(model.logScale.tensor.values[0]) }

  /// Computes layers in this precision from now on.
  public mutating func reduce(to precision: InferencePrecision) { reduced = InferenceAgreement(precision) }

  /// How near embeddings of a lower precision came to those in float32, in words; nil where they are float32.
  public var agreement: String? { reduced?.text }

  /// Embeddings of pictures, rows of length 1.
  ///
  /// - Parameter pixels: `[count, side, side, 3]`, normalised as the model wants it.
  public func images(_ pixels: [Float], count: Int) -> Matrix {
    let size = count > 0 ? pixels.count / count : 0
    let side = model.configuration.picture.side
    return rows(count) { part in
      model.images(
        Tensor(Array(pixels[part.lowerBound * size..<part.upperBound * size]), shape: [part.count, side, side, 3]))
    }
  }

  /// Embeddings of texts, rows of length 1.
  ///
  /// - Parameter tokens: those of each text, all of equal length.
  public func texts(_ tokens: [[Int32]]) -> Matrix {
    rows(tokens.count) { part in model.texts(Array(tokens[part].joined()), batch: part.count) }
  }

  /// Embeddings of texts, rows of length 1.
  ///
  /// - Throws: `UserError` where the folder has no vocabulary.
  public func texts(_ texts: [String]) throws(UserError) -> Matrix {
    guard let tokeniser else {
      let known = PretrainedTokeniser.files.map { $0.joined(separator: " with ") }.joined(separator: ", ")
      throw UserError(
        .data, "the model has no vocabulary, so texts mean nothing to it", at: description.source,
        mend: "put one into its folder and import it again: \(known)")
    }
    let length = model.configuration.length
    let tokens = texts.map { tokeniser.tokens(of: $0, length: length) }
    let longest = tokens.map(\.count).max() ?? 0
    return self.texts(tokens.map { $0 + [Int32](repeating: 0, count: longest - $0.count) })
  }

  private func rows(_ count: Int, _ compute: (Range<Int>) -> Tensor) -> Matrix {
    var values: [Float] = []
    for start in stride(from: 0, to: count, by: Self.batchSize) {
      let part = start..<min(start + Self.batchSize, count)
      let found = reduced?.use { compute(part) } ?? compute(part)
      reduced?.compare(found) { compute(part.prefix($0)) }
      values += found.values
    }
    let columns = model.configuration.dimensions
    for row in 0..<count {
      let range = row * columns..<(row + 1) * columns
      let length = max(1e-12, values[range].reduce(0) { $0 + Double($1) * Double($1) }.squareRoot())
      for place in range { values[place] = Float(Double(values[place]) / length) }
    }
    return Matrix(rows: count, columns: columns, values: values)
  }

  /// Imports a published model: checks all of it, and copies weights, vocabulary and description to another folder.
  ///
  /// - Parameters:
  ///   - source: the folder that was fetched.
  ///   - target: the folder to be made; it may not be there.
  ///   - side: the side of pictures, where it is to be another than the configuration's.
  /// - Returns: the model.
  /// - Throws: `UserError` as ``init(folder:side:)`` does, or where the target cannot be written.
  public static func importing(_ source: URL, to target: URL, side: Int? = nil) throws(UserError) -> PretrainedModel {
    guard !FileManager.default.fileExists(atPath: target.path) else {
      throw UserError(.inputOutput, "the folder exists already", at: target.relativePath, mend: "name another")
    }
    guard !isImported(source) else {
      throw UserError(.data, "is imported already", at: source.relativePath, mend: "use it as it is")
    }
    let model = try PretrainedModel(folder: source, side: side)
    let files = [source.appending(path: model.description.weights)] + (PretrainedTokeniser.files(in: source) ?? [])
    do {
      try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
      for file in files {
        let copy = target.appending(path: file.lastPathComponent)
        try FileManager.default.copyItem(at: file.resolvingSymlinksInPath(), to: copy)
      }
    } catch {
      try? FileManager.default.removeItem(at: target)
      throw UserError(
        .inputOutput, "cannot be written: \(error.localizedDescription)", at: target.relativePath,
        mend: "see its permissions and the free space")
    }
    // Only a folder with a description counts as a model.
    try AtomicFile.write(
      try model.description.encoded(), to: target.appending(path: PretrainedDescription.fileName))
    return model
  }
}
