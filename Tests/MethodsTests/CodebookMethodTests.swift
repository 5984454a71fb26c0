import Autograd
import Encoders
import Kernels
import Layers
import Methods
import Objectives
import Testing

/// CLIP and FDT, which share their encoders: what reaches which parameter, and what stands for a picture.
@Suite struct CodebookMethodTests {
  private static func fdt(_ change: (inout FDTOptions) -> Void = { _ in }) -> FDTOptions {
    var options = FDTOptions()
    options.codes = 9
    options.codeTemperature = TemperatureSchedule(course: .constant, start: 2)
    change(&options)
    return options
  }

  /// The paths of parameters without a gradient after one step.
  private func idle(_ pairs: SmallPairs) throws -> [String] {
    let pass = ForwardPass(dropout: RandomStream(seed: 0, name: "dropout"))
    let total = try Tape.backpropagate { try pairs.method.step(pairs.batch(), in: pass).total }
    #expect(total.isFinite && total.scalar > 0)
    let encoders = try #require(pairs.method.encoders)
    return (encoders.parameters + pairs.method.parameters).filter { $0.parameter.gradient == nil }.map(\.path)
  }

  @Test(arguments: [EncoderOptions.ImageEncoder.vit, .resnet])
  func everyParameterHasAGradient(network: EncoderOptions.ImageEncoder) throws {
    let methods: [any MethodOptions] = [
      CLIPOptions(), Self.fdt(),
      Self.fdt {
        $0.isControl = true
        $0.codes = 6
      },
    ]
    for options in methods {
      for causal in [true, false] {
        let pairs = try SmallPairs(options) {
          $0.imageEncoder = network
          $0.causalText = causal
          $0.textReadout = .last
        }
        #expect(try idle(pairs) == [], "\(type(of: options)), causal \(causal)")
      }
    }
  }

  @Test func partScoresAreThoseThatArePooled() throws {
    let pairs = try SmallPairs(Self.fdt())
    let method = try #require(pairs.method as? any CodebookMethod)
    let (pictures, captions) = (try pairs.input(of: SmallPairs.picture), try pairs.input(of: SmallPairs.caption))
    let codes = [7, 2]
    let scores = method.partScores(of: SmallPairs.picture, pictures, codes: codes)
    #expect(scores.shape == [2, 8, 2])
    let greatest = scores.max(axis: 1) * 0.5
    let all = method.partScores(of: SmallPairs.picture, pictures, codes: Array(0..<9)).max(axis: 1) * 0.5
    let weights = method.grounding(of: SmallPairs.picture, pictures).weights
    #expect(weights?.shape == [2, 9])
    let sparse = all.sparsemax().values
    #expect(zip(sparse, weights?.values ?? []).allSatisfy { abs($0 - $1) < 1e-6 })
    #expect(greatest.values == [all.values[7], all.values[2], all.values[16], all.values[11]])
    #expect(method.partScores(of: SmallPairs.caption, captions, codes: codes).shape == [2, 6, 2])
    #expect(method.hasCodes)
    // A control has no codes; its parts are those of its encoders.
    let control = try #require(
      try SmallPairs(
        Self.fdt {
          $0.isControl = true
          $0.codes = 6
        }
      ).method as? any CodebookMethod)
    #expect(!control.hasCodes && control.grounding(of: SmallPairs.picture, pictures).weights == nil)
    #expect(control.partScores(of: SmallPairs.caption, captions, codes: []).shape == [2, 6, 8])
  }

  @Test func theScaleBeginsInItsRange() throws {
    let pairs = try SmallPairs(Self.fdt())
    // ln(1 / 0.07) = 2.66 lies below the official range.
    #expect(pairs.method.parameters.first { $0.path == "scale.logarithm" }?.parameter.value.scalar == 3)
    let options = CLIPOptions()
    let plain = try #require(try SmallPairs(options).method.similarityScale)
    #expect(abs(plain.value - 1 / options.temperature) < 1e-4)
  }

  @Test func codesAreOfTheirTemperature() throws {
    let options = Self.fdt {
      $0.codeTemperature = TemperatureSchedule(course: .exponential, start: 4, factor: 0.5, interval: 2)
    }
    let pairs = try SmallPairs(options)
    let buffer = try #require(pairs.method.buffers.first { $0.path == "codeTemperature" }?.buffer)
    for step in 0..<5 {
      try pairs.method.beginStep(pairs.batch(step: step))
      #expect(Double(buffer.value.scalar) == options.codeTemperature.temperature(step: step), "step \(step)")
    }
    #expect(buffer.value.scalar < 4)
  }
}
