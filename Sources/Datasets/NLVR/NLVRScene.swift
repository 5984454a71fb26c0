import Diagnostics
import Foundation

/// What a picture of NLVR shows, from its structured representation: three boxes with up to eight objects each.
struct NLVRScene: Equatable {
  /// One object: the left upper corner of the square around it, and that square's side, in a box of 100 × 100.
  struct Object: Equatable {
    let x, y, size: Double
    /// Indices into the colours, shapes and sizes.
    let colour, shape, extent: Int

    /// The class of a colour, a shape and a size.
    var kind: Int { (colour * NLVRScene.shapes.count + shape) * NLVRScene.sizes.count + extent }
  }

  static let colours: [(name: String, source: String, rgb: [Float])] = [
    ("black", "black", [0, 0, 0]), ("blue", "#0099ff", [0, 0.6, 1]), ("yellow", "yellow", [1, 1, 0]),
  ]
  static let shapes = ["circle", "square", "triangle"]
  static let sizes: [(name: String, side: Double)] = [("small", 10), ("medium", 20), ("large", 30)]

  /// The side of a box, and from the left of one to the left of the next.
  static let side = 100.0
  static let pitch = 150.0
  static let boxes = 3
  /// The width of a picture as a multiple of its height.
  static let aspect = 4

  /// The classes of what is in a box: each colour, shape and size, and an empty box.
  static let classes =
    colours.flatMap { colour in
      shapes.flatMap { shape in sizes.map { "\($0.name) \(colour.name) \(shape)" } }
    } + ["nothing"]

  /// The objects of each box, in the order they are drawn.
  var objects: [[Object]]

  /// The boxes in another order.
  func permuted(_ order: [Int]) -> NLVRScene { NLVRScene(objects: order.map { objects[$0] }) }

  /// The orders of three boxes, the given one first.
  static let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]

  /// Left, top, right and bottom of a box in shares of the picture, and the share of its area.
  static func place(of box: Int) -> [Float] {
    let width = side * Double(aspect)
    let left = Double(box) * pitch
    return [Float(left / width), 0, Float((left + side) / width), 1, Float(side / width)]
  }

  /// The shares of the classes among a box's objects.
  func shares(of box: Int) -> [Float] {
    var shares = [Float](repeating: 0, count: Self.classes.count)
    guard !objects[box].isEmpty else {
      shares[shares.count - 1] = 1
      return shares
    }
    for object in objects[box] { shares[object.kind] += 1 / Float(objects[box].count) }
    return shares
  }
}

// MARK: - Drawing

extension NLVRScene {
  /// The whole picture, `[height, 4 · height, 3]` in 0…1: grey boxes on white.
  func picture(height: Int) -> [Float] {
    var canvas = Canvas(width: height * Self.aspect, height: height, scale: Double(height) / Self.side)
    for box in objects.indices { canvas.draw(objects[box], left: Double(box) * Self.pitch) }
    return canvas.pixels
  }

  /// A box by itself, `[side, side, 3]` in 0…1.
  func crop(_ box: Int, side: Int) -> [Float] {
    var canvas = Canvas(width: side, height: side, scale: Double(side) / Self.side)
    canvas.draw(objects[box], left: 0)
    return canvas.pixels
  }

  /// Pixels that shapes cover in part, of which sixteen places tell how much.
  private struct Canvas {
    let width, height: Int
    let scale: Double
    var pixels: [Float]

    static let grey: Float = 211 / 255
    static let places = 4

    init(width: Int, height: Int, scale: Double) {
      (self.width, self.height, self.scale) = (width, height, scale)
      pixels = [Float](repeating: 1, count: width * height * 3)
    }

    mutating func draw(_ objects: [Object], left: Double) {
      let side = NLVRScene.side
      fill(left, 0, side, [Self.grey, Self.grey, Self.grey]) { _, _ in true }
      for object in objects {
        let half = object.size / 2
        fill(left + object.x, object.y, object.size, NLVRScene.colours[object.colour].rgb) { x, y in
          switch object.shape {
          case 0: (x - half) * (x - half) + (y - half) * (y - half) <= half * half
          case 1: true
          // The apex is in the middle above.
          default: abs(x - half) <= y / 2
          }
        }
      }
    }

