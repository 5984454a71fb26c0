import Autograd
import Kernels
import Layers
import Objectives
import SampleTensors
import Testing

@Suite struct FusionClassifierTests {
  private typealias Features = FusionClassifier.Features
  private let image = randomTensor([4, 3], "image")
  private let sound = randomTensor([4, 2], "sound")

  private func classifier(
    _ stage: FusionClassifier.Stage, hidden: [Int] = [5], activation: Activation = .tanh, hasHeads: Bool = false
  ) -> FusionClassifier {
    var stream = RandomStream(seed: 1, name: "init")
    let options = FusionClassifier.Options(
      stage: stage, hidden: hidden, latentDimensions: 4, activation: activation, hasModalityHeads: hasHeads)
    return FusionClassifier(
      modalities: [("image", 3), ("sound", 2)], classes: 3, options: options, stream: &stream)
  }

  @Test func latentClassifierByHand() {
    var stream = RandomStream(seed: 1, name: "init")
    let network = LatentClassifier(
      2, hidden: [], latentDimensions: 2, classes: 2, activation: .relu, stream: &stream)
    network.perceptron.layers[0].weight.assign(Tensor([1, 0, 0, -1], shape: [2, 2]))
    network.perceptron.layers[0].bias?.assign(Tensor([0, 0]))
    network.classifier.weight.assign(Tensor([1, 1, 2, 0], shape: [2, 2]))
    network.classifier.bias?.assign(Tensor([0.5, 0]))
    let output = network(Tensor([3, 2, -1, -4], shape: [2, 2]))
    #expect(output.latent.values == [3, 0, 0, 4])
    #expect(output.logits.values == [3.5, 6, 4.5, 0])
  }

