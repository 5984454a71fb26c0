import Datasets
import Diagnostics
import Kernels
import Methods

/// The training side divided into a clean part and a web of captions of which some are wrong, and it is known which.
struct WebCaptions {
  /// The observations of the clean part.
  let clean: [Int]
  /// The others.
  let web: [Int]
  /// For each of these the observation whose caption it has.
  let sources: [Int]
  /// For each of these whether that caption is none of its picture: an equal one is right, whoever it comes from.
  let isWrong: [Bool]
  /// The places of pictures and captions.
  let places: (image: Int, caption: Int)
  private let name: String
  private let dataset: MultimodalDataset
  private let tokeniser: SubwordTokeniser

  /// Divides some observations and exchanges captions, as the seed has it.
  ///
  /// - Parameter rows: those that can be trained on.
  /// - Throws: `UserError` where a part has fewer than two.
  init(_ options: CapFiltOptions, _ data: AlignedData, rows: [Int], seed: Int) throws(UserError) {
    guard let image = data.image, let caption = data.captions.first,
      let tokeniser = data.vocabulary.caption(named: data.modalities[caption].name)?.tokeniser
    else { preconditionFailure("WebCaptions: data without pictures or captions") }
    places = (image, caption)
    (name, dataset, self.tokeniser) = (data.modalities[caption].name, data.dataset, tokeniser)
    let count = Int((options.clean * Double(rows.count)).rounded())
    guard count > 1, rows.count - count > 1 else {
      throw UserError(
        .data,
        "leaves \(count) of \(rows.count) training observations for the clean part and \(rows.count - count) for the others",
        at: "method.blip.capFilt.clean", mend: "each part needs at least 2")
    }
    var stream = RandomStreams.stream("clean part", seed: seed)
    let order = stream.permutation(of: rows.count)
    clean = order[..<count].sorted().map { rows[$0] }
    let web = order[count...].sorted().map { rows[$0] }
    var exchange = RandomStreams.stream("exchanged captions", seed: seed)
    let sources = PairNoise(share: options.share).sources(count: web.count, using: &exchange).map { web[$0] }
    let pictures = data.itemNumbers(of: image, in: .train)
    let captions = Self.numbers(of: name, place: caption, in: data)
    var own: [Int: Set<Int>] = [:]
    for row in rows { own[pictures[row], default: []].insert(captions[row]) }
    isWrong = zip(web, sources).map { own[pictures[$0]]?.contains(captions[$1]) != true }
    (self.web, self.sources) = (web, sources)
  }

  /// The number of each training caption, the same for equal ones: as texts, or as tokens where the data keep no texts.
  private static func numbers(of name: String, place: Int, in data: AlignedData) -> [Int] {
    let train = data.dataset.train
    guard train.texts[name] == nil, case .tokens(let tokens) = train.items(of: name, at: 0..<train.count) else {
      return data.itemNumbers(of: place, in: .train)
    }
    let length = tokens.count / max(train.count, 1)
    var known: [ArraySlice<Int32>: Int] = [:]
    return (0..<train.count).map { row in
      let own = tokens[row * length..<(row + 1) * length]
      let number = known[own] ?? known.count
      known[own] = number
      return number
    }
  }

  /// The clean part as pairs.
  var cleanPairs: [RecaptionedPair] { clean.map { RecaptionedPair($0, .of($0)) } }

  /// The others with the captions that they have.
  var webPairs: [RecaptionedPair] { zip(web, sources).map { RecaptionedPair($0, .of($1)) } }

  /// The data with pairs in the place of the training side.
  func dataset(of pairs: [RecaptionedPair]) -> MultimodalDataset {
    dataset.training(on: dataset.train.pairing(pairs, in: name, tokeniser: tokeniser))
  }

  /// The words of the caption that one of the web has, and of its own one; empty where the data keep no texts.
  func texts(of place: Int) -> (has: String, own: String) {
    guard let texts = dataset.train.texts[name] else { return ("", "") }
    return (texts[sources[place]], texts[web[place]])
  }
}
