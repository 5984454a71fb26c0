import Autograd
import Datasets
import Encoders
import Foundation
import Kernels
import Layers

/// A method whose words and regions look at each other, so that a reader may look on.
public protocol CoAttentionMethod: PairScoringMethod {
  /// The place of the modality of pictures or regions that is looked at.
  var vision: Int { get }
  /// The place of the captions that are read.
  var caption: Int { get }

  /// Who looks at whom in each connection layer, where the first region is the mean of all others, and where the regions lie,
  /// `[batch, regions, 5]`.
  func attention(
    pictures: ModalityInput, texts: ModalityInput
  ) -> (layers: [TwoStreamTransformer.Attention], boxes: Tensor)
}

extension ViLBERT: CoAttentionMethod {
  func pairScores(pictures: ModalityInput, texts: ModalityInput) -> [Float] {
    Tape.withoutRecording { scores(pictures: pictures, texts: texts).values }
  }

  /// The softmax of both logits.
  func matchProbabilities(pictures: ModalityInput, texts: ModalityInput) -> [Float]? {
    pairScores(pictures: pictures, texts: texts).map { 1 / (1 + exp(-$0)) }
  }

  func attention(
    pictures: ModalityInput, texts: ModalityInput
  ) -> (layers: [TwoStreamTransformer.Attention], boxes: Tensor) {
    let input = pairs(pictures: pictures, texts: texts)
    return (network.attention(input), input.boxes)
  }
}