  @Test(arguments: FusionClassifier.Stage.allCases) func shapesAndPaths(stage: FusionClassifier.Stage) {
    for hasHeads in [false, true] {
      let network = classifier(stage, hasHeads: hasHeads)
      let output = network([Features(name: "image", values: image), Features(name: "sound", values: sound)])
      #expect(output.latent.shape == [4, 4] && output.logits.shape == [4, 3])
      let names = hasHeads || stage == .late ? ["image", "sound"] : []
      #expect(output.heads.map(\.name) == names && output.heads.allSatisfy { $0.logits.shape == [4, 3] })
      let prefixes = Set(
        network.parameters.map { $0.path.split(separator: ".perceptron").first.map(String.init) ?? "" })
      for name in names { #expect(prefixes.contains("head.\(name)")) }
      #expect(prefixes.contains("joint") == (stage != .late))
      let losses = output.losses(targets: [0, 1, 2, 0])
      #expect(losses.map(\.name) == names + ["fused"])
      #expect(losses.last?.value.scalar == output.logits.crossEntropy(targets: [0, 1, 2, 0]).mean().scalar)
    }
  }

  @Test(arguments: [FusionClassifier.Stage.early, .intermediate]) func missingIsZero(stage: FusionClassifier.Stage) {
    let network = classifier(stage)
    let present = [true, false, true, false]
    var zeroed = sound.values
    for row in [1, 3] { zeroed.replaceSubrange(2 * row..<2 * row + 2, with: [0, 0]) }
    let masked = network([
      Features(name: "image", values: image), Features(name: "sound", values: sound, isPresent: present),
    ])
    let plain = network([
      Features(name: "image", values: image), Features(name: "sound", values: Tensor(zeroed, shape: [4, 2])),
    ])
    #expect(masked.logits.values == plain.logits.values && masked.latent.values == plain.latent.values)
    let joined = Tensor.concatenated([image, Tensor(zeroed, shape: [4, 2])], axis: 1)
    #expect(network.joint.map { distance($0(joined).logits, masked.logits.values) < 1e-6 } == true)
  }

  @Test func lateFusionIsTheMeanOfThosePresent() {
    let network = classifier(.late)
    let output = network([
      Features(name: "image", values: image, isPresent: [true, true, false, true]),
      Features(name: "sound", values: sound, isPresent: [true, false, true, true]),
    ])
    let alone = [network.heads[0](image), network.heads[1](sound)]
    for (found, parts) in [(output.logits, alone.map(\.logits)), (output.latent, alone.map(\.latent))] {
      let (a, b) = (parts[0].matrix, parts[1].matrix)
      for row in 0..<4 {
        let expected: [Float] =
          row == 1
          ? Array(a[row: 1])
          : row == 2 ? Array(b[row: 2]) : zip(a[row: row], b[row: row]).map { ($0 + $1) / 2 }
        #expect(distance(found.slice(row..<row + 1), expected) < 1e-6)
      }
    }
    #expect(zip(output.heads, alone).allSatisfy { $0.logits.values == $1.logits.values })
  }

  @Test func aLinearClassifierIsLinear() {
    let network = classifier(.late, hidden: [], activation: .identity)
    func logits(_ image: Tensor) -> Tensor {
      network([Features(name: "image", values: image), Features(name: "sound", values: sound)]).logits
    }
    let other = randomTensor([4, 3], "other")
    let between = logits((image + other) * 0.5)
    #expect(distance(between, ((logits(image) + logits(other)) * 0.5).values) < 1e-5)
  }

  @Test(arguments: FusionClassifier.Stage.allCases) func everythingMissingButOne(stage: FusionClassifier.Stage) {
    let network = classifier(stage, hasHeads: true)
    let absent = [Bool](repeating: false, count: 4)
    let targets: [Int32] = [2, 1, 0, 1]
    let losses = { (values: Tensor) in
      network([
        Features(name: "image", values: image), Features(name: "sound", values: values, isPresent: absent),
      ]).losses(targets: targets)
    }
    let result = Tape.gradients(at: [sound]) { LossTerms(summing: losses($0[0])).total }
    // Nothing of a missing modality reaches a loss, and its own is 0.
    #expect(result.gradients[0].values.allSatisfy { $0 == 0 })
    let found = losses(sound)
    #expect(found.map(\.name) == ["image", "sound", "fused"] && found[1].value.scalar == 0)
    #expect(found.map(\.value.scalar) == losses(sound * 7).map(\.value.scalar))
    if stage == .late { #expect(abs(found[0].value.scalar - found[2].value.scalar) < 1e-6) }
  }

  @Test func aModalityIsJudgedByItsOwnObservations() {
    let network = classifier(.intermediate, hasHeads: true)
    let targets: [Int32] = [2, 1, 0, 1]
    let losses = network([
      Features(name: "image", values: image),
      Features(name: "sound", values: sound, isPresent: [false, true, true, false]),
    ]).losses(targets: targets)
    let rows = network.heads[1](sound).logits.crossEntropy(targets: targets).values
    #expect(abs(losses[1].value.scalar - (rows[1] + rows[2]) / 2) < 1e-6)
  }

  @Test(arguments: FusionClassifier.Stage.allCases) func orderOfObservationsDoesNotMatter(
    stage: FusionClassifier.Stage
  ) {
    let network = classifier(stage)
    let present = [true, false, true, true]
    let order = [2, 0, 3, 1]
    let places = order.map { Int32($0) }
    let straight = network([
      Features(name: "image", values: image), Features(name: "sound", values: sound, isPresent: present),
    ])
    let changed = network([
      Features(name: "image", values: image.gatheringRows(places)),
      Features(name: "sound", values: sound.gatheringRows(places), isPresent: order.map { present[$0] }),
    ])
    #expect(distance(changed.logits, straight.logits.gatheringRows(places).values) < 1e-6)
  }

  @Test(arguments: FusionClassifier.Stage.allCases) func gradientsAgree(stage: FusionClassifier.Stage) {
    let network = classifier(stage, hasHeads: true)
    func loss(_ image: Tensor, _ sound: Tensor) -> Tensor {
      let output = network([
        Features(name: "image", values: image, isPresent: [true, true, false, true]),
        Features(name: "sound", values: sound, isPresent: [true, false, true, false]),
      ])
      return LossTerms(summing: output.losses(targets: [0, 2, 1, 1])).total + output.latent.squared().mean()
    }
    #expect(GradientCheck().largestError(at: [image, sound]) { loss($0[0], $0[1]) } < 4e-3)
    Tape.backpropagate { loss(image, sound) }
    #expect(network.parameters.allSatisfy { $0.parameter.gradient?.values.contains { $0 != 0 } ?? false })
  }

  @Test func featuresThatDoNotFitAreRefused() async {
    await #expect(processExitsWith: .failure) {
      var stream = RandomStream(seed: 1, name: "init")
      let network = FusionClassifier(
        modalities: [("image", 3)], classes: 2,
        options: .init(stage: .intermediate, hidden: [4], latentDimensions: 4, hasModalityHeads: false), stream: &stream
      )
      _ = network([.init(name: "image", values: Tensor([1, 2], shape: [1, 2]))])
    }
    await #expect(processExitsWith: .failure) {
      var stream = RandomStream(seed: 1, name: "init")
      let network = FusionClassifier(
        modalities: [("image", 2)], classes: 2,
        options: .init(stage: .intermediate, hidden: [4], latentDimensions: 4, hasModalityHeads: false), stream: &stream
      )
      _ = network([.init(name: "sound", values: Tensor([1, 2], shape: [1, 2]))])
    }
    await #expect(processExitsWith: .failure) {
      var stream = RandomStream(seed: 1, name: "init")
      let network = FusionClassifier(
        modalities: [("image", 2)], classes: 2,
        options: .init(stage: .intermediate, hidden: [4], latentDimensions: 4, hasModalityHeads: false), stream: &stream
      )
      _ = network([.init(name: "image", values: Tensor([1, 2], shape: [1, 2]), isPresent: [false])])
    }
  }
}
