import Autograd
import Datasets
import Decoders
import Encoders
import Evaluation
import Foundation
import Kernels
import Layers
import Methods
import Objectives
import Options
import Runs
import Training

/// What a generative method writes: whether an item that is generated from other modalities is of their class, how likely
/// held-out observations are, and pictures made of the other modalities as a figure.
///
/// The classes of generated items are told by classifiers that are trained apart, on real training items of one modality
/// each; what these reach on real items bounds the coherence.
public struct GenerationEvaluator: Evaluator {
  /// `generation`
  public static var key: String { "generation" }
  /// In a few words.
  public static var summary: String {
    "coherence of what is generated, likelihood, generated pictures, of a generative method"
  }

  /// Passes of the classifiers over the training items.
  public var epochs = 5
  /// The most training items of a classifier, evenly spread.
  public var trainingItems = 10_000
  /// Codes drawn from the prior for the joint coherence.
  public var joint = 1_000
  /// Codes drawn for each observation's likelihood; 0 leaves it out.
  public var draws = 100
  /// The most observations whose likelihood is estimated, evenly spread.
  public var observations = 500
  /// The observations that the figure shows; 0 draws none.
  public var shown = 8

  /// The defaults.
  public init() {}

  /// What the numbers must be.
  public var requirements: [OptionRequirement] {
    [
      .count("epochs", epochs, atMost: 10_000), .count("trainingItems", trainingItems, atMost: 10_000_000),
      .count("joint", joint, atLeast: 0, atMost: 1_000_000), .count("draws", draws, atLeast: 0, atMost: 100_000),
      .count("observations", observations, atMost: 10_000_000), .count("shown", shown, atLeast: 0, atMost: 100),
    ]
  }

  /// Takes just enough of everything to pass through it, for a computation whose bits are recorded.
  package mutating func shorten() {
    (epochs, trainingItems, joint, draws, observations, shown) = (1, 128, 64, 4, 16, min(shown, 2))
  }

  /// Coherence and likelihood; none where the method generates nothing.
  public func tables(of model: FrozenModel, after earlier: [EvaluationTable]) throws -> [EvaluationTable] {
    guard let method = model.method as? any GenerativeMethod, model.data.count(model.side) > 0 else { return [] }
    try drawPictures(model, method)
    let tables = [try coherence(model, method), try likelihood(model, method)]
    return tables.filter { !$0.entries.isEmpty }
  }

  /// How the numbers were made.
  public func notes(on model: FrozenModel) -> [String] {
    guard model.method is any GenerativeMethod else { return [] }
    return [
      "Coherence: an item is written from the mean of the code's distribution given other modalities, and a classifier that "
        + "was trained apart on real items names its class. The row `real` is what the classifier reaches on held-out items.",
      draws > 0
        ? "Log likelihood of complete observations by importance sampling, \(draws) codes each from the posterior: a lower "
          + "bound in expectation, in nats, without the weights of the likelihoods." : "",
    ].filter { !$0.isEmpty }
  }
}

// MARK: - Coherence

