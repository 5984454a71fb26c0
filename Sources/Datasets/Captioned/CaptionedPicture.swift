import Options

/// A picture of a published set with what is said of it.
struct CaptionedPicture: Equatable, Sendable {
  /// The file, relative to the folder of the set.
  var file: String
  /// What it is called in reports and families.
  var identifier: String
  /// The captions, in the order of the file.
  var captions: [String] = []
  /// The numbers of its tags, ascending; nil where they are not known.
  var tags: [Int]?
}

/// Which of several captions of a picture training sees.
public enum TrainingCaptions: String, Codable, CaseIterable, Sendable {
  /// Each picture once an epoch, with one of its captions that is drawn anew each time.
  case drawn
  /// Each pair of a picture and a caption once an epoch.
  case each
}

/// How pictures with captions become items.
struct CaptionedForm: Sendable {
  /// The side of the pictures in pixels.
  let imageSize: Int
  /// The number of tokens of a caption, begin and end included.
  let captionLength: Int
  /// The greatest number of different tokens.
  let vocabularySize: Int
  /// How often a piece must occur in the training captions.
  let minimumPieceCount: Int
  /// Which of several captions training sees.
  let trainingCaptions: TrainingCaptions

  /// What the numbers must be.
  var requirements: [OptionRequirement] {
    [
      .count("imageSize", imageSize, atLeast: 8, atMost: 1024),
      .count("captionLength", captionLength, atLeast: 3, atMost: 1024),
      SubwordTokeniser.requirement(vocabularySize: vocabularySize),
      .count("minimumPieceCount", minimumPieceCount),
    ]
  }
}
