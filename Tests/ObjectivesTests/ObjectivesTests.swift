import Autograd
import Foundation
import Kernels
import Layers
import Objectives
import Testing

@Suite struct GMCTests {
  let joint = Tensor([1, 0.2, -0.3, 1], shape: [2, 2]).l2Normalised()
  let single = [
    Tensor([0.9, 0.4, 0.1, 1], shape: [2, 2]).l2Normalised(),
    Tensor([1, -0.5, -1, 0.6], shape: [2, 2]).l2Normalised(),
  ]

  @Test(arguments: [
    (0.1, 0.0063870754, -19.0221788871), (0.3, 0.2266552805, -6.3407262957), (1.0, 1.0956537968, -1.9022178887),
  ])
  func goldenValues(values: (temperature: Float, all: Float, joints: Float)) {
    let names = ["first", "second"]
    let all = GMC(.init(temperature: values.temperature))
    let joints = GMC(.init(temperature: values.temperature, negatives: .joints))
    #expect(abs(all.loss(representations: single, joint: joint, names: names).total.scalar - values.all) < 2e-6)
    #expect(abs(joints.loss(representations: single, joint: joint, names: names).total.scalar - values.joints) < 1e-5)
  }

  @Test func goldenGradients() {
    let method = GMC(.init(temperature: 0.3))
    let gradients = Tape.gradients(at: [joint] + single) { tensors in
      method.loss(representations: Array(tensors[1...]), joint: tensors[0], names: ["a", "b"]).total
    }.gradients
    let expected: [[Float]] = [
      [-0.3275446641, 0.2005066133, 0.2535329132, -0.272080504],
      [-0.2619780963, 0.3133923785, 0.4886409792, -0.1434604035],
    ]
    for (gradient, values) in zip(gradients, expected) {
      for (a, b) in zip(gradient.values, values) { #expect(abs(a - b) < 2e-6) }
    }
  }

  @Test func equalRepresentationsGiveTheLogarithmOfTheirNumber() {
    // Every similarity is the same: each term is log(2B − 1).
    let same = Tensor([1, 0, 1, 0, 1, 0], shape: [3, 2])
    let terms = GMC(.init(temperature: 0.5)).loss(representations: [same, same], joint: same, names: ["a", "b"])
    #expect(abs(terms.total.scalar - 2 * logf(5)) < 1e-5)
    #expect(terms.values.map(\.name) == ["total", "a", "b"])
    #expect(abs(terms.values[1].value - Double(logf(5))) < 1e-5)
  }

  @Test func pairwiseNeedsNoJointAndNamesItsPairs() {
    let terms = GMC(.init(temperature: 0.3, negatives: .pairwise))
      .loss(representations: single + [joint], joint: nil, names: ["a", "b", "c"])
    #expect(terms.parts.map(\.name) == ["a-b", "a-c", "b-c"])
    let direct = ntXent(single[0], single[1], temperature: 0.3).scalar
    #expect(abs(Float(terms.values[1].value) - direct) < 1e-6)
  }

  @Test(arguments: GMC.Negatives.allCases) func absentRowsTakeNoPart(negatives: GMC.Negatives) {
    // Five observations; the first modality is absent from the second, the other from the first and the last.
    var stream = RandomStream(seed: 5, name: "absent rows")
    func rows(_ count: Int) -> Tensor {
      Tensor((0..<count * 3).map { _ in stream.normal() }, shape: [count, 3]).l2Normalised()
    }
    let (joint, first, second) = (rows(5), rows(4), rows(3))
    let present: [[Int32]] = [[0, 2, 3, 4], [1, 2, 3]]
    let method = GMC(.init(temperature: 0.3, negatives: negatives))
    let masked = Tape.gradients(at: [joint, first, second]) { tensors in
      method.loss(
        representations: [tensors[1], tensors[2]], joint: tensors[0], names: ["a", "b"], present: present
      ).total
    }
    // The same by hand: the loss of each modality's own observations alone.
    let direct = Tape.gradients(at: [joint, first, second]) { tensors in
      if negatives == .pairwise {
        return ntXent(tensors[1].gatheringRows([1, 2]), tensors[2].gatheringRows([1, 2]), temperature: 0.3)
      }
      return zip(present, tensors[1...]).map { places, single in
        method.loss(representations: [single], joint: tensors[0].gatheringRows(places), names: ["own"]).total
      }.reduce(Tensor(0), +)
    }
    #expect(abs(masked.value.scalar - direct.value.scalar) < 1e-6)
    for (a, b) in zip(masked.gradients, direct.gradients) {
      #expect(zip(a.values, b.values).allSatisfy { abs($0 - $1) < 1e-6 })
      #expect(a.values.contains { $0 != 0 } || (negatives == .pairwise && a.shape[0] == 5))
    }
    if negatives == .joints {
      // The joint representation of the first observation is contrasted by the first modality only.
      let alone = Tape.gradients(at: [joint]) {
        method.loss(
          representations: [first], joint: $0[0].gatheringRows(present[0]), names: ["a"]
        ).total
      }.gradients[0]
      #expect(zip(alone.values[..<3], masked.gradients[0].values[..<3]).allSatisfy { abs($0 - $1) < 1e-6 })
    }
    let check = GradientCheck().largestError(at: [joint, first, second]) { tensors in
      method.loss(
        representations: [tensors[1], tensors[2]], joint: tensors[0], names: ["a", "b"], present: present
      ).total
    }
    #expect(check < 2e-2)
  }

  @Test(arguments: GMC.Negatives.allCases) func oneRowHasNothingToContrast(negatives: GMC.Negatives) {
    let method = GMC(.init(temperature: 0.1, negatives: negatives))
    let terms = method.loss(
      representations: [single[0], nil], joint: joint, names: ["a", "b"], present: [[0, 1], [1]])
    let values = terms.values.map(\.value)
    #expect(values.last == 0 && values.allSatisfy(\.isFinite))
    // Nothing missing is the same to the bit as no list at all.
    let (whole, listed) = (
      method.loss(representations: single, joint: joint, names: ["a", "b"]),
      method.loss(representations: single, joint: joint, names: ["a", "b"], present: [[0, 1], [0, 1]])
    )
    #expect(whole.values.map(\.value) == listed.values.map(\.value))
  }

  @Test func orderOfObservationsDoesNotMatter() {
    let swapped = single.map { $0.gatheringRows([1, 0]) }
    let method = GMC()
    let a = method.loss(representations: single, joint: joint, names: ["a", "b"]).total.scalar
    let b = method.loss(representations: swapped, joint: joint.gatheringRows([1, 0]), names: ["a", "b"]).total.scalar
    #expect(abs(a - b) < 1e-6)
  }

  @Test func partialRepresentationIsTheMean() {
    let mean = GMC.partial([Tensor([1, 0], shape: [1, 2]), Tensor([0, 1], shape: [1, 2])])
    #expect(mean.values == [0.5, 0.5])
    #expect(GMC.partial([joint]).values == joint.values)
  }
}

@Suite struct ContrastiveLossTests {
  @Test func equalViewsGiveTheLogarithmOfTheirNumber() {
    let same = Tensor([0, 1, 0, 1, 0, 1, 0, 1], shape: [4, 2])
    #expect(abs(ntXent(same, same, temperature: 0.5).scalar - logf(7)) < 1e-5)
    #expect(abs(clipLoss(same, same, logScale: Tensor(0)).scalar - logf(4)) < 1e-5)
  }

