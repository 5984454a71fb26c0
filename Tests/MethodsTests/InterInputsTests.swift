import Autograd
import Kernels
import Layers
import Methods
import Objectives
import Options
import Testing

/// What the terms between modalities compare in MCT, and how long its twin remembers.
@Suite struct InterInputsTests {
  private func pairs(_ inputs: MCTOptions.InterInputs) throws -> SmallPairs {
    var options = MCTOptions()
    options.objective.weights.tags = 0
    options.objective.queueSize = 4
    options.interInputs = inputs
    return try SmallPairs(options)
  }

  /// The places of the common heads of pictures and of captions.
  private static let common = MCT.Head.allCases.indices.filter {
    [MCT.Head.imageCommon, .captionCommon].contains(MCT.Head.allCases[$0])
  }

  /// The common projections of both modalities by the networks, the first view's or the items'.
  private func common(_ pairs: SmallPairs, _ batch: TrainingBatch) throws -> [Tensor] {
    let found = try pairs.method.representations(of: batch, in: .evaluation)
    return try Self.common.map { try #require(found[$0]) }
  }

  @Test func itemsAreWhatOtherMethodsSee() throws {
    for inputs in MCTOptions.InterInputs.allCases {
      let pairs = try pairs(inputs)
      let found = try common(pairs, pairs.batch())
      for place in [SmallPairs.picture, SmallPairs.caption] {
        let input = try pairs.input(of: place)
        let own = try #require(pairs.method.representation(of: [MemberInput(place, input)]))
        // Pictures are not changed where augmentation is off; their views always are, those of captions by chance.
        if inputs == .views, place == SmallPairs.caption { continue }
        let isSame = zip(found[place].values, own.values).allSatisfy { abs($0 - $1) < 1e-5 }
        #expect(isSame == (inputs == .items), "\(inputs) \(place)")
      }
    }
  }

  @Test func keysOfItemsAreTheTwins() throws {
    let pairs = try pairs(.items)
    let batch = pairs.batch()
    let queries = try common(pairs, batch)
    let keys = try pairs.method.keys(of: batch, in: .evaluation)
    // The twin is a copy at first.
    for (query, place) in zip(queries, Self.common) {
      let key = try #require(keys[place])
      #expect(zip(query.values, key.values).allSatisfy { abs($0 - $1) < 1e-5 })
    }
  }

  @Test func momentumFollowsTheLengthOfTheTraining() {
    var options = MCTOptions()
    #expect(options.momentum(steps: 380) == 0.98)
    options.momentumShare = 0.02
    #expect(abs(1 / (1 - options.momentum(steps: 380)) - 7.6) < 1e-9)
    #expect(options.momentum(steps: 10) == 0 && options.momentum(steps: nil) == 0.98)
    var moco = MoCoOptions()
    moco.momentumShare = 2
    #expect(throws: (any Error).self) { for requirement in moco.requirements { try requirement.check() } }
  }
}
