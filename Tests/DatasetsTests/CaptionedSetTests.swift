import Datasets
import Diagnostics
import Foundation
import Options
import SampleFolders
import Testing

@Suite struct CaptionedSetTests {
  /// Eight pictures for training, one of them of `restval`, two for validation, three for test.
  private static let splits = [
    "train", "test", "train", "val", "restval", "train", "train", "test", "train", "train", "val", "test", "train",
  ]

  private func coco(_ root: URL, _ change: (inout COCODataset) -> Void = { _ in }) -> COCODataset {
    var options = COCODataset()
    (options.dataRoot, options.imageSize, options.minimumPieceCount) = (root.path, 8, 1)
    change(&options)
    return options
  }

  @Test func karpathysSplitHasFiveCaptionsAPicture() throws {
    try withTemporaryFolder { root in
      try SampleCaptionedSet.writeCOCO(to: root, splits: Self.splits)
      let set = try coco(root).dataset()
      #expect(set.modalities.map(\.name) == ["image", "caption", "tags"])
      #expect(set.train.count == 40 && set.validation.count == 10 && set.test.count == 15)
      #expect(set.tagNames["tags"] == ["wall", "roof", "door"])
      // Rows of a picture share it, its tags and its family.
      #expect(set.test.column(of: "image").rows == [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2])
      #expect(set.test.texts["caption"]?[5...6] == SampleCaptionedSet.captions(7)[0...1])
      #expect(Set(set.test.families).count == 3 && set.test.identifiers[6].hasSuffix("000000000007.jpg#1"))
      guard case .numbers(let tags) = set.test.items(of: "tags", at: [0, 5, 10]),
        case .numbers(let pixels) = try set.test.readItems(of: "image", at: [0])
      else {
        Issue.record("other items")
        return
      }
      #expect(tags == [1, 0, 0, 1, 0, 0, 1, 0, 0] && pixels.count == 192)
      // Picture 1 is green.
      #expect(pixels[1] > pixels[0] + 0.3)
      // Without restval there is one picture less; the smaller test is the first pictures.
      let smaller = try coco(root) { ($0.withRestval, $0.testCount, $0.categories) = (false, 2, false) }.dataset()
      #expect(smaller.train.count == 35 && smaller.test.count == 10 && smaller.tagNames.isEmpty)
      #expect(smaller.checksum != set.checksum)
      #expect(set.card.description.contains("pictures: 8 with 40 captions, 2 with 10 captions, 3 with 15 captions"))
    }
  }

  @Test func aReleaseHoldsValidationOut() throws {
    try withTemporaryFolder { root in
      try SampleCaptionedSet.writeCOCO(to: root, splits: Self.splits)
      let set = try coco(root) {
        ($0.split, $0.validationCount, $0.trainingCaptions) = (.release2014, 2, .each)
      }.dataset()
      // Seven pictures are of train2014, six of val2014.
      #expect(set.train.count == 25 && set.validation.count == 10 && set.test.count == 30 && set.alternatives == nil)
      guard case .tokens(let tokens) = set.train.items(of: "caption", at: [0, 1]),
        case .numbers(let pictures) = try set.train.readItems(of: "image", at: [0, 1, 5]),
        case .numbers(let tags) = set.train.items(of: "tags", at: [0])
      else {
        Issue.record("other items")
        return
      }
      #expect(tokens.count == 64 && Array(tokens[..<32]) != Array(tokens[32...]))
      #expect(pictures.count == 3 * 192 && Array(pictures[..<192]) == Array(pictures[192..<384]))
      #expect(tags.count == 3 && tags[0] == 1)
    }
  }

  @Test func theCaptionsOfAPictureAreAlternatives() throws {
    try withTemporaryFolder { root in
      try SampleCaptionedSet.writeCOCO(to: root, splits: Self.splits)
      let set = try coco(root).dataset()
      #expect(set.alternatives == (0..<40).map { $0 / 5 })
    }
  }

  @Test func flickr30kIsReadInAllItsForms() throws {
    try withTemporaryFolder { root in
      let splits = Self.splits.map { $0 == "restval" ? "train" : $0 }
      try SampleCaptionedSet.writeFlickr30k(to: root, splits: splits)
      var options = Flickr30kDataset()
      (options.dataRoot, options.imageSize, options.minimumPieceCount) = (root.path, 8, 1)
      let set = try options.dataset()
      #expect(set.modalities.map(\.name) == ["image", "caption"])
      #expect(set.train.count == 40 && set.validation.count == 10 && set.test.count == 15)
      for name in ["results_20130124.token", "results.csv"] {
        (options.captions, options.validationCount, options.testCount) = (name, 2, 4)
        let drawn = try options.dataset()
        #expect(drawn.train.count == 35 && drawn.validation.count == 10 && drawn.test.count == 20)
        let families = [drawn.validation.families, drawn.test.families].map { Set($0) }
        #expect(families[0].count == 2 && families[1].count == 4 && families[0].isDisjoint(with: families[1]))
        #expect(drawn.test.texts["caption"]?.allSatisfy { $0.contains(" wall, number ") } == true)
      }
      options.testCount = 12
      #expect(throws: UserError.self) { try options.dataset() }
    }
  }

