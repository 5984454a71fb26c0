import Diagnostics
import Kernels

extension DigitsDataset {
  /// A made-up data set of the same shapes, for tests and for machines without the files.
  ///
  /// Each class has a prototype in every modality; an item is `prototype + noise`, clamped to the modality's range.
  /// Each class has 40 training and 10 test items, so the set is small whatever the number of pairs.
  public static func generated(_ options: Options) throws(UserError) -> MultimodalDataset {
    try options.validate()
    let seed = options.pairSeed
    let pools = [
      pool(Modality(name: "image", kind: .image(height: 28, width: 28, channels: 1)), 0...1, 0.15, seed),
      pool(Modality(name: "sound", kind: .spectrogram(frames: 32, bands: 128)), -4...4, 0.5, seed),
      pool(Modality(name: "trajectory", kind: .vector(count: 200)), -1...1, 0.15, seed),
    ]
    var hash = SHA256()
    hash.update("digits generated \(seed)")
    return dataset(
      pools: pools, options: options, checksum: hash.hexDigest,
      provenance: DatasetProvenance(
        sources: [.init(name: "generated items", publisher: "this program", licence: "none needed")],
        notes: ["the items are made up: results say nothing about real digits"] + pairingNotes(options)))
  }

  private static func pool(
    _ modality: Modality, _ range: ClosedRange<Float>, _ noise: Float, _ seed: UInt64
  ) -> DigitPool {
    let (size, training, test) = (modality.kind.elementCount, 40, 10)
    var stream = RandomStream(seed: seed, name: "digits/prototypes/\(modality.name)")
    let middle = (range.lowerBound + range.upperBound) / 2
    let spread = (range.upperBound - range.lowerBound) / 4
    let prototypes = (0..<10 * size).map { _ in middle + spread * (stream.uniform() * 2 - 1) }
    let classes = (0..<10 * (training + test)).map { UInt8($0 % 10) }
    return DigitPool(
      modality: modality, classes: classes, trainingCount: 10 * training,
      write: { item, target in
        var stream = RandomStream(seed: seed, name: "digits/item/\(modality.name)/\(item)")
        for i in 0..<size {
          let value = prototypes[Int(classes[item]) * size + i] + noise * stream.normal()
          (target + i).initialize(to: min(max(value, range.lowerBound), range.upperBound))
        }
      },
      identifier: { "\(modality.name)-\($0)" })
  }
}
