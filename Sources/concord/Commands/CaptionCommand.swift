import ArgumentParser
import Diagnostics
import Foundation
import Options
import Search
import StrictYAML
import TextGeneration

/// `concord caption`
struct CaptionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "caption", abstract: "Writes captions for pictures, by a trained run of a captioning method.",
    discussion: """
      Example:  concord caption runs/caption-emoji picture.png

      Example:  concord caption runs/caption-emoji a.png b.png --strategy nucleus --samples 5

      Behind each caption stands the logarithm of its probability. What is not said is as the run's recipe has it \
      (evaluation.captioning.decoding).
      """)

  /// The most captions of a call.
  private static let mostCaptions = 100_000

  @OptionGroup var trained: TrainedRunArguments

  @Argument(help: "The pictures, PNG, JPEG or WebP.")
  var pictures: [String]

  @Option(
    help: "The modality of captions to write, such as caption-ko; the first that the run writes where it is left out.")
  var caption: String?

  @Option(help: "How the next token is chosen: greedy, beam or nucleus.")
  var strategy: String?

  @Option(help: "How many captions are kept beside each other; means --strategy beam.")
  var beams: Int?

  @Option(
    name: .customLong("length-penalty"),
    help: "The power of its length that a caption's score is divided by, for beams.")
  var lengthPenalty: Double?

  @Option(help: "How many captions are drawn for each picture; means --strategy nucleus.")
  var samples: Int?

  @Option(name: .customLong("top-p"), help: "The share of probability that is drawn from.")
  var topP: Double?

  @Option(help: "What logits are divided by before a token is drawn.")
  var temperature: Double?

  @Option(name: .customLong("draw-seed"), help: "The seed of what is drawn.")
  var drawSeed: Int?

  @Option(name: .customLong("maximum-length"), help: "The most tokens of a caption.")
  var maximumLength: Int?

  @Option(name: .customLong("minimum-length"), help: "The fewest tokens of a caption.")
  var minimumLength: Int?

  @Option(name: .customLong("repetition-penalty"), help: "What tokens cost that a caption has already; 1 for nothing.")
  var repetitionPenalty: Double?

  func validate() throws {
    if beams != nil, samples != nil { throw ValidationError("give either --beams or --samples") }
    if let strategy, DecodingOptions.Strategy(rawValue: strategy) == nil {
      throw ValidationError("--strategy must be greedy, beam or nucleus, not '\(strategy)'")
    }
    for (option, value, own) in [
      ("--beams", beams, DecodingOptions.Strategy.beam), ("--samples", samples, .nucleus),
    ] {
      guard value != nil, let strategy, strategy != own.rawValue else { continue }
      throw ValidationError("\(option) belongs to --strategy \(own.rawValue)")
    }
    if caption != nil, trained.language != nil { throw ValidationError("give either --caption or --language") }
    try trained.requireFloat32(for: "captions")
    _ = try checked(DecodingOptions())
  }

  /// Some options with those that are named.
  private func checked(_ options: DecodingOptions) throws -> DecodingOptions {
    var options = options
    if let beams { (options.strategy, options.beams) = (.beam, beams) }
    if let samples { (options.strategy, options.samples) = (.nucleus, samples) }
    if let strategy, let known = DecodingOptions.Strategy(rawValue: strategy) { options.strategy = known }
    options.lengthPenalty = lengthPenalty ?? options.lengthPenalty
    options.topP = topP ?? options.topP
    options.temperature = temperature ?? options.temperature
    options.seed = drawSeed ?? options.seed
    options.repetitionPenalty = repetitionPenalty ?? options.repetitionPenalty
    // A length that is named moves the other one where that is not.
    if let maximumLength {
      options.maximumLength = maximumLength
      options.minimumLength = min(options.minimumLength, max(maximumLength, 0))
    }
    if let minimumLength {
      options.minimumLength = minimumLength
      if maximumLength == nil { options.maximumLength = max(options.maximumLength, minimumLength) }
    }
    for requirement in options.requirements where !requirement.holds {
      throw ValidationError("--\(Self.dashed(requirement.key)) \(requirement.what)")
    }
    guard pictures.count * options.textsPerRow <= Self.mostCaptions else {
      throw ValidationError(
        "\(pictures.count * options.textsPerRow) captions, of which at most \(Self.mostCaptions) are written at once")
    }
    return options
  }

  /// A key as the option is called, such as `top-p`.
  private static func dashed(_ key: String) -> String {
    key.reduce(into: "") { $0 += $1.isUppercase ? "-\($1.lowercased())" : String($1) }
  }

  func run() throws {
    let (run, search) = try trained.open()
    guard let writing = search.embedder.writing else {
      throw UserError(
        .usage, "the run writes no captions", at: trained.run,
        mend: "name a run of a captioning method, such as one of caption/emoji")
    }
    let modality = try modality(writing)
    let options = try checked(writing.options)
    let files = pictures.map { URL(fileURLWithPath: $0) }
    guard let found = try search.captions(forPictures: files, modality: modality, options: options) else {
      throw UserError(.usage, "the run writes no \(modality)", at: trained.run)
    }
    if trained.json {
      let items = zip(pictures, found).map { picture, captions in
        JSONValue.object([
          "picture": .text(picture),
          "captions": .list(
            captions.map {
              .object(["text": .text($0.text), "score": .number($0.score), "isFinished": .boolean($0.isFinished)])
            }),
        ])
      }
      return say(
        JSONValue.object(["run": .text(run.name), "modality": .text(modality), "pictures": .list(items)]).json)
    }
    for (picture, captions) in zip(pictures, found) {
      for caption in captions {
        say(TrainedRunArguments.line(picture, caption.text, score: caption.score, isFinished: caption.isFinished))
      }
    }
    say("\(modality) by \(run.name), \(options.description).")
  }

  /// The modality that is written, by its name or its language.
  private func modality(_ writing: CaptionWriting) throws -> String {
    guard let name = caption ?? trained.language else { return writing.modalities[0] }
    if let found = writing.modalities.first(where: { $0 == name || $0 == "caption-\(name)" }) { return found }
    throw UserError(
      .usage, "the run writes no \(name)", at: trained.run,
      mend: "it writes \(writing.modalities.joined(separator: ", "))")
  }
}
