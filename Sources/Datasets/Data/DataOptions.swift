import Diagnostics
import Options

/// What is learned from: the section `data` of every recipe.
///
/// | kept here | meaning |
/// | --- | --- |
/// | `set` | the source, whose options stand in the section of its name |
/// | `modalities` | what is aligned, in its order; the first of captions is the one that class names are read as |
/// | `tags` | the modality that is supervision, not aligned unless `modalities` names it |
/// | `sparesEqualItems` | whether what has an equal text, picture or sound is no negative in training |
/// | `folds`, `fold` | a cross-validation by families, and which of its folds is tested |
public typealias DataOptions = Sectioned<DataChoice, DataSources>

/// What the section `data` says beside the options of the sources.
public struct DataChoice: SectionBase {
  /// What is done to the pixels of pictures, which are in 0…1, before an encoder sees them.
  public enum Normalisation: String, Codable, CaseIterable, Sendable {
    /// Nothing.
    case none
    /// They are brought to −1…1.
    case symmetric
    /// Each channel gets mean 0 and deviation 1 over the training pictures.
    case standardised
  }

  /// The source.
  public var set = EntryName<DataSources>(EmojiDataset.Options.self)
  /// The modalities to align, in their order; nil takes all but tags and classes.
  public var modalities: [String]?
  /// Whether tags and classes are aligned as well where `modalities` is nil.
  public var includesSupervision = false
  /// The modality of tags, a source of positives for some methods and a probe for all; `tags` is used where there is one, another
  /// name must be there, and an empty one is that of none.
  public var tags = "tags"
  /// The modality of one number that a method may learn to predict beside its contrast; it is not aligned. Empty for none.
  public var target = ""
  /// Whether training observations get the tags of others, as a control.
  public var shufflesTags = false
  /// Whether observations with an equal text, picture or sound are no negatives of each other in training; else they
  /// are, as most papers have it.
  public var sparesEqualItems = true
  /// p, the share of training observations whose items of all modalities but the first are those of another one, the same
  /// throughout the training: pairs that are wrong on purpose.
  public var pairNoise = 0.0
  /// In how many folds a drawn split is divided, of which one is the test side; 1 for a test side by its share, nil for
  /// as many as the source's own `folds` says, 1 where it has none.
  public var folds: Int?
  /// The fold that is tested, from 0; nil takes the seed modulo `folds`, so that as many seeds test every observation
  /// once.
  public var fold: Int?
  /// How many threads decode and change the pictures of the next batch while one is trained with, 0 for none; nil: for
  /// streamed pictures half of the threads, for those in memory none. The numbers are the same.
  public var readers: Int?
  /// What is done to pixels.
  public var normalisation = Normalisation.symmetric

  /// The defaults.
  public init() {}
}

extension Sectioned<DataChoice, DataSources> {
  /// The options of every source.
  public var sources: OptionSections<DataSources> {
    get { sections }
    set { sections = newValue }
  }

  /// Checks the values that a data set is not needed for.
  ///
  /// - Throws: an error whose place is the key below `data`.
  public func validate() throws(UserError) {
    if let modalities = self.modalities, modalities.isEmpty || Set(modalities).count < modalities.count {
      throw UserError(.data, "must name different modalities, at least one", at: "modalities")
    }
    guard (1...100).contains(foldCount) else { throw UserError(.data, "must be 1 to 100", at: "folds") }
    guard (0..<foldCount).contains(self.fold ?? 0) else {
      throw UserError(
        .data, "must be 0 to \(foldCount - 1), one of the folds, or null for one by the seed", at: "fold",
        mend: "the number of folds is data.folds")
    }
    guard (0...256).contains(self.readers ?? 0) else { throw UserError(.data, "must be 0 to 256", at: "readers") }
    try OptionRequirement.share("pairNoise", self.pairNoise).check()
    for name in EntryName<DataSources>.allCases { try sources.validate(name) }
  }

  /// Loads the data set that is named.
  ///
  /// - Throws: `UserError` where files are missing or damaged.
  public func load(_ request: DataRequest = DataRequest()) throws(UserError) -> MultimodalDataset {
    try source.load(try completed(request))
  }

  /// What the data set that is named is now.
  ///
  /// - Throws: `UserError` where files are missing or damaged.
  public func identity(_ request: DataRequest = DataRequest()) throws(UserError) -> DataIdentity {
    try source.identity(try completed(request))
  }

  /// The number of folds, 1 for none.
  public var foldCount: Int { self.folds ?? source.usualFolds }

  private var source: any DataSource {
    guard let source = sources[self.set] as? any DataSource else {
      preconditionFailure("DataOptions: \(self.set.rawValue) cannot be loaded")
    }
    return source
  }

  private func completed(_ request: DataRequest) throws(UserError) -> DataRequest {
    var request = request
    request.modalities = self.modalities
    request.tags = self.tags.isEmpty ? nil : self.tags
    request.target = self.target.isEmpty ? nil : self.target
    let folds = foldCount
    if folds > 1 {
      guard type(of: source).hasFolds else {
        let others = DataSources.all.compactMap { $0 as? any DataSource.Type }.filter { $0.hasFolds }.map { $0.key }
        throw UserError(
          .data, "`\(self.set.rawValue)` has sides of its own, which folds cannot replace", at: "data.folds",
          mend: "set it to 1, or take one of \(others.joined(separator: ", "))")
      }
      guard !source.asksForTestShare else {
        throw UserError(
          .data, "says nothing, since each of \(folds) folds is a test side",
          at: "data.\(self.set.rawValue).testFraction",
          mend: "set data.folds=1, or leave it out")
      }
      request.fold = .tested(self.fold, of: folds, seed: request.seed)
    }
    return request
  }
}