  @Test(arguments: [
    ("cut", "dataset_coco.json", "the file ends in the middle of its JSON"),
    ("{\"images\": [}", "dataset_coco.json", "not an object where one should be"),
    ("[1, 2]", "dataset_coco.json", "not an object where one should be"),
    ("{\"annotations\": []}", "dataset_coco.json", "has no `images`, so it is no file of Karpathy's splits"),
    (
      "{\"images\": [], \"dataset\": \"flickr8k\"}", "dataset_coco.json",
      "is of the set `flickr8k`, not of `coco`"
    ),
    (
      "{\"images\": [{\"filename\": \"a\", \"split\": \"odd\"}], \"dataset\": \"coco\"}", "dataset_coco.json",
      "`a` is of the split `odd`, which is none"
    ),
    ("{\"images\": [{\"split\": \"val\"}], \"dataset\": \"coco\"}", "dataset_coco.json", "a picture has no `filename`"),
    ("{} x", "dataset_coco.json", "something behind the end of the JSON"),
    ("{\"images\": [], \"dataset\": \"\\ud83d\\x\"}", "dataset_coco.json", "an escape that JSON does not have"),
    ("none", "dataset_coco.json", "there is no such file"),
    ("none", "annotations/instances_val2014.json", "there is no such file"),
    ("cut", "annotations/instances_val2014.json", "the file ends in the middle of its JSON"),
    (
      "{\"images\": [{\"id\": 1, \"file_name\": \"x\"}], \"annotations\": []}", "annotations/instances_val2014.json",
      "is no file of COCO's instances: it has no `categories`"
    ),
    ("none", "val2014/COCO_val2014_000000000007.jpg", "1 of the 13 pictures that the captions name is missing"),
  ])
  func whatIsWrongIsNamed(content: String, file: String, message: String) throws {
    try withTemporaryFolder { root in
      try SampleCaptionedSet.writeCOCO(to: root, splits: Self.splits)
      let url = root.appending(path: "coco").appending(path: file)
      switch content {
      case "none": try FileManager.default.removeItem(at: url)
      case "cut": try Data(Data(contentsOf: url).dropLast(200)).write(to: url)
      default: try Data(content.utf8).write(to: url)
      }
      let error = #expect(throws: UserError.self) { try coco(root).dataset() }
      #expect(message.isEmpty || error?.what == message, "\(error?.what ?? "")")
      #expect(error?.place?.contains(file) == true && error?.description.contains("\n") == false)
    }
  }

  @Test func aFileOfCaptionsIsNoFileOfInstances() throws {
    try withTemporaryFolder { root in
      try SampleCaptionedSet.writeCOCO(to: root, splits: Self.splits)
      let folder = root.appending(path: "coco/annotations")
      let (captions, instances) = (
        folder.appending(path: "captions_val2014.json"), folder.appending(path: "instances_val2014.json")
      )
      let bytes = try Data(contentsOf: instances)
      try Data(contentsOf: captions).write(to: instances)
      #expect(
        #expect(throws: UserError.self) { try coco(root).dataset() }?.what
          == "is no file of COCO's instances: it has no `categories`")
      try bytes.write(to: captions)
      let error = #expect(throws: UserError.self) {
        try coco(root) { ($0.split, $0.categories) = (.release2014, false) }.dataset()
      }
      #expect(error?.what == "is no file of COCO's captions: none of it is captions")
    }
  }

  @Test func linesThatAreNoCaptionsAreNamed() throws {
    try withTemporaryFolder { root in
      try SampleCaptionedSet.writeFlickr30k(to: root, splits: Self.splits)
      var options = Flickr30kDataset()
      (options.dataRoot, options.validationCount, options.testCount) = (root.path, 2, 2)
      for (name, text, line) in [
        ("results_20130124.token", "1.jpg#0\ta\n1.jpg#1 b\n", 2), ("results_20130124.token", "1.jpg\ta\n", 1),
        ("results.csv", "a| b| c\n1.jpg| x| y\n", 2), ("results.csv", "a| b| c\n1.jpg\n", 2),
      ] {
        options.captions = name
        try Data(text.utf8).write(to: root.appending(path: "flickr30k").appending(path: name))
        let error = #expect(throws: UserError.self) { try options.dataset() }
        #expect(error?.place?.hasSuffix("\(name):\(line)") == true, "\(text)")
      }
      options.captions = "captions.txt"
      #expect(throws: UserError.self) { try options.validate() }
    }
  }
}
