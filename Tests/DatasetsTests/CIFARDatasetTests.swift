import Datasets
import Diagnostics
import Foundation
import Testing

@Suite struct CIFARDatasetTests {
  private let root: URL

  init() throws {
    root = FileManager.default.temporaryDirectory.appending(path: "concord-\(UUID().uuidString)")
    try write()
  }

  /// Six files of 20 records: image i of a file has class i mod 10; red is i, green 100 + row, blue 200 + column.
  private func write(images: Int = 20, skipping: String? = nil, label: (Int) -> UInt8 = { UInt8($0 % 10) }) throws {
    let folder = root.appending(path: "cifar-10-batches-bin")
    try? FileManager.default.removeItem(at: root)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let names = (1...5).map { "data_batch_\($0).bin" } + ["test_batch.bin"]
    for name in names where name != skipping {
      var bytes: [UInt8] = []
      for image in 0..<images {
        bytes.append(label(image))
        bytes += [UInt8](repeating: UInt8(image), count: 1024)
        bytes += (0..<1024).map { UInt8(100 + $0 / 32) }
        bytes += (0..<1024).map { UInt8(200 + $0 % 32) }
      }
      try Data(bytes).write(to: folder.appending(path: name))
    }
  }

  private func options(_ change: (inout CIFARDataset.Options) -> Void = { _ in }) -> CIFARDataset.Options {
    var options = CIFARDataset.Options()
    options.dataRoot = root.path
    options.imagesPerFile = 20
    change(&options)
    return options
  }

  private func error(_ options: CIFARDataset.Options) -> UserError? {
    #expect(throws: UserError.self) { try CIFARDataset.load(options) }
  }

  @Test func readsPlanesIntoChannelsAndHoldsOutATenthOfEachClass() throws {
    defer { try? FileManager.default.removeItem(at: root) }
    let set = try CIFARDataset.load(options())
    let counts: [Int] = [set.train.count, set.validation.count, set.test.count]
    #expect(counts == [90, 10, 20])
    #expect(set.modalities.map(\.kind) == [.image(height: 32, width: 32, channels: 3)])
    let held: [Int32] = (set.validation.labels["class"] ?? []).sorted()
    #expect(held == Array<Int32>(0..<10))
    #expect(set.classNames["class"]?.count == 10 && set.classNames["class"]?[9] == "truck")
    guard case .numbers(let pixels) = set.test.items(of: "image", at: [7]) else {
      Issue.record("no numbers")
      return
    }
    #expect(pixels.count == 3072 && set.test.labels["class"]?[7] == 7)
    // Row 3, column 5.
    let place = (3 * 32 + 5) * 3
    let colour: [Float] = [7.0 / 255, 103.0 / 255, 205.0 / 255]
    #expect(Array(pixels[place..<place + 3]) == colour)
    #expect(set.test.identifiers[7] == "cifar-test-7")
    #expect(Set(set.train.identifiers + set.validation.identifiers).count == 100)
    #expect(set.checksum.count == 64)
    #expect(try CIFARDataset.load(options()).validation.identifiers == set.validation.identifiers)
    #expect(try CIFARDataset.load(options { $0.splitSeed = 1 }).validation.identifiers != set.validation.identifiers)
  }

  @Test func whatIsWrongIsNamed() throws {
    defer { try? FileManager.default.removeItem(at: root) }
    let published = error(options { $0.imagesPerFile = 10_000 })
    #expect(published?.what == "61460 bytes instead of the published 30730000")
    #expect(published?.kind == .data)
    #expect(error(options { $0.validationFraction = 0 })?.place == "validationFraction")
    #expect(error(options { $0.validationFraction = 0.01 })?.what == "the split [100, 0] leaves a side without images")
    #expect(error(options { $0.imagesPerFile = 0 })?.place == "imagesPerFile")
    try write(skipping: "data_batch_3.bin")
    let missing = error(options())
    #expect(missing?.what.hasPrefix("data_batch_3.bin of CIFAR-10 is missing in ") == true)
    #expect(missing?.mend?.contains("cifar-10-binary.tar.gz") == true)
    try write { $0 == 4 ? 10 : 0 }
    #expect(error(options())?.what == "image 4 has class 10, but there are 10")
  }
}
