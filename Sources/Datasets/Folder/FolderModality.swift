import Diagnostics
import StrictYAML

/// A modality as `dataset.yaml` describes it.
struct FolderModality {
  /// Files of pictures.
  struct Image {
    /// The folder that the cells' paths start from, inside the data set's folder.
    var folder = ""
    /// The side of the result in pixels.
    var size = 64
    /// How a picture becomes square.
    var fit = ImageResize.Fit.crop
    /// 3 for colours, 1 for grey.
    var channels = 3
  }

  /// Clips: folders of frames, animated pictures, or video files.
  struct Video {
    /// The folder that the cells' paths start from, inside the data set's folder.
    var folder = ""
    /// The frames that are taken of a clip, evenly spaced.
    var frames = 8
    /// The side of a frame in pixels.
    var size = 32
    /// How a frame becomes square.
    var fit = ImageResize.Fit.crop
    /// 3 for colours, 1 for grey.
    var channels = 3
  }

  /// Files of recordings.
  struct Audio {
    /// The folder that the cells' paths start from, inside the data set's folder.
    var folder = ""
    /// The samples a second to which recordings are brought.
    var rate = 16_000
    /// The frames of a spectrogram, which span the recording.
    var frames = 64
    /// The mel bands.
    var bands = 64
    /// The window of a frame, in seconds.
    var window = 0.05
    /// Whether each band gets mean 0 and deviation 1 over the training items.
    var standardise = true
  }

  /// Texts.
  struct Text {
    /// The number of tokens, begin and end included; nil takes as many as the longest training text has.
    var length: Int?
    /// The greatest number of different tokens.
    var vocabularySize = 8_192
    /// How often a piece of a word must occur in training to be a token.
    var minimumPieceCount = 2
  }

  /// Sets of tags.
  struct Tags {
    /// What stands between two tags.
    var separator = ";"
    /// The most frequent tags of the training side are kept, this many.
    var count = 128
    /// Whether upper and lower case are one.
    var ignoresCase = true
  }

  /// Numbers in columns.
  struct Numbers {
    /// Whether each number gets mean 0 and deviation 1 over the training items.
    var standardise = true
    /// What stands before the fraction: a point, or a comma.
    var decimal = "."

    /// The number that a cell holds; nil where it holds none.
    func value(of cell: String) -> Double? {
      guard decimal == "," else { return Double(cell) }
      return cell.contains(".") ? nil : Double(cell.replacing(",", with: "."))
    }
  }

  /// Rows of an array in a file.
  struct Array {
    /// What a row is.
    enum Form: String, CaseIterable {
      /// Numbers without further structure.
      case vector
      /// A picture, `[height, width]` or `[height, width, channels]`; whole numbers are bytes, others lie in 0…1.
      case image
      /// `[frames, bands]`.
      case spectrogram
    }

    /// The `.npy` or IDX file inside the data set's folder.
    var file = ""
    /// Where the file is named, for errors.
    var place = ""
    /// What a row is.
    var form = Form.vector
    /// Whether each number (of a spectrogram: each band) gets mean 0 and deviation 1 over the training items.
    var standardise = true
  }

  /// Numbers of several channels over time: a file for each row, or one file for all.
  struct Series {
    /// Where the steps of padding stand that make series equally long.
    enum Padding: String, CaseIterable {
      /// Behind the others.
      case end
      /// Before the others.
      case front
    }

    /// The folder that the cells' paths start from, inside the data set's folder.
    var folder = ""
    /// The one `.npy` or `.ts` file for all; empty where the column names a file for each row.
    var file = ""
    /// Where the file is named, for errors.
    var place = ""
    /// The number of steps; nil takes as many as the longest series has.
    var length: Int?
    /// Where padding stands.
    var padding = Padding.end
    /// Whether each channel gets mean 0 and deviation 1 over the steps of the training items.
    var standardise = true
  }

  /// What the columns hold.
  enum Kind {
    case image(Image)
    case video(Video)
    case audio(Audio)
    case text(Text)
    case tags(Tags)
    case numbers(Numbers)
    case array(Array)
    case series(Series)
    case label
  }

  private enum KindName: String, CaseIterable {
    case image, video, audio, text, tags, numbers, array, series, label
  }

  /// The name.
  let name: String
  /// The columns of the table; none where an array's rows follow the table's.
  let columns: [FolderDescription.Name]
  /// What the columns hold.
  var kind: Kind
  /// Where the modality stands, for errors.
  let place: String

  /// The one file that has the items of all rows; nil where there is none.
  var oneFile: String? {
    switch kind {
    case .array(let array): array.file
    case .series(let series) where !series.file.isEmpty: series.file
    default: nil
    }
  }

