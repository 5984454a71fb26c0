import Kernels
import Options

/// How texts are written token by token: a section of recipes within that of a method or an evaluator.
public struct DecodingOptions: OptionSection {
  /// How the next token is chosen.
  public enum Strategy: String, Codable, CaseIterable, Sendable {
    /// The likeliest token each time.
    case greedy
    /// The likeliest texts among some that are kept beside each other.
    case beam
    /// Drawn from the likeliest tokens (Holtzman et al., ICLR 2020).
    case nucleus
  }

  /// `decoding`
  public static var key: String { "decoding" }

  /// How the next token is chosen.
  public var strategy = Strategy.beam
  /// How many texts `beam` keeps beside each other.
  public var beams = 3
  /// γ: `beam` compares texts by their log probability divided by the γ-th power of their length; 0 for the log probability
  /// itself.
  public var lengthPenalty = 0.7
  /// The share of probability that the tokens have which `nucleus` draws from.
  public var topP = 0.9
  /// What logits are divided by before `nucleus` draws.
  public var temperature = 1.0
  /// How many texts of each row `nucleus` draws.
  public var samples = 1
  /// The seed of what is drawn.
  public var seed = 0
  /// The fewest tokens of a text, its end not counted.
  public var minimumLength = 1
  /// The most tokens of a text, its end not counted.
  public var maximumLength = 20
  /// What the logits of tokens that a text has already are divided by where they are positive, and multiplied by where not
  /// (Keskar et al., 2019); 1 changes nothing.
  public var repetitionPenalty = 1.0

  /// The defaults.
  public init() {}

  /// What the numbers must be.
  public var requirements: [OptionRequirement] {
    [
      .count("beams", beams, atMost: 64), .notNegative("lengthPenalty", lengthPenalty),
      OptionRequirement("topP", topP > 0 && topP <= 1, "must be above 0 and at most 1"),
      .positive("temperature", temperature), .count("samples", samples, atMost: 1_000),
      .count("maximumLength", maximumLength, atMost: 1_024),
      .count("minimumLength", minimumLength, atLeast: 0, atMost: 1_024),
      OptionRequirement(
        "minimumLength", minimumLength <= maximumLength, "must be at most maximumLength (\(maximumLength))"),
      .positive("repetitionPenalty", repetitionPenalty),
    ]
  }

  /// How many texts are written of each row.
  public var textsPerRow: Int { strategy == .nucleus ? samples : 1 }

  /// The stream that texts are drawn from, at its beginning.
  public var stream: RandomStream { RandomStreams.stream("written texts", seed: seed) }

  /// The settings in a few words, such as `beams of 3`.
  public var description: String {
    switch strategy {
    case .greedy: "the likeliest token each time"
    case .beam: "\(beams) \(beams == 1 ? "beam" : "beams"), length penalty \(lengthPenalty)"
    case .nucleus: "drawn, nucleus of \(topP), temperature \(temperature), seed \(seed)"
    }
  }
}
