import Datasets
import Kernels

/// Pictures of coloured shapes with captions that name what is seen: little data that a short training can learn.
///
/// Every kind of picture, such as a small red disc on the left, is in training several times, each with noise, place and
/// hue of its own, and once on either other side.
enum ShapeAlbum {
  static let side = 16
  private static let colours: [(name: String, rgb: [Float])] = [
    ("red", [0.85, 0.15, 0.15]), ("green", [0.15, 0.7, 0.2]), ("blue", [0.2, 0.25, 0.85]),
    ("yellow", [0.9, 0.8, 0.1]),
  ]
  static let shapes = ["disc", "square", "stripe", "cross"]
  private static let places = ["left", "right", "top", "bottom"]
  private static let sizes = ["small", "large"]

  /// The number of kinds of pictures, and so of held-out observations.
  static var kinds: Int { colours.count * shapes.count * places.count * sizes.count }

  /// What a kind is, as places in the lists.
  private static func parts(of kind: Int) -> (colour: Int, shape: Int, place: Int, size: Int) {
    let (colour, rest) = (kind % colours.count, kind / colours.count)
    return (colour, rest % shapes.count, rest / shapes.count % places.count, rest / shapes.count / places.count)
  }

  private static func caption(of kind: Int) -> String {
    let (colour, shape, place, size) = parts(of: kind)
    return "\(sizes[size]) \(colours[colour].name) \(shapes[shape]) \(places[place])"
  }

  private static func pixels(of kind: Int, using stream: inout RandomStream) -> [Float] {
    let (colour, shape, place, size) = parts(of: kind)
    let centre = Float(side) / 2 - 0.5
    let offset = [(-3.5, 0), (3.5, 0), (0, -3.5), (0, 3.5)][place] as (Float, Float)
    let (x, y) = (centre + offset.0 + stream.uniform() - 0.5, centre + offset.1 + stream.uniform() - 0.5)
    let radius: Float = size == 0 ? 2.5 : 4
    let rgb = colours[colour].rgb.map { $0 + 0.2 * (stream.uniform() - 0.5) }
    return (0..<side * side).flatMap { index -> [Float] in
      let (dx, dy) = (abs(Float(index % side) - x), abs(Float(index / side) - y))
      let isInside =
        switch shape {
        case 0: dx * dx + dy * dy < radius * radius
        case 1: max(dx, dy) < radius * 0.9
        case 2: dy < radius / 2.5 && dx < radius * 1.2
        default: min(dx, dy) < radius / 3.5 && max(dx, dy) < radius * 1.2
        }
      return (0..<3).map { channel in
        max(0, min(1, (isInside ? rgb[channel] : 0.9) + 0.1 * (stream.uniform() - 0.5)))
      }
    }
  }

  static let dataset: MultimodalDataset = {
    let tokeniser = SubwordTokeniser(texts: (0..<kinds).map(caption), minimumCount: 1)
    func split(_ name: String, copies: Int) -> MultimodalSplit {
      var stream = RandomStream(seed: 3, name: name)
      let all = (0..<kinds * copies).map { $0 % kinds }
      let known = all.map(parts)
      let album = [ModalityColumn].album(
        pixels: all.flatMap { pixels(of: $0, using: &stream) }, side: side, captions: all.map(caption),
        tokeniser: tokeniser)
      let tags = ModalityColumn(
        modality: Modality(name: "tags", kind: .tags(count: colours.count + shapes.count)),
        items: .numbers(
          known.flatMap { parts in
            colours.indices.map { $0 == parts.colour ? 1 : 0 } + shapes.indices.map { $0 == parts.shape ? 1 : 0 }
          }), rows: all.indices.map { Int32($0) })
      return MultimodalSplit(
        name: name, columns: album + [tags],
        labels: ["shape": known.map { Int32($0.shape) }, "colour": known.map { Int32($0.colour) }])
    }
    return MultimodalDataset(
      name: "shapes", train: split("train", copies: 4), validation: split("validation", copies: 1),
      test: split("test", copies: 1), classNames: ["shape": shapes, "colour": colours.map(\.name)],
      checksum: "shapes", tokenisers: ["caption": tokeniser], tagNames: ["tags": colours.map(\.name) + shapes])
  }()
}