extension GenerationEvaluator {
  private func coherence(_ model: FrozenModel, _ method: any GenerativeMethod) throws -> EvaluationTable {
    var table = EvaluationTable("coherence")
    guard let labelling = model.data.labellings.first,
      let labels = model.data.labels(labelling, of: .train), let truths = model.data.labels(labelling, of: model.side)
    else { return table }
    let classes = model.data.classNames(labelling).count
    let presence = model.data.presence(model.side)
    var classifiers: [Int: ItemClassifier] = [:]
    for place in model.all {
      guard
        let found = try ItemClassifier(
          place, of: model, labels: labels, classes: classes, options: self, decoder: method.decoders[place])
      else { continue }
      classifiers[place] = found
      let rows = presence.observations(having: [place]).filter { truths[$0] >= 0 }
      let named = try blocks(rows) { found.classes(of: try model.input(place, $0, model.side)) }
      table.add(
        .direction(from: "real", to: model.names[place]), .share(labelling),
        Answers(named, truths: rows.map { Int(truths[$0]) }, of: rows))
    }
    for members in sources(model) {
      let rows = presence.observations(having: Set(members)).filter { truths[$0] >= 0 }
      guard !rows.isEmpty else { continue }
      for target in model.all where !members.contains(target) {
        guard let classifier = classifiers[target] else { continue }
        let named = try blocks(rows) { rows in
          let inputs = try members.map { MemberInput($0, try model.input($0, rows, model.side)) }
          return Tape.withoutRecording {
            classifier.classes(of: method.decoders[target].items(of: Self.mean(method.posteriors(of: inputs))))
          }
        }
        table.add(
          .direction(from: members.map { model.names[$0] }.joined(separator: "+"), to: model.names[target]),
          .share(labelling), Answers(named, truths: rows.map { Int(truths[$0]) }, of: rows))
      }
    }
    if joint > 0, classifiers.count > 1 {
      var stream = RandomStreams.stream("joint coherence", seed: model.seed)
      let codes = Tape.withoutRecording {
        let prior = method.prior
        return prior.samples(
          LatentDistribution.noise(prior.form, shape: [joint, method.codeDimensions], using: &stream))
      }
      let named = classifiers.keys.sorted().map { place in
        blocks(Array(0..<joint)) { rows in
          Tape.withoutRecording {
            classifiers[place]?.classes(of: method.decoders[place].items(of: codes.gatheringRows(rows.map(Int32.init))))
              ?? []
          }
        }
      }
      let agreeing = (0..<joint).count { row in named.allSatisfy { $0[row] == named[0][row] } }
      // As often as independent classes of equal shares would.
      let chance = pow(1 / Double(classes), Double(classifiers.count - 1))
      table.add(.named("prior"), .share("all agree"), Double(agreeing) / Double(joint), chance: chance)
    }
    return table
  }

  /// The subsets that items are generated from: all of up to four modalities, each alone and all but one of more.
  private func sources(_ model: FrozenModel) -> [[Int]] {
    let all = model.all
    guard all.count <= 4 else { return all.map { [$0] } + all.map { left in all.filter { $0 != left } } }
    return ModalitySubset.all(of: model.names).map(\.members).filter { $0.count < all.count }
  }

  /// The mean of a mixture's components, all with the same weight.
  static func mean(_ components: [LatentDistribution]) -> Tensor {
    components.dropFirst().reduce(components[0].mean) { $0 + $1.mean } / Float(components.count)
  }

  private func blocks(_ rows: [Int], _ make: ([Int]) throws -> [Int]) rethrows -> [Int] {
    var found: [Int] = []
    for start in stride(from: 0, to: rows.count, by: 256) {
      found += try make(Array(rows[start..<min(start + 256, rows.count)]))
    }
    return found
  }
}

/// An encoder of a modality with a dense layer, trained on real items to name a class.
private struct ItemClassifier {
  private let encoder: any ModalityEncoder
  private let layer: Linear

  /// Trains a classifier; nil for a modality whose items do not show a class, or are written as words in no order.
  init?(
    _ place: Int, of model: FrozenModel, labels: [Int32], classes: Int, options: GenerationEvaluator,
    decoder: ModalityDecoder
  ) throws {
    guard let encoders = model.method.encoders else { return nil }
    if case .tokens = decoder.kind, !decoder.saysSequences { return nil }
    let rows = model.data.presence(.train).observations(having: [place]).filter { labels[$0] >= 0 }
      .evenlySpread(options.trainingItems)
    guard Set(rows.map { labels[$0] }).count > 1 else { return nil }
    var stream = RandomStreams.stream("item classifier \(place)", seed: model.seed)
    encoder = encoders.options.encoder(for: decoder.kind, stream: &stream)
    layer = Linear(encoder.width, classes, stream: &stream)
    let optimiser = Optimiser(.adam(), for: Parts(encoder: encoder, layer: layer))
    let pass = ForwardPass(dropout: RandomStreams.stream("item classifier dropout", seed: model.seed))
    for _ in 0..<options.epochs {
      let order = stream.permutation(of: rows.count)
      for start in stride(from: 0, to: rows.count, by: 64) {
        try model.checkInterruption()
        let batch = order[start..<min(start + 64, rows.count)].map { rows[$0] }
        // Batch norm needs two rows.
        guard batch.count > 1 else { continue }
        let input = try model.input(place, batch, .train)
        Tape.backpropagate {
          layer(encoder.encoding(input, in: pass).vector).crossEntropy(targets: batch.map { labels[$0] }).mean()
        }
        optimiser.update(learningRate: 1e-3)
      }
    }
  }

