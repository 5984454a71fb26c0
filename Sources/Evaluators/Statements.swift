import Datasets
import Evaluation
import Kernels
import Methods
import Options
import Training

/// Whether a sentence is told to be true or false of a picture as people did, by a method that scores pairs: the task of NLVR.
public struct StatementsEvaluator: Evaluator {
  /// `statements`
  public static var key: String { "statements" }
  /// In a few words.
  public static var summary: String { "whether sentences are told to be true or false of pictures as people did" }

  /// The most training observations that are told beside the reported side, evenly spread; 0 for none.
  public var trainingItems = 1_000

  /// The defaults.
  public init() {}

  /// What the numbers must be.
  public var requirements: [OptionRequirement] {
    [.count("trainingItems", trainingItems, atLeast: 0, atMost: 10_000_000)]
  }

  /// It is about them.
  public static var knowsFalsePairs: Bool { true }

  /// Accuracy, beside that of the more frequent answer; none where nobody said what is true, or the method scores no pairs.
  public func tables(of model: FrozenModel, after earlier: [EvaluationTable]) throws -> [EvaluationTable] {
    guard let method = model.method.pairScorer,
      let (vision, caption) = PairPlaces.places(of: method, in: model.data)
    else { return [] }
    var table = EvaluationTable("statements")
    var sides: [AlignedData.Side] = trainingItems > 0 && model.side != .train ? [.train] : []
    sides.append(model.side)
    for side in sides {
      guard let truths = model.data.statements(of: side) else { continue }
      let known = model.data.presence(side).observations(having: [vision, caption]).filter { truths[$0] >= 0 }
      let rows = side == model.side ? known : known.evenlySpread(trainingItems)
      guard !rows.isEmpty else { continue }
      var told: [Int] = []
      for start in stride(from: 0, to: rows.count, by: PairPlaces.block) {
        try model.checkInterruption()
        let part = rows[start..<min(start + PairPlaces.block, rows.count)]
        guard
          let found = model.matchProbabilities(
            method, pictures: try model.input(vision, part, side), texts: try model.input(caption, part, side))
        else { return [] }
        told += found.map { $0 >= 0.5 ? 1 : 0 }
      }
      let own = rows.map { Int(truths[$0]) }
      let subject = EvaluationTable.Subject.named(side.rawValue)
      let majority = Double(max(own.count { $0 == 1 }, own.count { $0 == 0 })) / Double(own.count)
      if side == model.side {
        table.add(subject, .share("accuracy"), Answers(told, truths: own, of: rows))
      } else {
        // Items are those of the reported side.
        table.add(
          subject, .share("accuracy"), Double(zip(told, own).count { $0 == $1 }) / Double(own.count), chance: majority)
      }
      table.add(subject, .share("majority"), majority)
      for (name, truth) in [("true sentences", 1), ("false sentences", 0)] {
        let places = own.indices.filter { own[$0] == truth }
        guard !places.isEmpty else { continue }
        table.add(
          subject, .share("accuracy on \(name)"),
          Double(places.count { told[$0] == truth }) / Double(places.count))
      }
    }
    return table.entries.isEmpty ? [] : [table]
  }

  /// How it is told.
  public func notes(on model: FrozenModel) -> [String] {
    [
      "Statements: a sentence is told to be true where the method gives the pair a probability of ½ or more. Chance is the share "
        + "of the more frequent answer."
    ]
  }

  /// Why there are none.
  public func absence(on model: FrozenModel) -> String? {
    "Statements: \(model.data.dataset.name) has no sentences that people called true or false of a picture, or the method says "
      + "nothing of a pair."
  }
}

/// What is looked at together by methods that score pairs.
enum PairPlaces {
  /// The places of pictures and texts; nil where the data lack one.
  static func places(
    of method: any AlignmentMethod, in data: AlignedData
  ) -> (vision: Int, caption: Int)? {
    if let own = method as? any CoAttentionMethod { return (own.vision, own.caption) }
    guard let image = data.image, let caption = data.captions.first else { return nil }
    return (image, caption)
  }

  /// How many pairs are looked at together.
  static let block = 256
}
