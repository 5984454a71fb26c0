import Foundation

/// Pendulums beside each other that move in real time, again and again: an animated SVG without scripts.
public struct PendulumAnimation: Sendable {
  /// What stands above.
  public let title: String
  /// The time between two angles.
  public let secondsPerStep: Double
  /// Each pendulum's name and its angles in radians, 0 upright and positive counter-clockwise.
  public let rods: [(name: String, angles: [Double])]

  private static let (cell, radius, columns) = (190.0, 62.0, 5)

  /// Describes an animation.
  public init(title: String, secondsPerStep: Double, rods: [(name: String, angles: [Double])]) {
    (self.title, self.secondsPerStep, self.rods) = (title, secondsPerStep, rods)
  }

  /// The picture; before it moves it shows the beginning.
  public var svg: String {
    let columns = min(rods.count, Self.columns)
    let rows = (rods.count + columns - 1) / max(columns, 1)
    let (width, height) = (Double(columns) * Self.cell, 40 + Double(rows) * Self.cell)
    var lines = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(Self.text(width))\" height=\"\(Self.text(height))\" "
        + "viewBox=\"0 0 \(Self.text(width)) \(Self.text(height))\" font-family=\"sans-serif\" font-size=\"12\">",
      "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>",
      "<text x=\"\(Self.text(width / 2))\" y=\"24\" text-anchor=\"middle\" font-size=\"15\">\(Self.escaped(title))</text>",
    ]
    for (index, rod) in rods.enumerated() {
      let x = Self.cell * (Double(index % columns) + 0.5)
      let y = 40 + Self.cell * (Double(index / columns) + 0.44)
      lines.append("<g transform=\"translate(\(Self.text(x)) \(Self.text(y)))\">")
      lines.append(
        "<circle r=\"\(Self.text(Self.radius + 8))\" fill=\"none\" stroke=\"#dddddd\"/>"
          + "<line x1=\"0\" y1=\"0\" x2=\"0\" y2=\"\(Self.text(-Self.radius))\" stroke=\"#cc4c4c\" stroke-width=\"12\" "
          + "stroke-linecap=\"round\" transform=\"rotate(\(Self.degrees(rod.angles.first ?? 0)))\">"
          + animation(rod.angles) + "</line><circle r=\"3\" fill=\"black\"/>")
      lines.append(
        "<text y=\"\(Self.text(Self.radius + 28))\" text-anchor=\"middle\">\(Self.escaped(rod.name))</text></g>")
    }
    return (lines + ["</svg>"]).joined(separator: "\n") + "\n"
  }

  private func animation(_ angles: [Double]) -> String {
    let values = angles.map(Self.degrees).joined(separator: ";")
    let seconds = Self.text(secondsPerStep * Double(max(angles.count - 1, 1)))
    return "<animateTransform attributeName=\"transform\" type=\"rotate\" dur=\"\(seconds)s\" "
      + "repeatCount=\"indefinite\" values=\"\(values)\"/>"
  }

  /// SVG turns clockwise.
  private static func degrees(_ angle: Double) -> String { text(-angle * 180 / .pi) }

  private static func text(_ value: Double) -> String {
    let rounded = (value * 10).rounded() / 10
    return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }
}
