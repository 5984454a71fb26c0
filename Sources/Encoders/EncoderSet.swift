import Autograd
import Datasets
import Graphs
import Kernels
import Layers

/// The encoders of all modalities; those of captions share one where the options say so.
public struct EncoderSet: Module {
  /// The name of the encoder that modalities of captions share.
  public static let captions = "captions"

  /// The modalities.
  public let modalities: [Modality]
  /// The options that the encoders were made by.
  public let options: EncoderOptions
  /// How the encoders began, where they did not from random numbers.
  public let start: EncoderStart?
  /// The name of each modality's encoder.
  public let names: [String]
  private let encoders: [(name: String, encoder: any ModalityEncoder)]
  private let places: [Int]
  /// The modalities that are encoded; nil for all.
  private var encoded: Set<Int>?

  /// Creates the encoders, in the order of the modalities.
  ///
  /// - Parameter start: what they begin from; nil for random numbers.
  public init(
    _ modalities: [Modality], options: EncoderOptions, start: EncoderStart? = nil, stream: inout RandomStream
  ) {
    self.modalities = modalities
    self.options = options
    self.start = start
    var names: [String] = []
    var encoders: [(name: String, encoder: any ModalityEncoder)] = []
    var places: [Int] = []
    for modality in modalities {
      var name = modality.name
      if case .tokens = modality.kind, options.sharesTextEncoder { name = Self.captions }
      names.append(name)
      if let known = encoders.firstIndex(where: { $0.name == name }) {
        places.append(known)
      } else {
        places.append(encoders.count)
        let encoder =
          start?.encoder(for: modality) ?? options.encoder(for: modality.kind, stream: &stream)
        encoders.append(
          (name, start?.prepared(encoder, named: name, modality, stream: &stream) ?? encoder))
      }
    }
    (self.names, self.encoders, self.places) = (names, encoders, places)
  }

  /// Encoders of the same kinds, with initial values of their own: for twins and joint encoders.
  public func another(stream: inout RandomStream) -> EncoderSet {
    EncoderSet(modalities, options: options, start: start, stream: &stream)
  }

  /// The side of a patch of the encoder of pictures; nil where it sees no patches.
  public var patchSize: Int? {
    start?.patchSize(of: modalities) ?? (options.imageEncoder == .vit ? options.patchSize : nil)
  }

  /// The different encoders by name, each with the first modality that it encodes.
  public var all: [(name: String, modality: Modality, encoder: any ModalityEncoder)] {
    encoders.indices.map { place in
      (encoders[place].name, modalities[places.firstIndex(of: place) ?? 0], encoders[place].encoder)
    }
  }

  /// What cosines are multiplied by, and what is added, where the encoders of both pictures and captions begin from one
  /// source that has it.
  public var startingScale: (factor: Double, bias: Double?)? { start?.scale(of: modalities) }

  /// The same encoders for a method that encodes some modalities alone: the others' are no parts, so that they are neither
  /// trained nor kept.
  public func encoding(only modalities: [Int]) -> EncoderSet {
    var set = self
    set.encoded = Set(modalities)
    return set
  }

  /// The encoders under their names.
  public var parts: [ModulePart] {
    encoders.enumerated().filter { place, _ in
      encoded.map { $0.contains { places[$0] == place } } ?? true
    }.map { .module($0.element.name, $0.element.encoder) }
  }

  /// The width of each modality's vectors and parts.
  public var widths: [Int] { places.map { encoders[$0].encoder.width } }

  /// The different encoders by name, with the width of what they give.
  public var outputs: [(name: String, width: Int)] { encoders.map { ($0.name, $0.encoder.width) } }

  /// Encodes items of a modality.
  public func encoding(of modality: Int, _ input: ModalityInput, in pass: ForwardPass) -> Encoding {
    encoders[places[modality]].encoder.encoding(input, in: pass)
  }

  /// The encoding of items of a modality as operators; see ``Graphs/GraphBuilder/input(for:)`` for what comes in.
  public func described(_ modality: Int, _ input: GraphValue) -> DescribedEncoding {
    encoders[places[modality]].encoder.described(input)
  }
}
