import Autograd
import Encoders
import Foundation
import Kernels
import Layers
import Objectives

/// Finite discrete tokens (Chen et al., CVPR 2023): every modality's parts are grounded in one codebook, and CLIP's loss
/// is taken between every two groundings; see ``FiniteDiscreteTokens``.
struct FDTMethod: ComparedMethod {
  /// Settings.
  struct Options: Codable, Equatable, Sendable {
    /// C, the number of codes.
    var codes = 1024
    /// T, which divides the scores of codes.
    var codeTemperature = 62.5
    /// τ of the contrast, its first value.
    var temperature = 0.07

    var requirements: [OptionRequirement] {
      [
        .count("codes", codes), .positive("codeTemperature", codeTemperature), .positive("temperature", temperature),
      ]
    }
  }

  let encoders: EncoderSet
  let tokens: FiniteDiscreteTokens
  let logScale: Parameter

  init(_ options: Options, _ setting: inout MethodSetting) {
    encoders = setting.encoders
    tokens = FiniteDiscreteTokens(
      modalities: setting.encoders.outputs.map { ($0.name, $0.width) },
      options: .init(
        codes: options.codes, dimensions: setting.model.dimensions, temperature: Float(options.codeTemperature)),
      stream: &setting.stream)
    logScale = Parameter(Tensor(Float(-log(options.temperature))))
  }

  var parts: [ModulePart] { [.module("tokens", tokens), .parameter("logScale", logScale)] }

  private func grounding(of place: Int, _ input: ModalityInput, in pass: ForwardPass) -> Tensor {
    let found = encoders.encoding(of: place, input, in: pass)
    return tokens(found.tokens, modality: encoders.names[place], isReal: found.isReal).feature.l2Normalised()
  }

  func loss(of batch: ComparedBatch, in pass: ForwardPass) -> LossTerms {
    let found = batch.inputs().enumerated().map { grounding(of: $0.offset, $0.element, in: pass) }
    return meanOverPairs(of: encoders.modalities) { first, second in
      clipLoss(found[first], found[second], logScale: cappedLogScale(logScale.tensor))
    }
  }

  func representation(of members: [Int], _ inputs: [ModalityInput]) -> Tensor? {
    averaged(members.map { grounding(of: $0, inputs[$0], in: .evaluation) })
  }

  /// The grounding: the encoder's vector stands beside the codebook without being trained.
  func features(of modality: Int, _ input: ModalityInput) -> Tensor? {
    grounding(of: modality, input, in: .evaluation)
  }
}
