import Autograd
import Datasets
import Encoders
import Kernels
import Layers
import Testing

@Suite struct SeriesEncoderTests {
  private static let settings = EncoderOptions.SeriesEncoder.allCases.flatMap { kind in
    EncoderOptions.SeriesReadout.allCases.map { (kind, $0) }
  }

  private func encoder(
    _ kind: EncoderOptions.SeriesEncoder, _ readout: EncoderOptions.SeriesReadout, length: Int
  ) -> any ModalityEncoder {
    var options = EncoderOptions()
    (options.seriesEncoder, options.seriesReadout) = (kind, readout)
    (options.seriesDimensions, options.seriesLayers, options.seriesHeads) = (8, 2, 2)
    var stream = RandomStream(seed: 1, name: "init")
    return options.encoder(for: .series(length: length, channels: 3), stream: &stream)
  }

  /// Two series of four and two steps, padded to a length.
  private func input(length: Int) -> ModalityInput {
    var stream = RandomStream(seed: 2, name: "series")
    var values: [Float] = []
    for steps in [4, 2] {
      for _ in 0..<steps { values += [1, stream.uniform(), stream.uniform(), stream.uniform()] }
      values += [Float](repeating: 0, count: (length - steps) * 4)
    }
    return ModalityInput(.numbers(values), kind: .series(length: length, channels: 3))
  }

  @Test(arguments: settings) func shapes(
    kind: EncoderOptions.SeriesEncoder, readout: EncoderOptions.SeriesReadout
  ) {
    let encoder = encoder(kind, readout, length: 5)
    let found = encoder.encoding(input(length: 5), in: .evaluation)
    #expect(encoder.width == (readout == .all ? 40 : 8))
    #expect(found.vector.shape == [2, encoder.width])
    #expect(found.parts.shape[2] == encoder.width)
    #expect(found.vector.values.allSatisfy { $0.isFinite })
  }

  @Test(arguments: EncoderOptions.SeriesEncoder.allCases, [EncoderOptions.SeriesReadout.last, .mean])
  func paddingBehindASeriesDoesNotMatter(
    kind: EncoderOptions.SeriesEncoder, readout: EncoderOptions.SeriesReadout
  ) {
    let short = encoder(kind, readout, length: 4).encoding(input(length: 4), in: .evaluation).vector.values
    let long = encoder(kind, readout, length: 9).encoding(input(length: 9), in: .evaluation).vector.values
    #expect(zip(short, long).allSatisfy { abs($0 - $1) < 1e-5 })
    #expect(short[..<8] != short[8...])
  }

  @Test(arguments: EncoderOptions.SeriesEncoder.allCases)
  func aSeriesThatIsMissingHasAVectorAndOthersAreUnmoved(kind: EncoderOptions.SeriesEncoder) {
    let encoder = encoder(kind, .mean, length: 5)
    let whole = encoder.encoding(input(length: 5), in: .evaluation).vector.values
    let holed = encoder.encoding(input(length: 5).masked(present: [false, true]), in: .evaluation).vector.values
    #expect(holed.allSatisfy { $0.isFinite })
    #expect(zip(whole[8...], holed[8...]).allSatisfy { abs($0 - $1) < 1e-6 })
  }
}
