import Datasets
import Diagnostics
import Foundation
import Kernels
import Options
import SampleFolders
import Testing

/// Pictures and views are the same however many threads make them ahead.
@Suite struct ReadersTests {
  private static let batchSize = 8
  private static let order: [[Int]] = {
    var stream = RandomStream(seed: 2, name: "order")
    return (0..<2).flatMap { _ in
      let order = stream.permutation(of: 40)
      return (0..<5).map { Array(order[$0 * batchSize..<($0 + 1) * batchSize]) }
    }
  }()

  private func withShards(_ body: (URL) throws -> Void) throws {
    try withTemporaryFolder { root in
      try SampleShards.write(to: root.appending(path: "cc3m"), count: 44)
      try body(root)
    }
  }

  private func data(_ root: URL, readers: Int?, isOn: Bool) throws -> AlignedData {
    var source = ShardSource()
    (source.imageSize, source.captionLength, source.minimumPieceCount) = (16, 6, 1)
    (source.validationCount, source.testCount) = (2, 2)
    var options = DataOptions()
    options.readers = readers
    var augmentation = AugmentationOptions()
    augmentation.isOn = isOn
    let set = try source.load(DataRequest(dataRoot: root, cacheFolder: root.appending(path: "cache")))
    return try AlignedData(set, options: options, augmentation: augmentation)
  }

  private struct Streams: Equatable {
    var items = RandomStream(seed: 0, name: "augmentation")
    var views = RandomStream(seed: 0, name: "augment images")
  }

  /// What a training asks for in some batches.
  private func made(
    _ data: AlignedData, batches: Range<Int> = ReadersTests.order.indices, from streams: inout Streams
  ) throws -> [ModalityItems] {
    let image = try #require(data.image)
    return try batches.flatMap { batch in
      data.begin(Self.order[batch], next: batch + 1 < Self.order.count ? Self.order[batch + 1] : nil)
      try data.load(Self.order[batch])
      return [
        try data.imageViews(Self.order[batch], using: &streams.views),
        try data.trainingItems(of: image, at: Self.order[batch], using: &streams.items),
        try data.imageViews(Self.order[batch], using: &streams.views),
      ]
    }
  }

  @Test(arguments: [true, false]) func theNumberOfReadersChangesNothing(isOn: Bool) throws {
    try withShards { root in
      var streams = Streams()
      let plain = try made(data(root, readers: 0, isOn: isOn), from: &streams)
      let end = streams
      for readers in [nil, 1, 2, 4] {
        streams = Streams()
        let data = try data(root, readers: readers, isOn: isOn)
        #expect(try made(data, from: &streams) == plain && streams == end)
        // The last batch's, which were foreseen, and no others.
        #expect(data.heldViews == Self.batchSize)
      }
    }
  }

  @Test func aTrainingThatGoesOnElsewhereSeesTheSame() throws {
    try withShards { root in
      var streams = Streams()
      let plain = try made(data(root, readers: 0, isOn: true), from: &streams)
      for batch in [1, 3, 7] {
        streams = Streams()
        let first = try made(data(root, readers: 2, isOn: true), batches: 0..<batch, from: &streams)
        let rest = try made(data(root, readers: 4, isOn: true), batches: batch..<10, from: &streams)
        #expect(first + rest == plain)
      }
    }
  }

  @Test func whatWasNotForeseenIsMadeThen() throws {
    try withShards { root in
      let (plain, ahead) = (try data(root, readers: 0, isOn: true), try data(root, readers: 2, isOn: true))
      var (one, other) = (Streams(), Streams())
      for batch in 0..<6 {
        for data in [plain, ahead] { data.begin(Self.order[batch], next: Self.order[batch + 1]) }
        // Another number of views each time, and other rows than were named.
        for number in 0..<(batch % 3) {
          let rows = number == 1 ? Self.order[9] : Self.order[batch]
          #expect(try plain.imageViews(rows, using: &one.views) == ahead.imageViews(rows, using: &other.views))
        }
      }
      #expect(one == other)
    }
  }

  @Test func aDamagedPictureIsNamedBeforeItsBatch() throws {
    try withShards { root in
      let data = try data(root, readers: 2, isOn: true)
      let pictures = try #require(data.dataset.train.column(of: "image").stream as? PictureFiles)
      let bad = Self.order[3][5]
      guard case .part(let shard, let offset, _) = pictures.places[bad] else { return }
      var bytes = try Data(contentsOf: shard)
      bytes.replaceSubrange(Int(offset)..<Int(offset) + 20, with: Data(count: 20))
      try bytes.write(to: shard)
      var streams = Streams()
      #expect(try made(data, batches: 0..<3, from: &streams).count == 9)
      let before = streams
      let error = #expect(throws: UserError.self) { try made(data, batches: 3..<4, from: &streams) }
      #expect(streams == before && error?.place == "\(shard.relativePath), byte \(offset)")
      #expect(error?.mend == "mend it, or set data.shards.broken=omitted")
    }
  }

  @Test func aDigestIsTakenOnceForAsLongAsAFileStaysTheSame() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "a.txt")
      #expect(KnownFiles.Version(of: file) == nil)
      try Data("one".utf8).write(to: file)
      let (known, version) = (KnownFiles(), KnownFiles.Version(of: file))
      #expect(version != nil && !known.contains(file, version))
      known.insert(file, version)
      #expect(known.contains(file, KnownFiles.Version(of: file)) && !known.contains(folder, version))
      try Data("other".utf8).write(to: file)
      #expect(!known.contains(file, KnownFiles.Version(of: file)) && !known.contains(file, nil))
    }
  }
}