  private struct Parts: Module {
    let encoder: any ModalityEncoder
    let layer: Linear
    var parts: [ModulePart] { [.module("encoder", encoder), .module("layer", layer)] }
  }

  /// The class of each item.
  func classes(of items: ModalityInput) -> [Int] {
    Tape.withoutRecording { layer(encoder.encoding(items, in: .evaluation).vector).matrix.largestColumns() }
  }
}

// MARK: - Likelihood

extension GenerationEvaluator {
  private func likelihood(_ model: FrozenModel, _ method: any GenerativeMethod) throws -> EvaluationTable {
    var table = EvaluationTable("likelihood")
    let rows = model.data.presence(model.side).complete.evenlySpread(observations)
    guard draws > 0, !rows.isEmpty else { return table }
    var stream = RandomStreams.stream("importance sampling", seed: model.seed)
    var sum = 0.0
    let block = max(1, min(64, 20_000 / draws))
    for start in stride(from: 0, to: rows.count, by: block) {
      try model.checkInterruption()
      let part = Array(rows[start..<min(start + block, rows.count)])
      let inputs = try model.all.map { MemberInput($0, try model.input($0, part, model.side)) }
      sum += Tape.withoutRecording {
        Self.logLikelihood(method, inputs, draws: draws, using: &stream).reduce(0, +)
      }
    }
    table.add(
      .named("complete"), .number("log likelihood", higherIsBetter: true), sum / Double(rows.count))
    return table
  }

  /// ln (1/K) Σ_k p(z_k) p(x | z_k) / q(z_k) of each observation, K codes being shared among the components of q.
  static func logLikelihood(
    _ method: any GenerativeMethod, _ members: [MemberInput], draws: Int, using stream: inout RandomStream
  ) -> [Double] {
    let components = method.posteriors(of: members)
    let (batch, width) = (components[0].mean.shape[0], method.codeDimensions)
    let each = max(1, (draws + components.count - 1) / components.count)
    let codes = Tensor.concatenated(
      components.map {
        $0.samples(LatentDistribution.noise($0.form, shape: [each, batch, width], using: &stream))
      })
    let densities = components.map { $0.logDensity(codes).reshaped(to: [each * components.count, batch, 1]) }
    let mixture = Tensor.concatenated(densities, axis: 2).logSumExp() - Float(log(Double(components.count)))
    let said = members.map { method.decoders[$0.place].logLikelihood(of: $0.input, given: codes) }
    let weights = method.prior.logDensity(codes) + said.dropFirst().reduce(said[0], +) - mixture
    let found = weights.transposed([1, 0]).logSumExp() - Float(log(Double(each * components.count)))
    return found.values.map(Double.init)
  }
}

// MARK: - Pictures

extension FrozenModel {
  /// Pictures that a generative method writes for texts or classes, one after another, in 0…1; nil where it is none, knows no
  /// pictures, or the modality is neither of captions nor of a class with such a name.
  ///
  /// - Parameter draws: how many pictures of each text, from codes drawn from its posterior; 0 writes one from the mean.
  public func pictures(
    for texts: [String], in place: Int, draws: Int, seed: UInt64
  ) throws -> (pixels: [Float], shape: [Int])? {
    guard let method = method as? any GenerativeMethod, let image = data.image,
      case .image(let height, let width, let channels) = data.modalities[image].kind,
      let input = said(texts, in: place)
    else { return nil }
    var stream = RandomStream(seed: seed, name: "imagined pictures")
    let values = Tape.withoutRecording { () -> [Float] in
      let posteriors = method.posteriors(of: [MemberInput(place, input)])
      var codes = GenerationEvaluator.mean(posteriors)
      if draws > 0 {
        let (count, width) = (texts.count, method.codeDimensions)
        let drawn = posteriors[0].samples(
          LatentDistribution.noise(posteriors[0].form, shape: [draws, count, width], using: &stream))
        codes = drawn.transposed([1, 0, 2]).reshaped(to: [count * draws, width])
      }
      guard case .numbers(let found) = method.decoders[image].items(of: codes) else { return [] }
      return found.values
    }
    return (inputs.pixels(values, of: image), [height, width, channels])
  }

