import Datasets
import Diagnostics
import Foundation
import Testing

private let realData: URL? = {
  let environment = ProcessInfo.processInfo.environment
  let package = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  let reference = environment["CONCORD_REFERENCE"].map { URL(fileURLWithPath: $0) }
  let candidates = [
    environment["CONCORD_DATA"].map { URL(fileURLWithPath: $0) }, reference?.appendingPathComponent("data"),
    package.deletingLastPathComponent().appendingPathComponent("shared/data"),
  ]
  return candidates.compactMap { $0 }.first {
    FileManager.default.fileExists(atPath: $0.appendingPathComponent("digits-mnist").path)
  }
}()

struct DigitsDatasetTests {
  private func options(_ change: (inout DigitsDataset.Options) -> Void = { _ in }) -> DigitsDataset.Options {
    var options = DigitsDataset.Options()
    options.source = .generated
    options.trainingPairs = 205
    options.validationPairs = 50
    options.testPairs = 100
    change(&options)
    return options
  }

  @Test func generatesTheSameShapes() throws {
    let set = try DigitsDataset.load(options())
    #expect(set.modalities.map(\.name) == ["image", "sound", "trajectory", "label"])
    #expect(set.modalities.map(\.kind.elementCount) == [784, 4096, 200, 10])
    #expect([set.train, set.validation, set.test].map(\.count) == [205, 50, 100])
    for split in [set.train, set.validation, set.test] {
      for column in split.columns {
        guard case .numbers(let values) = column.items else {
          Issue.record("\(column.modality.name) is not numbers")
          continue
        }
        let items = values.count / column.modality.kind.elementCount
        #expect(column.rows.count == split.count)
        #expect(column.rows.allSatisfy { (0..<items).contains(Int($0)) })
        if column.modality.name != "label" { #expect(Set(column.rows).count == items, "only used items are kept") }
        #expect(values.allSatisfy { $0.isFinite })
      }
      #expect(split.identifiers.count == split.count)
    }
    #expect(try DigitsDataset.load(options { $0.withLabel = false }).modalities.count == 3)
  }

  @Test func balancesTheClassesAndMatchesTheLabel() throws {
    let set = try DigitsDataset.generated(options())
    let digits = try #require(set.train.labels["digit"])
    let counts = (0..<10).map { digit in digits.count { $0 == Int32(digit) } }
    #expect(counts == [21, 21, 21, 21, 21, 20, 20, 20, 20, 20])
    guard case .numbers(let labels) = set.train.items(of: "label", at: 0..<205) else {
      Issue.record("the label is not numbers")
      return
    }
    for (index, digit) in digits.enumerated() {
      #expect((0..<10).map { labels[index * 10 + $0] } == (0..<10).map { $0 == Int(digit) ? 1 : 0 })
    }
  }

  @Test func dependsOnTheSeedAlone() throws {
    let first = try DigitsDataset.generated(options())
    let second = try DigitsDataset.generated(options())
    let other = try DigitsDataset.generated(options { $0.pairSeed = 1 })
    #expect(first.train.identifiers == second.train.identifiers)
    #expect(first.train.columns.map(\.items) == second.train.columns.map(\.items))
    #expect(first.train.identifiers != other.train.identifiers)
    #expect(first.checksum == second.checksum && first.checksum != other.checksum)
  }

  @Test func sharesNoItemBetweenSides() throws {
    let set = try DigitsDataset.generated(options())
    let items = [set.train, set.validation, set.test].map { split in
      Set(split.identifiers.flatMap { $0.split(separator: " ") })
    }
    #expect(items[0].isDisjoint(with: items[1]))
    #expect(items[0].isDisjoint(with: items[2]))
    #expect(items[1].isDisjoint(with: items[2]))
  }

  @Test func tellsWhichFileIsMissing() throws {
    try withTemporaryFolder { folder in
      var options = DigitsDataset.Options()
      options.dataRoot = folder.path
      let error = #expect(throws: UserError.self) { try DigitsDataset.load(options) }
      let line = try #require(error?.description)
      #expect(error?.kind == .data)
      #expect(line.contains("digits-mnist/train-images-idx3-ubyte.gz"))
      #expect(line.contains("--data-root or CONCORD_DATA"))
      #expect(line.contains("rasbt/mnist-pngs"))
      #expect(!line.contains("\n"))
    }
  }

  @Test func refusesOddCounts() {
    let error = #expect(throws: UserError.self) { try DigitsDataset.load(options { $0.testPairs = 0 }) }
    #expect(error?.place == "testPairs")
  }

  @Test func readsPartialOptions() throws {
    let json = Data(#"{"source": "generated", "testPairs": 7}"#.utf8)
    let options = try JSONDecoder().decode(DigitsDataset.Options.self, from: json)
    var expected = DigitsDataset.Options()
    expected.source = .generated
    expected.testPairs = 7
    #expect(options == expected)
    #expect(try JSONDecoder().decode(DigitsDataset.Options.self, from: JSONEncoder().encode(options)) == options)
  }

  @Test func describesItself() throws {
    let card = try DigitsDataset.generated(options()).card
    #expect(card.observations == ["train": 205, "validation": 50, "test": 100])
    #expect(card.modalities[1].shape == [32, 128])
    #expect(card.labellings[0].counts["test"] == [Int](repeating: 10, count: 10))
    #expect(card.description.contains("modality sound: spectrogram [32, 128]"))
    #expect(card.description.contains("the items are made up"))
  }

  @Test(.enabled(if: realData != nil, "the digits files are not on this machine"))
  func loadsTheRealFiles() throws {
    var options = DigitsDataset.Options()
    options.dataRoot = try #require(realData).path
    options.trainingPairs = 3000
    options.validationPairs = 300
    options.testPairs = 500
    let set = try DigitsDataset.load(options)
    #expect([set.train, set.validation, set.test].map(\.count) == [3000, 300, 500])
    for identifier in set.test.identifiers {
      let parts = identifier.split(separator: " ")
      #expect(parts[0].hasPrefix("mnist-test-") && parts[2].hasPrefix("pen-test-"))
      #expect(Int(parts[1].split(separator: "_")[2])! < 5)
    }
    for (identifier, digit) in zip(set.train.identifiers, set.train.labels["digit"]!) {
      let sound = identifier.split(separator: " ")[1]
      #expect(sound.hasPrefix("\(digit)_") && Int(sound.split(separator: "_")[2])! >= 5)
    }
    guard case .numbers(let images) = set.train.columns[0].items, case .numbers(let sounds) = set.train.columns[1].items
    else {
      Issue.record("images and sounds are not numbers")
      return
    }
    #expect(images.min() == 0 && images.max() == 1)
    let mean = sounds.reduce(0, +) / Float(sounds.count)
    #expect(abs(mean) < 0.1)
    #expect(set.checksum == (try DigitsDataset.load(options).checksum))
  }
}
