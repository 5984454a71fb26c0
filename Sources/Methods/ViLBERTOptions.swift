import Datasets
import Encoders
import Layers
import Options

/// ViLBERT (Lu et al., NeurIPS 2019): a stream of words and one of regions that look at each other, trained to tell masked
/// words, masked regions, and whether both belong together. It scores pairs and gives no vector of a picture or a text alone.
public struct ViLBERTOptions: MethodOptions {
  /// `vilbert`
  public static var key: String { "vilbert" }
  /// In a few words.
  public static var summary: String { "two streams with co-attention: masked words, masked regions, alignment" }
  /// The publication.
  public static var source: String { "Lu et al., NeurIPS 2019" }
  /// The file.
  public static var file: String? { #fileID }

  /// The stream of words; published: 768 wide, 12 layers, 12 heads, 3,072 inside.
  public var text = TwoStreamTransformer.Stream(dimensions: 192, layers: 4, heads: 4, hidden: 768)
  /// The stream of regions; published: 1,024 wide, 6 layers, 8 heads, 1,024 inside.
  public var vision = TwoStreamTransformer.Stream(dimensions: 192, layers: 2, heads: 4, hidden: 192)
  /// The connection layers, between the last layers of both streams; published: 1,024 wide, 6 layers, 8 heads.
  public var connection = TwoStreamTransformer.Connection(dimensions: 192, layers: 2, heads: 4)
  /// The width in which a picture and a text are multiplied; published: 1,024.
  public var pooledDimensions = 192
  /// The dropout of all residual branches, of attention's weights, of both embeddings, and before the alignment.
  public var dropout = 0.1
  /// The side of the patches that are regions where the data have pictures and no regions.
  public var patchSize = 8
  /// The share of words that are to be told: of these 80 % are masked, 10 % another word, 10 % kept.
  public var maskedWords = 0.15
  /// The share of regions that are to be told.
  public var maskedRegions = 0.15
  /// The share of those whose features become zeros; the others are kept.
  public var zeroedRegions = 0.9
  /// The share of observations whose text is replaced by another of the batch, where nobody said which texts are false.
  public var mismatched = 0.5
  /// Whether masked words and regions are also learnt from pairs that do not belong together, as the first published code
  /// does; the later one does not.
  public var learnsFromMismatched = false
  /// The weight of masked words.
  public var wordWeight = 1.0
  /// The weight of masked regions.
  public var regionWeight = 1.0

  /// The defaults.
  public init() {}

  /// What the numbers must be.
  public var requirements: [OptionRequirement] {
    func stream(_ name: String, _ stream: TwoStreamTransformer.Stream) -> [OptionRequirement] {
      [
        .widths("\(name).dimensions", [stream.dimensions]), .widths("\(name).heads", [stream.heads]),
        .widths("\(name).hidden", [stream.hidden]), .count("\(name).layers", stream.layers, atMost: 1_000),
        OptionRequirement(
          "\(name).heads", stream.dimensions % max(stream.heads, 1) == 0,
          "must divide \(name).dimensions (\(stream.dimensions))"),
      ]
    }
    return stream("text", text) + stream("vision", vision) + [
      .widths("connection.dimensions", [connection.dimensions]), .widths("connection.heads", [connection.heads]),
      OptionRequirement(
        "connection.heads", connection.dimensions % max(connection.heads, 1) == 0,
        "must divide connection.dimensions (\(connection.dimensions))"),
      .count("connection.layers", connection.layers, atMost: 1_000),
      OptionRequirement(
        "connection.layers", connection.layers <= min(text.layers, vision.layers),
        "must be at most the layers of either stream (\(min(text.layers, vision.layers)))"),
      .widths("pooledDimensions", [pooledDimensions]), .share("dropout", dropout), .widths("patchSize", [patchSize]),
      .share("maskedWords", maskedWords), .share("maskedRegions", maskedRegions),
      OptionRequirement("zeroedRegions", (0...1).contains(zeroedRegions), "must be in 0...1"),
      .share("mismatched", mismatched), .notNegative("wordWeight", wordWeight),
      .notNegative("regionWeight", regionWeight),
    ]
  }

  /// Networks that begin from random numbers.
  public func needs(of data: AlignedData, model: EncoderOptions, start: StartOptions) -> [MethodNeed] {
    [
      MethodNeed(
        "networks of its own", start.from == nil, at: "init.from",
        message: "names encoders, but those of \(Self.key) are its own and begin from random numbers",
        mend: "leave it out, or take another method")
    ]
  }

  /// Pictures or regions, and captions.
  public func needs(of data: AlignedData) -> [MethodNeed] {
    let vision = Self.vision(in: data)
    let (height, width): (Int, Int) =
      if let vision, case .image(let height, let width, _) = data.modalities[vision].kind { (height, width) } else {
        (0, 0)
      }
    return [
      vision == nil ? .images(data) : .captions(data), .captions(data),
      MethodNeed(
        "patches", height % patchSize == 0 && width % patchSize == 0, at: "method.vilbert.patchSize",
        message: "patches of \(patchSize) do not fill pictures of \(height) × \(width)",
        mend: "give a number that divides both"),
    ]
  }

  /// The place of what the stream of regions sees: the first modality of regions, else of pictures.
  static func vision(in data: AlignedData) -> Int? {
    data.modalities.firstIndex { if case .regions = $0.kind { true } else { false } } ?? data.image
  }

  /// The embedding of words, with the gradient and the optimiser's state.
  public func blocks(dimensions: Int, data: AlignedData) -> [MemoryBlock] {
    guard let caption = data.captions.first, case .tokens(_, let vocabulary) = data.modalities[caption].kind else {
      return []
    }
    return [
      MemoryBlock(
        "method.vilbert.text.dimensions", "an embedding of \(vocabulary) × \(text.dimensions)",
        4 * Double(vocabulary) * Double(text.dimensions))
    ]
  }

  /// What is seen and what is read.
  public func indispensable(in data: AlignedData) -> [Int] {
    [Self.vision(in: data), data.captions.first].compactMap { $0 }
  }

  /// False pairs are its negatives.
  public static var acceptsFalsePairs: Bool { true }

  /// Texts of others and masked words are drawn beforehand.
  public var indivisibility: String? { nil }

  /// Builds the method.
  public func make(_ parts: inout MethodParts) -> any AlignmentMethod { ViLBERT(self, &parts) }
}