    /// Fills what is inside a square; `isInside` is asked in its own coordinates.
    private mutating func fill(
      _ x: Double, _ y: Double, _ side: Double, _ colour: [Float], _ isInside: (Double, Double) -> Bool
    ) {
      func range(_ start: Double, _ limit: Int) -> Range<Int> {
        let first = max(0, min(limit, Int((start * scale).rounded(.down))))
        return first..<max(first, min(limit, Int(((start + side) * scale).rounded(.up))))
      }
      for row in range(y, height) {
        for column in range(x, width) {
          var covered = 0
          for i in 0..<Self.places {
            for j in 0..<Self.places {
              let dx = (Double(column) + (Double(i) + 0.5) / Double(Self.places)) / scale - x
              let dy = (Double(row) + (Double(j) + 0.5) / Double(Self.places)) / scale - y
              if dx >= 0, dy >= 0, dx <= side, dy <= side, isInside(dx, dy) { covered += 1 }
            }
          }
          guard covered > 0 else { continue }
          let share = Float(covered) / Float(Self.places * Self.places)
          for channel in 0..<3 {
            let place = (row * width + column) * 3 + channel
            pixels[place] = share == 1 ? colour[channel] : pixels[place] + share * (colour[channel] - pixels[place])
          }
        }
      }
    }
  }
}

// MARK: - Files

/// One line of NLVR's files: a sentence, whether it is true, and the scene.
struct NLVRExample {
  let identifier: String
  let sentence: String
  let isTrue: Bool
  let scene: NLVRScene

  private struct Line: Decodable {
    struct Item: Decodable {
      let x, y, size: Double
      let type, color: String

      enum CodingKeys: String, CodingKey {
        case x = "x_loc"
        case y = "y_loc"
        case size, type, color
      }
    }
    let sentence, label, identifier: String
    let boxes: [[Item]]

    enum CodingKeys: String, CodingKey {
      case sentence, label, identifier
      case boxes = "structured_rep"
    }
  }

  /// Reads a file of one JSON object a line.
  ///
  /// - Throws: `UserError` with the line where one is damaged or is none of NLVR's.
  static func read(_ bytes: [UInt8], place: String) throws(UserError) -> [NLVRExample] {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw UserError(.data, "is not text in UTF-8", at: place, mend: "fetch the file again")
    }
    var examples: [NLVRExample] = []
    let decoder = JSONDecoder()
    for (number, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
      guard !line.allSatisfy(\.isWhitespace) else { continue }
      func fault(_ what: String) -> UserError { UserError(.data, what, at: "\(place):\(number + 1)") }
      guard let found = try? decoder.decode(Line.self, from: Data(line.utf8)) else {
        throw fault("is no example of NLVR: it needs sentence, label, identifier and structured_rep")
      }
      guard !found.sentence.allSatisfy(\.isWhitespace) else { throw fault("the sentence is empty") }
      guard let isTrue = ["true": true, "false": false][found.label.lowercased()] else {
        throw fault("the label `\(found.label)` is neither true nor false")
      }
      guard found.boxes.count == NLVRScene.boxes else {
        throw fault("\(found.boxes.count) boxes instead of \(NLVRScene.boxes)")
      }
      var objects: [[NLVRScene.Object]] = []
      for box in found.boxes {
        var own: [NLVRScene.Object] = []
        for item in box {
          guard let colour = NLVRScene.colours.firstIndex(where: { $0.source == item.color.lowercased() }) else {
            throw fault("the colour `\(item.color)` is none of NLVR's")
          }
          guard let shape = NLVRScene.shapes.firstIndex(of: item.type.lowercased()) else {
            throw fault("the shape `\(item.type)` is none of NLVR's")
          }
          guard let extent = NLVRScene.sizes.firstIndex(where: { $0.side == item.size }) else {
            throw fault("the size \(item.size) is not 10, 20 or 30")
          }
          guard (0...NLVRScene.side).contains(item.x), (0...NLVRScene.side).contains(item.y) else {
            throw fault("an object at \(item.x), \(item.y) lies outside of its box")
          }
          own.append(.init(x: item.x, y: item.y, size: item.size, colour: colour, shape: shape, extent: extent))
        }
        objects.append(own)
      }
      examples.append(
        NLVRExample(
          identifier: found.identifier, sentence: found.sentence, isTrue: isTrue, scene: NLVRScene(objects: objects)))
    }
    guard !examples.isEmpty else { throw UserError(.data, "holds no example", at: place) }
    return examples
  }
}
