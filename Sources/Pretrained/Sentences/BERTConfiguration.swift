import Diagnostics
import Foundation
import Layers

/// What a published BERT is that stands for sentences (Reimers & Gurevych, EMNLP 2019), beyond what its weights tell.
public struct BERTConfiguration: Codable, Equatable, Sendable {
  /// What of the tokens stands for a sentence.
  public enum Pooling: String, Codable, Sendable {
    /// The mean over all tokens, those before and behind the text among them.
    case mean
    /// The first token.
    case first
  }

  /// The width of a token.
  public var width: Int
  /// The number of blocks.
  public var layers: Int
  /// The heads of each attention.
  public var heads: Int
  /// The hidden width of each perceptron.
  public var hidden: Int
  /// ε of every layer norm.
  public var epsilon: Float
  /// The number of different tokens.
  public var vocabulary: Int
  /// The rows of the table of positions.
  public var positions: Int
  /// The rows of the table of types, of which the first is used.
  public var types: Int
  /// The most tokens of a text.
  public var length: Int
  /// What stands for a sentence.
  public var pooling: Pooling

  /// Whether a folder's `config.json` is that of a BERT.
  static func isOf(_ folder: URL) -> Bool {
    let file = folder.appending(path: "config.json")
    guard FileManager.default.fileExists(atPath: file.path), let section = try? ConfigurationSection(file: file) else {
      return false
    }
    return (try? section.text("model_type", default: "")) == "bert"
  }

  /// Reads `config.json` of transformers, and `1_Pooling/config.json`, `modules.json` and `sentence_bert_config.json` of
  /// sentence-transformers where they are there.
  ///
  /// - Throws: `UserError` for another architecture, or a value that is impossible.
  init(folder: URL) throws(UserError) {
    let config = try ConfigurationSection(file: folder.appending(path: "config.json"))
    guard try config.text("model_type", default: "") == "bert" else { throw config.fault("model_type", "bert") }
    guard try config.text("hidden_act", default: "gelu") == "gelu" else { throw config.fault("hidden_act", "gelu") }
    guard try config.text("position_embedding_type", default: "absolute") == "absolute" else {
      throw config.fault("position_embedding_type", "absolute")
    }
    width = try config.count("hidden_size", default: 768, atMost: 1 << 14)
    layers = try config.count("num_hidden_layers", default: 12, atMost: 256)
    heads = try config.count("num_attention_heads", default: 12, atMost: 1 << 10)
    hidden = try config.count("intermediate_size", default: 3072, atMost: 1 << 16)
    epsilon = Float(try config.number("layer_norm_eps", default: 1e-12))
    vocabulary = try config.count("vocab_size", default: 30_522)
    positions = try config.count("max_position_embeddings", default: 512, atMost: 1 << 14)
    types = try config.count("type_vocab_size", default: 2, atMost: 1 << 10)
    length = positions
    pooling = .mean
    let files = FileManager.default
    let limits = folder.appending(path: "sentence_bert_config.json")
    if files.fileExists(atPath: limits.path) {
      length = min(length, try ConfigurationSection(file: limits).count("max_seq_length", default: positions))
    }
    let pool = folder.appending(path: "1_Pooling/config.json")
    if files.fileExists(atPath: pool.path) {
      let section = try ConfigurationSection(file: pool)
      let wanted = section.members.filter { $0.key.hasPrefix("pooling_mode_") && !$0.value.isOff }.map(\.key)
      switch wanted {
      case ["pooling_mode_mean_tokens"]: pooling = .mean
      case ["pooling_mode_cls_token"]: pooling = .first
      default:
        throw UserError(
          .data, "the pooling \(wanted.sorted().joined(separator: ", ")) is not known", at: pool.relativePath,
          mend: "known are the mean over tokens and the first token")
      }
    }
    if files.fileExists(atPath: folder.appending(path: "2_Dense").path) {
      throw UserError(
        .data, "has a dense layer behind the pooling, which is not read", at: folder.relativePath,
        mend: "take a model whose sentences are pooled tokens")
    }
    try check(at: folder.relativePath)
  }

  /// Checks that sizes are possible and fit each other.
  ///
  /// - Throws: `UserError` naming what does not.
  func check(at place: String) throws(UserError) {
    let sizes = [width, layers, heads, hidden, vocabulary, positions, types]
    guard sizes.allSatisfy({ (1...1 << 24).contains($0) }), width % heads == 0, (2...positions).contains(length),
      epsilon > 0
    else {
      throw UserError(
        .data,
        "the sizes contradict each other: width \(width), heads \(heads), at most \(length) of \(positions) tokens",
        at: place, mend: "take the configuration of the model itself")
    }
  }
}
