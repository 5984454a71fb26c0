import Datasets
import Diagnostics
import Foundation
import Options
import SampleFolders
import Testing

struct FamilySplitTests {
  /// 40 families of one to three observations in four groups.
  private let families = (0..<40).flatMap { family in [Int](repeating: family, count: 1 + family % 3) }
  private let names = (0..<40).map { "family \($0)" }
  private let strata = (0..<40).map { FamilySplit.Stratum(group: $0 % 4, subgroup: $0 % 8) }

  private func sides(_ fold: DataFold?, seed: UInt64 = 0) -> [Int] {
    FamilySplit.sides(
      families: families, names: names, strata: strata, fractions: (0.1, 0.2), seed: seed, dataset: "made", fold: fold)
  }

  @Test func everyFamilyIsTestedInOneFold() {
    let folds = (0..<5).map { sides(DataFold($0, of: 5)) }
    for family in 0..<40 {
      let members = families.indices.filter { families[$0] == family }
      let tested = folds.filter { sides in members.contains { sides[$0] == 2 } }
      #expect(tested.count == 1)
      #expect(folds.allSatisfy { sides in Set(members.map { sides[$0] }).count == 1 })
    }
    for sides in folds {
      // A fifth is 8 families of each 40, two of each group.
      let tested = Set(families.indices.filter { sides[$0] == 2 }.map { families[$0] })
      #expect((7...9).contains(tested.count) && Set(tested.map { $0 % 4 }).count == 4)
      #expect(sides.contains(1) && sides.count { $0 == 0 } > sides.count / 2)
    }
    #expect(sides(DataFold(0, of: 5)) == folds[0])
    #expect(sides(DataFold(0, of: 5), seed: 1) != folds[0])
  }

  @Test func observationsThatShareAnythingAreOneFamily() {
    let found = FamilySplit.families(names: ["a", "b", "c", "d"], shared: [[0, 1, 0, nil], [5, 6, 7, 6]])
    #expect(found.numbers == [0, 1, 0, 1] && found.names == ["a", "b"])
  }

  @Test func aFolderTestsEveryRowOnceOverItsFolds() throws {
    try withTemporaryFolder { folder in
      // Of thirty rows three at a time show one picture.
      try SampleFolder.writeShapes(to: folder, count: 30)
      let lines = try String(contentsOf: folder.appending(path: "captions.csv"), encoding: .utf8).split(
        separator: "\r\n")
      let repeated = lines.enumerated().map { index, line in
        guard index > 0 else { return String(line) }
        let picture = lines[1 + (index - 1) / 3].split(separator: ",")[0]
        return ([picture] + line.split(separator: ",", maxSplits: 1).dropFirst()).joined(separator: ",")
      }
      try Data(repeated.joined(separator: "\n").utf8).write(to: folder.appending(path: "captions.csv"))
      var source = FolderSource()
      source.path = folder.path
      let cache = folder.appending(path: "cache")
      let whole = try source.load(modalities: nil, cacheFolder: cache)
      #expect(Set(whole.train.families + whole.validation.families + whole.test.families).count == 10)
      #expect(whole.card.families.values.reduce(0, +) == 10)
      #expect(whole.card.description.contains("\nfamilies: "))
      var tested: [String] = []
      for fold in 0..<5 {
        let set = try source.load(modalities: nil, cacheFolder: cache, fold: DataFold(fold, of: 5))
        tested += set.test.identifiers
        #expect(set.test.families.count == set.test.count && set.validation.count > 0)
        #expect(Set(set.test.families).isDisjoint(with: set.train.families + set.validation.families))
      }
      #expect(tested.count == 30 && Set(tested).count == 30)
    }
  }

  @Test func aSeedTestsTheFoldOfItsNumberWhereNoneIsNamed() throws {
    try withTemporaryFolder { folder in
      try SampleFolder.writeShapes(to: folder, count: 30)
      var options = DataOptions()
      options.set = .init(FolderSource.self)
      options.sources[FolderSource.self].path = folder.path
      options.folds = 3
      func tested(_ seed: Int) throws -> [String] {
        try options.load(DataRequest(cacheFolder: folder.appending(path: "cache"), seed: seed)).test.identifiers
      }
      let sides = try (0..<3).map(tested)
      #expect(Set(sides.flatMap { $0 }).count == 30 && sides.flatMap { $0 }.count == 30)
      #expect(try tested(4) == sides[1])
      options.fold = 2
      #expect(try tested(4) == sides[2])
    }
  }

  @Test func whatHasSidesOfItsOwnRefusesFolds() throws {
    var options = DataOptions()
    options.folds = 5
    options.fold = 5
    #expect(throws: UserError.self) { try options.validate() }
    options.fold = 4
    try options.validate()
    options.fold = nil
    try options.validate()
    options.set = .init(CIFARDataset.Options.self)
    let error = #expect(throws: UserError.self) { try options.load() }
    #expect(
      error?.place == "data.folds" && error?.mend == "set it to 1, or take one of emoji, stamps, clipart, nlvr, folder")
    try withTemporaryFolder { folder in
      try Data("caption,side\na,train\nb,validation\nc,test\n".utf8).write(to: folder.appending(path: "table.csv"))
      try Data(
        "table: table.csv\nmodalities: { caption: { kind: text, length: 4 } }\nsplit: { column: side }\n".utf8
      ).write(to: folder.appending(path: "dataset.yaml"))
      options.set = .init(FolderSource.self)
      options.sources[FolderSource.self].path = folder.path
      let error = #expect(throws: UserError.self) { try options.load() }
      #expect(error?.place == "data.folds" && error?.what.contains("`side`") == true)
    }
  }

  @Test func whereNothingIsKnownEachObservationIsAFamily() {
    let column = ModalityColumn(
      modality: Modality(name: "a", kind: .vector(count: 1)), items: .numbers([1, 2, 3]), rows: [0, 1, 2])
    let split = MultimodalSplit(name: "test", columns: [column], labels: [:])
    #expect(Set(split.families).count == 3)
    #expect(split.gathering([2, 0]).families == [split.families[2], split.families[0]])
    let named = MultimodalSplit(name: "test", columns: [column], labels: [:], families: ["x", "x", "y"])
    #expect(named.gathering([2, 1]).families == ["y", "x"])
  }

  @Test func pairsOfOneRecordingAreAFamily() throws {
    var options = DigitsDataset.Options()
    options.source = .generated
    (options.trainingPairs, options.validationPairs, options.testPairs) = (200, 20, 100)
    let set = try DigitsDataset.load(options)
    let column = set.train.column(of: "sound")
    let families = Dictionary(grouping: set.train.families.indices) { set.train.families[$0] }
    #expect(families.count == Set(column.rows).count)
    #expect(families.values.allSatisfy { members in Set(members.map { column.rows[$0] }).count == 1 })
  }
}
