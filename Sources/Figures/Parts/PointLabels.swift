import Foundation

/// Places for the names of points: beside them, where they touch neither each other nor anything that is drawn; farther
/// off, with a line to the point, where it is crowded.
package struct PointLabels {
  /// The names, abbreviated where they are very long.
  package let names: [String]
  /// The left end and the vertical middle of each.
  package let places: [(x: Double, y: Double)]
  /// The end of the line that leads from a point to its name; `nil` where the name stands beside it.
  let leaders: [(x: Double, y: Double)?]

  /// Tries places around each point, the right one first and near ones before far ones, and keeps the one that overlaps
  /// least.
  ///
  /// - Parameter obstacles: what else names must not cover.
  package init(names: [String], places points: [(x: Double, y: Double)], obstacles: [Box] = [], inside box: Box) {
    self.names = TextWidth.abbreviated(names, size: Theme.smallSize, width: box.width * 0.4)
    var taken = obstacles + points.map { Box(left: $0.x - 7, top: $0.y - 7, right: $0.x + 7, bottom: $0.y + 7) }
    var places: [(x: Double, y: Double)] = []
    var leaders: [(x: Double, y: Double)?] = []
    for (name, point) in zip(self.names, points) {
      let width = TextWidth.pixels(name, size: Theme.smallSize)
      let candidates = Self.candidates(point: point, width: width)
      var best = candidates[0]
      var least = Double.infinity
      for candidate in candidates {
        // A far place must be worth its line.
        let distance = candidate.leader == nil ? 0.0 : 30
        let cost = taken.reduce(candidate.box.part(outside: box) * 2 + distance) { sum, other in
          sum + candidate.box.shared(with: other)
        }
        if cost < least - 1e-9 { (best, least) = (candidate, cost) }
      }
      taken.append(best.box)
      places.append((best.box.left, (best.box.top + best.box.bottom) / 2))
      leaders.append(best.leader)
    }
    self.places = places
    self.leaders = leaders
  }

  private static func candidates(
    point: (x: Double, y: Double), width: Double
  ) -> [(box: Box, leader: (x: Double, y: Double)?)] {
    let half = (Theme.smallSize + 3) / 2
    func label(_ left: Double, _ middle: Double) -> Box {
      Box(left: left, top: middle - half, right: left + width, bottom: middle + half)
    }
    var candidates: [(box: Box, leader: (x: Double, y: Double)?)] = [
      (label(point.x + 11, point.y), nil), (label(point.x - 11 - width, point.y), nil),
      (label(point.x - width / 2, point.y - 18), nil), (label(point.x - width / 2, point.y + 18), nil),
      (label(point.x + 8, point.y - 15), nil), (label(point.x + 8, point.y + 15), nil),
      (label(point.x - 8 - width, point.y - 15), nil), (label(point.x - 8 - width, point.y + 15), nil),
    ]
    for distance in [34.0, 54, 76] {
      for angle in stride(from: -75.0, through: 75, by: 15) {
        let (dx, dy) = (distance * cos(angle * .pi / 180), distance * sin(angle * .pi / 180))
        candidates.append((label(point.x + dx, point.y + dy), (point.x + dx - 3, point.y + dy)))
        candidates.append((label(point.x - dx - width, point.y + dy), (point.x - dx + 3, point.y + dy)))
      }
    }
    return candidates
  }
}

extension Box {
  /// The area that two rectangles share.
  fileprivate func shared(with other: Box) -> Double {
    max(0, min(right, other.right) - max(left, other.left)) * max(0, min(bottom, other.bottom) - max(top, other.top))
  }

  /// The area that lies outside another rectangle.
  fileprivate func part(outside other: Box) -> Double { width * height - shared(with: other) }
}