  /// Texts as items of a modality of captions, or names of classes as items of one of labels; nil where it is neither or a
  /// class is unknown.
  private func said(_ texts: [String], in place: Int) -> ModalityInput? {
    if let caption = data.vocabulary.caption(named: names[place]) {
      return .tokens(data.vocabulary.tokens(ofSentences: texts, in: caption), length: caption.textLength)
    }
    guard case .label(let count) = data.modalities[place].kind else { return nil }
    // The labelling of the modality's name, whether it is evaluated or not, else one of as many classes.
    let named = data.dataset.classNames[names[place]] ?? []
    let known =
      named.count == count ? named : data.labellings.map { data.classNames($0) }.first { $0.count == count } ?? []
    let found = texts.compactMap { known.firstIndex(of: $0) }
    guard found.count == texts.count else { return nil }
    let hot = found.flatMap { row in (0..<count).map { $0 == row ? Float(1) : 0 } }
    return ModalityInput(.numbers(hot), kind: data.modalities[place].kind)
  }
}

extension GenerationEvaluator {
  /// Real pictures beside those that are generated from each modality and from all.
  private func drawPictures(_ model: FrozenModel, _ method: any GenerativeMethod) throws {
    guard shown > 0, let folder = model.folder, let image = model.data.image,
      case .image(let height, let width, let channels) = model.data.modalities[image].kind, [1, 3].contains(channels)
    else { return }
    let rows = model.data.presence(model.side).complete.evenlySpread(shown)
    guard !rows.isEmpty else { return }
    let sources = model.all.map { [$0] } + (model.all.count > 1 ? [model.all] : [])
    var columns = [try model.data.items(of: image, at: rows, in: model.side)].compactMap { items -> [Float]? in
      if case .numbers(let pixels) = items { pixels } else { nil }
    }
    for members in sources {
      let inputs = try members.map { MemberInput($0, try model.input($0, rows, model.side)) }
      let values = Tape.withoutRecording { () -> [Float] in
        guard
          case .numbers(let found) = method.decoders[image].items(of: Self.mean(method.posteriors(of: inputs)))
        else { return [] }
        return found.values
      }
      columns.append(model.inputs.pixels(values, of: image))
    }
    let size = height * width * channels
    var pictures: [Float] = []
    for row in rows.indices { for column in columns { pictures += column[row * size..<(row + 1) * size] } }
    let names = sources.map { $0.count == 1 ? "from \(model.names[$0[0]])" : "from all" }
    let lines = rows.map { row in
      let text = model.data.captions.first.flatMap { model.data.text(model.names[$0], of: row, in: model.side) }
      let label = model.data.labellings.first.flatMap { labelling -> String? in
        guard let labels = model.data.labels(labelling, of: model.side), labels[row] >= 0 else { return nil }
        return model.data.classNames(labelling)[Int(labels[row])]
      }
      return PictureGridFile.Row(
        name: text ?? label ?? "", captions: [""] + sources.map { _ in "" })
    }
    try PictureGridFile(
      title: "pictures generated from each modality",
      caption:
        "Each row is an observation of the \(model.side.rawValue) side: its picture, and pictures that are written from the "
        + "mean code of one of its modalities or of all. Observations are evenly spread over the side.",
      rows: lines, columnNames: ["real"] + names,
      mayBePublished: model.data.dataset.provenance.picturesMayBePublished
    ).write(
      pictures: pictures, shape: [rows.count, columns.count, height, width, channels], name: "generated", to: folder)
  }
}
