import Datasets
import Diagnostics

/// What trained networks know, vocabularies and classes, and what they are searched in: the reported side of their data.
public struct SearchableData: Sendable {
  /// A modality of captions with its vocabulary.
  public struct Caption: Sendable {
    /// The modality's name, such as `caption-en`.
    public let name: String
    /// What turns a text into tokens, where it was learnt from the run's own texts.
    public let tokeniser: SubwordTokeniser?
    private let pretrained: PretrainedTokeniser?

    /// Names a modality.
    public init(name: String, tokeniser: SubwordTokeniser) {
      self.name = name
      self.tokeniser = tokeniser
      pretrained = nil
    }

    /// Names the texts of a published model.
    public init(name: String, pretrained: PretrainedTokeniser) {
      self.name = name
      tokeniser = nil
      self.pretrained = pretrained
    }

    /// How a text is read.
    public func coverage(of text: String) -> TextCoverage {
      if let tokeniser { return TextCoverage(of: text, in: tokeniser) }
      // The first and the last token belong to no word.
      return TextCoverage(tokenCount: max(0, (pretrained?.tokens(of: text, length: .max).count ?? 0) - 2))
    }
  }

  /// The data set's name.
  public let name: String
  /// The checksum of what was read.
  public let checksum: String
  /// The modality of pictures.
  public let imageName: String
  /// How a file becomes a picture.
  public let form: PictureForm
  /// The observations that are searched; none where they were not wanted.
  public let side: MultimodalSplit
  /// The modalities of captions; none where the networks know no texts.
  public let captions: [Caption]
  /// Whether the observations are of data that have changed since the run was made.
  public let isChanged: Bool
  /// The labellings with the names of their classes, that of the fewest classes first.
  public let labellings: [(name: String, classes: [String])]

  /// Puts the parts together.
  public init(
    name: String, checksum: String, imageName: String, form: PictureForm, side: MultimodalSplit, captions: [Caption],
    classNames: [String: [String]], isChanged: Bool = false
  ) {
    self.name = name
    self.checksum = checksum
    self.imageName = imageName
    self.form = form
    self.side = side
    self.captions = captions
    self.isChanged = isChanged
    labellings = classNames.sorted { ($0.value.count, $0.key) < ($1.value.count, $1.key) }.map { ($0.key, $0.value) }
  }

  /// Takes a data set.
  ///
  /// - Parameters:
  ///   - captions: the modalities of captions that the networks know.
  ///   - readers: what reads some of them in place of the data set's tokenisers, by name.
  /// - Throws: `UserError` where files cannot become pictures of this kind.
  public init(
    _ dataset: MultimodalDataset, side: MultimodalSplit, image: String, captions: [String],
    readers: [String: ImportedReading.Captions] = [:], isChanged: Bool = false
  ) throws(UserError) {
    guard let form = dataset.pictureForm(of: image) else { throw Self.cannotRead(image, of: dataset.name) }
    self.init(
      name: dataset.name, checksum: dataset.checksum, imageName: image, form: form, side: side,
      captions: captions.compactMap { name in
        readers[name].map { Caption(name: name, pretrained: $0.tokeniser) }
          ?? dataset.tokenisers[name].map { Caption(name: name, tokeniser: $0) }
      }, classNames: dataset.classNames, isChanged: isChanged)
  }

  /// The error of a modality that no file can become an item of.
  public static func cannotRead(_ modality: String, of dataset: String) -> UserError {
    UserError(
      .data, "`\(modality)` is no modality of pictures with 1 or 3 channels", at: dataset,
      mend: "only runs with such pictures can be searched")
  }

  /// The modality of captions that a user means: by its name, or by what follows `caption-` in it.
  ///
  /// - Throws: `UserError` of kind `usage` where there is none.
  public func caption(named name: String) throws(UserError) -> Caption {
    if let caption = captions.first(where: { $0.name == name })
      ?? captions.first(where: { $0.name == "caption-\(name)" })
    {
      return caption
    }
    guard !captions.isEmpty else { throw wordless }
    let names = captions.map(\.name)
    throw UserError(
      .usage, "the run has no captions \"\(name)\"",
      mend: nearestName(to: name, among: names).map { "did you mean \($0)?" }
        ?? "it has \(names.joined(separator: ", "))")
  }

  /// The error of asking for texts where there are none.
  var wordless: UserError {
    UserError(
      .data, "the run knows no texts, only pictures", at: name, mend: "search by a picture: --image FILE")
  }

  /// What an observation is called, else its number.
  func identifier(of index: Int) -> String {
    side.identifiers.indices.contains(index) ? side.identifiers[index] : "\(side.name) \(index)"
  }

  /// An observation's text in a modality of captions; empty where it has none.
  func text(_ caption: String, of index: Int) -> String {
    guard let texts = side.texts[caption], texts.indices.contains(index) else { return "" }
    return texts[index]
  }

  /// A few words about an observation: the different texts of all that share its picture, else its classes.
  func words(for index: Int) -> String {
    let rows = side.column(of: imageName).rows
    let same = rows[index] == ModalityColumn.absent ? [index] : rows.indices.filter { rows[$0] == rows[index] }
    var texts: [String] = []
    for observation in same {
      for text in captions.map({ text($0.name, of: observation) }) where !text.isEmpty && !texts.contains(text) {
        texts.append(text)
      }
    }
    guard texts.isEmpty else { return texts.joined(separator: " | ") }
    return labellings.compactMap { name, classes in
      side.labels[name].flatMap { classes.indices.contains(Int($0[index])) ? classes[Int($0[index])] : nil }
    }.joined(separator: ", ")
  }

  /// The observations that have a picture, of those that share one the first.
  var pictured: [Int] {
    let rows = side.column(of: imageName).rows
    var seen: Set<Int32> = [ModalityColumn.absent]
    return rows.indices.filter { seen.insert(rows[$0]).inserted }
  }

  /// The pixels of some observations' pictures, one after another, in 0…1.
  ///
  /// - Throws: `UserError` where a picture that is not in memory cannot be read.
  func pixels(of observations: some Collection<Int>) throws(UserError) -> [Float] {
    guard case .numbers(let pixels) = try side.readItems(of: imageName, at: observations) else { return [] }
    return pixels
  }
}