  @Test func clipGoldenValue() {
    let s: [Float] = [0.9757162521, 0.2927142721, 0.1264282819, 0.9244805923]
    // u is the identity, so that u vᵀ is s itself.
    let u = Tensor([1, 0, 0, 1], shape: [2, 2])
    let v = Tensor([s[0], s[2], s[1], s[3]], shape: [2, 2])
    #expect(abs(clipLoss(u, v, logScale: Tensor(logf(10))).scalar - 0.0008574213) < 1e-6)
  }

  @Test func gradientsAgree() {
    var stream = RandomStream(seed: 1, name: "alignment")
    let tensors = (0..<3).map { _ in Tensor((0..<12).map { _ in stream.normal() }, shape: [4, 3]) }
    let check = GradientCheck()
    #expect(
      check.largestError(at: Array(tensors[..<2])) {
        ntXent($0[0].l2Normalised(), $0[1].l2Normalised(), temperature: 0.5)
      }
        < 4e-3)
    #expect(
      check.largestError(at: Array(tensors[..<2]) + [Tensor(1)]) {
        clipLoss($0[0].l2Normalised(), $0[1].l2Normalised(), logScale: $0[2])
      } < 4e-3)
    for negatives in GMC.Negatives.allCases {
      let method = GMC(.init(temperature: 0.5, negatives: negatives))
      let error = check.largestError(at: tensors) { inputs in
        let rows = inputs.map { $0.l2Normalised() }
        return method.loss(representations: Array(rows[1...]), joint: rows[0], names: ["a", "b"]).total
      }
      #expect(error < 6e-3, "\(negatives)")
    }
  }
}
