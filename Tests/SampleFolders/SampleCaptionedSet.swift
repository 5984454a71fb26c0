import Foundation
import Kernels

/// Small sets in the form in which COCO and Flickr30k are published: pictures of one colour each, five captions a picture.
public enum SampleCaptionedSet {
  private static let colours: [(name: String, rgb: [UInt8])] = [
    ("red", [220, 30, 30]), ("green", [30, 180, 40]), ("blue", [40, 50, 220]), ("yellow", [230, 220, 40]),
    ("white", [250, 250, 250]), ("black", [10, 10, 10]),
  ]

  /// The captions of a picture, by its number.
  public static func captions(_ number: Int) -> [String] {
    let colour = colours[number % colours.count].name
    return ["a", "one", "the", "this", "that"].map { "\($0) \(colour) wall, number \(number)" }
  }

  /// The categories of a picture: 1 for all, 3 for every other one; 2 is none's.
  public static func categories(_ number: Int) -> [Int] { number % 2 == 0 ? [1, 3] : [1] }

  private static func write(_ number: Int, to file: URL) throws {
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    let colour = colours[number % colours.count].rgb
    var stream = RandomStream(seed: UInt64(number), name: "sample/captioned")
    let pixels = (0..<20 * 16).flatMap { _ in
      colour.map { UInt8(max(0, min(255, Int($0) + stream.below(9) - 4))) }
    }
    try SampleFiles.jpeg(width: 20, height: 16, pixels: pixels).write(to: file)
  }

  private static func write(_ json: [String: Any], to file: URL) throws {
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try JSONSerialization.data(withJSONObject: json).write(to: file)
  }

  private static func sentences(_ number: Int) -> [[String: Any]] {
    captions(number).enumerated().map { index, caption in
      [
        "tokens": caption.split(separator: " ").map(String.init), "raw": caption, "imgid": number,
        "sentid": 5 * number + index,
      ]
    }
  }

  private static func caption(_ text: String, _ index: Int, of number: Int) -> [String: Any] {
    ["image_id": 1000 + number, "id": 5 * number + index, "caption": text]
  }

  private static func instance(_ category: Int, of number: Int) -> [String: Any] {
    [
      "segmentation": [[1.5, 2, 3.25, 4]], "area": 1.5e2, "iscrowd": 0, "image_id": 1000 + number,
      "category_id": category, "id": 10 * number + category, "bbox": [0, 0, 1, 1],
    ]
  }

  private static func category(_ number: Int, _ name: String) -> [String: Any] {
    ["supercategory": "x", "id": number, "name": name]
  }

  private static func name(_ number: Int, in part: String) -> String {
    "COCO_\(part)_\(String(format: "%012d", number)).jpg"
  }

  /// Writes `coco` under a data root: the pictures of 2014 in two folders, `dataset_coco.json`, and captions and instances
  /// of both parts.
  ///
  /// - Parameter splits: the split of each picture, as Karpathy's file says it; `val2014` has all but those of `train`.
  public static func writeCOCO(to root: URL, splits: [String]) throws {
    let folder = root.appending(path: "coco")
    var parts: [String: [Int]] = ["train2014": [], "val2014": []]
    var images: [[String: Any]] = []
    for (number, split) in splits.enumerated() {
      let part = split == "train" ? "train2014" : "val2014"
      parts[part]?.append(number)
      try write(number, to: folder.appending(path: part).appending(path: name(number, in: part)))
      images.append([
        "filepath": part, "filename": name(number, in: part), "imgid": number, "split": split, "cocoid": 1000 + number,
        "sentids": (0..<5).map { 5 * number + $0 }, "sentences": sentences(number),
      ])
    }
    try write(["images": images, "dataset": "coco"], to: folder.appending(path: "dataset_coco.json"))
    let information: [String: Any] = ["description": "made \"up\" {here}", "year": 2014, "version": 1.5]
    let categories = [category(1, "wall"), category(2, "roof"), category(3, "door")]
    for (part, numbers) in parts {
      let files = numbers.map { number -> [String: Any] in
        ["license": 3, "id": 1000 + number, "height": 16, "width": 20, "file_name": name(number, in: part)]
      }
      let texts = numbers.flatMap { number in
        captions(number).enumerated().map { caption($1, $0, of: number) }
      }
      try write(
        ["info": information, "images": files, "annotations": texts],
        to: folder.appending(path: "annotations/captions_\(part).json"))
      // The first category is marked twice.
      let marks = numbers.flatMap { number in (self.categories(number) + [1]).map { instance($0, of: number) } }
      try write(
        ["info": information, "images": files, "categories": categories, "annotations": marks],
        to: folder.appending(path: "annotations/instances_\(part).json"))
    }
  }

  /// Writes `flickr30k` under a data root: pictures, `dataset_flickr30k.json`, `results_20130124.token` and `results.csv`.
  public static func writeFlickr30k(to root: URL, splits: [String]) throws {
    let folder = root.appending(path: "flickr30k")
    var images: [[String: Any]] = []
    var (lines, rows): ([String], [String]) = ([], ["image_name| comment_number| comment"])
    for (number, split) in splits.enumerated() {
      let name = "\(10_000 + number).jpg"
      try write(number, to: folder.appending(path: "flickr30k-images").appending(path: name))
      images.append(["filename": name, "imgid": number, "split": split, "sentences": sentences(number)])
      for (index, caption) in captions(number).enumerated() {
        lines.append("\(name)#\(index)\t\(caption)")
        rows.append("\(name)| \(index)| \(caption)")
      }
    }
    try write(["images": images, "dataset": "flickr30k"], to: folder.appending(path: "dataset_flickr30k.json"))
    try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: folder.appending(path: "results_20130124.token"))
    try Data((rows.joined(separator: "\n") + "\n").utf8).write(to: folder.appending(path: "results.csv"))
  }
}