  /// Reads one member of the section `modalities`.
  init(_ member: LocatedValue.Member, source: String) throws(UserError) {
    name = member.key
    place = "\(source):\(member.place.line):\(member.place.column)"
    let path = "modalities.\(name)"
    guard !name.isEmpty, !name.contains(where: { $0.isWhitespace || $0 == "+" || $0 == "," || $0 == "/" }) else {
      throw UserError(
        .data, "a modality cannot be called `\(name)`", at: place, mend: "use letters, digits and hyphens")
    }
    guard case .section(let entries) = member.value.content else {
      throw UserError(
        .data, "`\(path)` must be a section, not \(member.value.plain.kind)", at: place,
        mend: "for example `\(name): {kind: text, column: caption}`")
    }
    // The keys depend on the kind, so that is read first.
    let free = try StrictSection(member.value, path: path, keys: nil, source: source)
    guard let kind = try free.choice("kind", of: KindName.self) else {
      let near = entries.map(\.key).first { nearestName(to: $0, among: ["kind"]) != nil }
      throw UserError(
        .data, "`\(path).kind` is missing", at: place,
        mend: near.map { "did you mean `kind` by `\($0)`?" }
          ?? "choose one of \(KindName.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    let section = try StrictSection(
      member.value, path: path, keys: ["kind"] + Self.keys(of: kind), source: source)
    let key = kind == .numbers ? "columns" : "column"
    let given = try section.texts(key).map { FolderDescription.Name(text: $0.text, place: $0.place) }
    guard key == "columns" || given.count < 2 else {
      throw section.refused(key, "must be one column, not a list", mend: "describe a modality for each")
    }
    // A modality without a column has its own name's.
    let isOneFile = kind == .array || (kind == .series && section["file"] != nil)
    columns = given.isEmpty && !isOneFile ? [.init(text: name, place: place)] : given
    self.kind = try Self.kind(kind, section)
  }

  private static func keys(of kind: KindName) -> [String] {
    switch kind {
    case .image: ["column", "folder", "size", "fit", "channels"]
    case .video: ["column", "folder", "frames", "size", "fit", "channels"]
    case .audio: ["column", "folder", "rate", "frames", "bands", "window", "standardise"]
    case .text: ["column", "length", "vocabularySize", "minimumPieceCount"]
    case .tags: ["column", "separator", "count", "ignoresCase"]
    case .numbers: ["columns", "standardise", "decimal"]
    case .array: ["file", "column", "as", "standardise"]
    case .series: ["column", "folder", "file", "length", "padding", "standardise"]
    case .label: ["column"]
    }
  }

  private static func kind(_ kind: KindName, _ section: StrictSection) throws(UserError) -> Kind {
    switch kind {
    case .image:
      var image = Image()
      image.folder = try section.text("folder", loosely: true) ?? image.folder
      image.size = try section.integer("size", FolderDataset.imageSizes) ?? image.size
      image.fit = try section.choice("fit", of: ImageResize.Fit.self) ?? image.fit
      image.channels = try section.integer("channels", 1...3) ?? image.channels
      guard image.channels != 2 else { throw section.refused("channels", "cannot be 2", mend: "give 1 or 3") }
      return .image(image)
    case .video:
      var video = Video()
      video.folder = try section.text("folder", loosely: true) ?? video.folder
      video.frames = try section.integer("frames", VideoClip.frameCounts) ?? video.frames
      video.size = try section.integer("size", FolderDataset.imageSizes) ?? video.size
      video.fit = try section.choice("fit", of: ImageResize.Fit.self) ?? video.fit
      video.channels = try section.integer("channels", 1...3) ?? video.channels
      guard video.channels != 2 else { throw section.refused("channels", "cannot be 2", mend: "give 1 or 3") }
      return .video(video)
    case .audio:
      var audio = Audio()
      audio.folder = try section.text("folder", loosely: true) ?? audio.folder
      audio.rate = try section.integer("rate", 1000...192_000) ?? audio.rate
      audio.frames = try section.integer("frames", 2...4096) ?? audio.frames
      audio.bands = try section.integer("bands", 1...1024) ?? audio.bands
      audio.window = try section.number("window", 0.002..<1) ?? audio.window
      audio.standardise = try section.boolean("standardise") ?? audio.standardise
      return .audio(audio)
    case .text:
      var text = Text()
      text.length = try section.integer("length", 3...1024)
      text.vocabularySize =
        try section.integer("vocabularySize", SubwordTokeniser.vocabularySizes) ?? text.vocabularySize
      text.minimumPieceCount = try section.integer("minimumPieceCount", 1...1_000_000) ?? text.minimumPieceCount
      return .text(text)
    case .tags:
      var tags = Tags()
      tags.separator = try section.text("separator") ?? tags.separator
      guard !tags.separator.isEmpty else { throw section.refused("separator", "is empty", mend: "for example \";\"") }
      tags.count = try section.integer("count", 1...100_000) ?? tags.count
      tags.ignoresCase = try section.boolean("ignoresCase") ?? tags.ignoresCase
      return .tags(tags)
    case .numbers:
      var numbers = Numbers()
      numbers.standardise = try section.boolean("standardise") ?? numbers.standardise
      numbers.decimal = try section.text("decimal") ?? numbers.decimal
      guard [".", ","].contains(numbers.decimal) else {
        throw section.refused("decimal", "must be a point or a comma, not `\(numbers.decimal)`", mend: "give \",\"")
      }
      return .numbers(numbers)
    case .array:
      var array = Array()
      guard let file = try section.text("file", loosely: true) else {
        throw UserError(
          .data, "`\(section.path).file` is missing", at: section.place(of: section.place),
          mend: "name an .npy or IDX file")
      }
      array.file = file
      array.place = section.place(of: "file")
      array.form = try section.choice("as", of: Array.Form.self) ?? array.form
      if array.form == .image, section["standardise"] != nil {
        throw section.refused("standardise", "has no meaning for pictures", mend: "remove it")
      }
      array.standardise = try section.boolean("standardise") ?? array.standardise
      return .array(array)
    case .series:
      var series = Series()
      series.folder = try section.text("folder", loosely: true) ?? series.folder
      series.file = try section.text("file", loosely: true) ?? series.file
      series.place = section.place(of: "file")
      if !series.file.isEmpty, section["folder"] != nil {
        throw section.refused("folder", "has no meaning beside `file`", mend: "remove one of them")
      }
      series.length = try section.integer("length", 1...65_536)
      series.padding = try section.choice("padding", of: Series.Padding.self) ?? series.padding
      series.standardise = try section.boolean("standardise") ?? series.standardise
      return .series(series)
    case .label: return .label
    }
  }
}
