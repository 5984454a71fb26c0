import Autograd
import Kernels
import Layers

/// An encoder of videos: each frame passes an encoder of pictures, then the mean over the frames stands for the video, or
/// what a transformer over them makes of their order.
///
/// The parts of a video are its frames, whichever they are of a picture.
///
/// Shapes: `[batch, frames, height, width, channels]` → a vector `[batch, width]`, parts `[batch, frames, width]`.
struct VideoFrameEncoder: ModalityEncoder {
  let frames: any ModalityEncoder
  let transformer: TransformerSeries?

  var parts: [ModulePart] {
    [.module("frames", frames)] + (transformer.map { [.module("time", $0)] } ?? [])
  }
  var width: Int { transformer?.width ?? frames.width }

  func encoding(_ input: ModalityInput, in pass: ForwardPass) -> Encoding {
    let all = input.tensor
    let (batch, count) = (all.shape[0], all.shape[1])
    let pictures = all.reshaped(to: [batch * count] + all.shape.dropFirst(2))
    let found = frames.encoding(.numbers(pictures), in: pass).vector.reshaped(to: [batch, count, frames.width])
    let states =
      transformer.map { $0.states(found, isReal: [Bool](repeating: true, count: batch * count), in: pass) } ?? found
    return Encoding(vector: states.mean(axis: 1), parts: states)
  }
}

extension EncoderOptions {
  /// The encoder of videos with frames of a size.
  func videoEncoder(height: Int, width: Int, channels: Int, stream: inout RandomStream) -> any ModalityEncoder {
    let frames = imageEncoder(height: height, width: width, channels: channels, stream: &stream)
    guard videoEncoder == .transformer else { return VideoFrameEncoder(frames: frames, transformer: nil) }
    let embedding = Linear(frames.width, videoDimensions, stream: &stream)
    let transformer = TransformerSeries(
      embedding: embedding,
      transformer: Transformer(
        layers: videoLayers, dimensions: videoDimensions, heads: videoHeads, dropout: Float(videoDropout),
        stream: &stream),
      width: videoDimensions)
    return VideoFrameEncoder(frames: frames, transformer: transformer)
  }
}
