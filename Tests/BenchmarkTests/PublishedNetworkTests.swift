import Benchmark
import Kernels
import Layers
import Testing

@Suite struct PublishedNetworkTests {
  /// The parameters of CLIP's two transformers: each block has 12 d² + 13 d, each norm 2 d.
  private func count(_ sizes: DualTransformer.Sizes) -> Int {
    func blocks(_ layers: Int, _ width: Int) -> Int { layers * (12 * width * width + 13 * width) + 2 * width }
    let (image, text) = (sizes.imageDimensions, sizes.textDimensions)
    let seen =
      3 * sizes.patchSize * sizes.patchSize * image + image + sizes.imageTokens * image + 2 * image
      + blocks(sizes.imageLayers, image) + image * sizes.shared
    let read = (sizes.vocabulary + sizes.length) * text + blocks(sizes.textLayers, text) + text * sizes.shared
    return seen + read + 1
  }

  private var small: DualTransformer.Sizes {
    var sizes = DualTransformer.Sizes()
    (sizes.imageSize, sizes.patchSize, sizes.imageDimensions) = (8, 4, 12)
    (sizes.imageLayers, sizes.imageHeads, sizes.vocabulary, sizes.length) = (2, 3, 11, 5)
    (sizes.textDimensions, sizes.textLayers, sizes.textHeads, sizes.shared) = (8, 1, 2, 6)
    return sizes
  }

  /// CLIP's ViT-B/32 is published with 151,277,313 parameters.
  @Test func dualTransformerHasThePublishedParameters() {
    #expect(count(DualTransformer.Sizes()) == 151_277_313)
    var stream = RandomStream(seed: 0, name: "test")
    #expect(DualTransformer(small, stream: &stream).parameterCount == count(small))
  }

  @Test func smallOnesTrainAndRepeatBitForBit() {
    let losses = (0..<2).map { _ in
      var sizes = BenchmarkSizes()
      sizes[.batch] = 3
      let text = BenchmarkCases.largeCLIP(sizes, network: small)
      (sizes[.batch], sizes[.imageSize]) = (2, 32)
      let image = BenchmarkCases.largeResNet(sizes, blocks: [1, 1])
      return [text, image].map { one in (0..<8).map { _ in one.step() } }
    }
    #expect(losses[0] == losses[1])
    for one in losses[0] { #expect(one[7].isFinite && one[7] < one[0]) }
  }
}
