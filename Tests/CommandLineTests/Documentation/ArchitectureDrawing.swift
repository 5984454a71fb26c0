import Foundation

/// The picture of targets in layers, each above what it depends on, with the arrows that no other path says.
struct ArchitectureDrawing {
  /// A box, or the place where an arrow passes a layer.
  private struct Node {
    let name: String?
    let kind: Kind
    let layer: Int
    var x = 0.0
    var above: [Int] = []
    var below: [Int] = []

    var width: Double { name.map { Double($0.count) * 7.6 + 18 } ?? 14 }
  }

  private enum Kind: String {
    case system = "#e8e8e8"
    case library = "#d6e6f2"
    case paper = "#f6e3c5"
    case program = "#d9ead3"
  }

  private static let layerHeight = 74.0
  private static let boxHeight = 26.0
  private static let gap = 12.0
  private var nodes: [Node] = []
  private var layers: [[Int]] = []

  init(_ targets: PackageTargets) {
    var places: [String: Int] = [:]
    for target in targets.all {
      places[target.name] = nodes.count
      nodes.append(Node(name: target.name, kind: Self.kind(of: target), layer: targets.height(target.name)))
    }
    for target in targets.all {
      for name in targets.direct(target) {
        guard let from = places[target.name], let to = places[name] else { continue }
        connect(from, to)
      }
    }
    layers = (0...(nodes.map(\.layer).max() ?? 0)).map { layer in nodes.indices.filter { nodes[$0].layer == layer } }
    arrange()
  }

  private static func kind(of target: PackageTargets.Target) -> Kind {
    if target.name == "concord" { return .program }
    if target.folder.hasPrefix("Experiments/") { return .paper }
    return target.name.hasPrefix("C") && target.name.dropFirst().first?.isUppercase == true ? .system : .library
  }

  private mutating func connect(_ from: Int, _ to: Int) {
    var last = from
    for layer in stride(from: nodes[from].layer - 1, to: nodes[to].layer, by: -1) {
      nodes.append(Node(name: nil, kind: .library, layer: layer))
      join(last, nodes.count - 1)
      last = nodes.count - 1
    }
    join(last, to)
  }

  private mutating func join(_ upper: Int, _ lower: Int) {
    nodes[upper].below.append(lower)
    nodes[lower].above.append(upper)
  }

  /// Orders each layer by where its neighbours are, then moves boxes towards them as far as there is space.
  private mutating func arrange() {
    for layer in layers.indices { spread(layer, towards: layers[layer].indices.map { Double($0) * 120 }) }
    for sweep in 0..<60 {
      for layer in sweep.isMultiple(of: 2) ? Array(layers.indices) : layers.indices.reversed() {
        let isOrdering = sweep < 30
        let wishes = layers[layer].map { place -> Double in
          let side = isOrdering ? (sweep.isMultiple(of: 2) ? nodes[place].below : nodes[place].above) : []
          let seen = side.isEmpty ? nodes[place].below + nodes[place].above : side
          return seen.isEmpty ? nodes[place].x : seen.reduce(0) { $0 + nodes[$1].x } / Double(seen.count)
        }
        if isOrdering {
          let order = wishes.indices.sorted { (wishes[$0], $0) < (wishes[$1], $1) }
          layers[layer] = order.map { layers[layer][$0] }
          spread(layer, towards: order.map { wishes[$0] })
        } else {
          spread(layer, towards: wishes)
        }
      }
    }
  }

  /// Puts the nodes of a layer as near to where they should be as their widths allow, in their order.
  private mutating func spread(_ layer: Int, towards wishes: [Double]) {
    let places = layers[layer]
    func distance(_ index: Int) -> Double {
      (nodes[places[index]].width + nodes[places[index + 1]].width) / 2 + Self.gap
    }
    var (right, left) = (wishes, wishes)
    for index in wishes.indices.dropLast() { right[index + 1] = max(wishes[index + 1], right[index] + distance(index)) }
    for index in wishes.indices.dropLast().reversed() {
      left[index] = min(wishes[index], left[index + 1] - distance(index))
    }
    for index in wishes.indices { nodes[places[index]].x = (right[index] + left[index]) / 2 }
  }

  /// The picture.
  var svg: String {
    let least = (nodes.map { $0.x - $0.width / 2 }.min() ?? 0) - 12
    let most = (nodes.map { $0.x + $0.width / 2 }.max() ?? 0) + 12
    let height = Double(layers.count) * Self.layerHeight
    func x(_ node: Int) -> Double { nodes[node].x - least }
    func y(_ node: Int) -> Double { height - (Double(nodes[node].layer) + 0.5) * Self.layerHeight }
    func number(_ value: Double) -> String { String(format: "%.1f", value) }
    var lines = [
      """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(number(most - least))" height="\(number(height))" \
      font-family="sans-serif" font-size="13">
      <title>The targets of Package.swift, each above what it depends on</title>
      <defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">\
      <path d="M0,0 L8,4 L0,8 z" fill="#555"/></marker></defs>
      <rect width="100%" height="100%" fill="white"/>
      """
    ]
    for start in nodes.indices where nodes[start].name != nil {
      for first in nodes[start].below {
        var (path, last, next) = ("M\(number(x(start))),\(number(y(start) + Self.boxHeight / 2))", start, first)
        while true {
          let from = y(last) + (last == start ? Self.boxHeight / 2 : 0)
          let isEnd = nodes[next].name != nil
          let to = y(next) - (isEnd ? Self.boxHeight / 2 : 0)
          let middle = number((from + to) / 2)
          path += " C\(number(x(last))),\(middle) \(number(x(next))),\(middle) \(number(x(next))),\(number(to))"
          guard !isEnd, let onward = nodes[next].below.first else { break }
          (last, next) = (next, onward)
        }
        lines.append(#"<path d="\#(path)" fill="none" stroke="\#("#777")" marker-end="url(#head)"/>"#)
      }
    }
    for node in nodes.indices {
      guard let name = nodes[node].name else { continue }
      let (left, top) = (x(node) - nodes[node].width / 2, y(node) - Self.boxHeight / 2)
      lines.append(
        """
        <rect x="\(number(left))" y="\(number(top))" width="\(number(nodes[node].width))" \
        height="\(number(Self.boxHeight))" rx="4" fill="\(nodes[node].kind.rawValue)" stroke="#555"/>
        <text x="\(number(x(node)))" y="\(number(y(node) + 4.5))" text-anchor="middle">\(name)</text>
        """)
    }
    return lines.joined(separator: "\n") + "\n</svg>\n"
  }
}
