import Diagnostics

/// Points in groups, each with its colour and shape, in square panels on common axes.
///
/// A panel shows, for instance, an embedding by class, and the one beside it the same points by modality. Panels whose
/// groups have the same names, or the first of them, share one legend.
public struct ScatterChart: Figure {
  /// The points of one kind.
  public struct Group: Sendable {
    /// What the legend calls them.
    public let name: String
    /// Where they lie horizontally.
    public let x: [Double]
    /// Where they lie vertically.
    public let y: [Double]
    /// Whether they are the unnamed rest, drawn small and grey beneath the others.
    public let isOther: Bool

    /// Creates a group; both lists have as many numbers.
    public init(name: String, x: [Double], y: [Double], isOther: Bool = false) {
      precondition(x.count == y.count, "ScatterChart.Group: \(x.count) and \(y.count) coordinates")
      self.name = name
      self.x = x
      self.y = y
      self.isOther = isOther
    }
  }

  /// One panel.
  public struct Panel: Sendable {
    /// The title above it.
    public let title: String
    /// What the groups are, before their legend; empty for nothing.
    public let kind: String
    /// The groups, in the legend's order.
    public let groups: [Group]

    /// Creates a panel from groups.
    public init(title: String, kind: String = "", groups: [Group]) {
      self.title = title
      self.kind = kind
      self.groups = groups
    }

    /// Creates a panel from points and their classes; only the largest classes are named, the rest is one grey group.
    ///
    /// Of classes of equal size the one that comes first is named. The named stay in the order of their numbers.
    ///
    /// - Parameters:
    ///   - classes: each point's class, an index into `names`.
    ///   - named: how many classes are named at most.
    public init(
      title: String, kind: String = "", x: [Double], y: [Double], classes: [Int], names: [String], named: Int = 10
    ) {
      precondition(
        x.count == y.count && x.count == classes.count,
        "ScatterChart.Panel: \(x.count) and \(y.count) coordinates, \(classes.count) classes")
      precondition(
        classes.allSatisfy { names.indices.contains($0) },
        "ScatterChart.Panel: a class outside the \(names.count) names")
      var members = [[Int]](repeating: [], count: names.count)
      for (point, label) in classes.enumerated() { members[label].append(point) }
      let present = names.indices.filter { !members[$0].isEmpty }
      let largest = present.sorted { (members[$1].count, $0) < (members[$0].count, $1) }.prefix(max(0, named))
      let shown = Set(largest)
      var groups = present.filter { shown.contains($0) }.map { label in
        Group(name: names[label], x: members[label].map { x[$0] }, y: members[label].map { y[$0] })
      }
      let rest = present.filter { !shown.contains($0) }
      if !rest.isEmpty {
        let points = rest.flatMap { members[$0] }.sorted()
        let name = rest.count == 1 ? "1 other" : "\(rest.count) others"
        groups.append(Group(name: name, x: points.map { x[$0] }, y: points.map { y[$0] }, isOther: true))
      }
      self.init(title: title, kind: kind, groups: groups)
    }
  }

  /// The title above all panels; empty for none.
  public let title: String
  /// The horizontal axis of every panel.
  public let x: Axis
  /// The vertical axis of every panel.
  public let y: Axis
  /// The panels, row by row.
  public let panels: [Panel]
  /// The extent on the page; its height follows from the panels.
  public let size: FigureSize

  private let grid: PanelGrid
  private let legends: [Legend]
  private static let leftStrip = 74.0

  /// Creates a chart.
  public init(title: String, x: Axis, y: Axis, panels: [Panel], width: Int = FigureSize.report.width) {
    self.title = title
    self.x = x
    self.y = y
    self.panels = panels
    let width = panels.count == 1 ? min(width, 720) : width
    let room = Double(width) - 2 * Theme.margin
    grid = PanelGrid(count: panels.count, width: room - Self.leftStrip - 10, gap: 44)
    var seen: Set<[String]> = []
    // A panel with the first groups of another is told by its legend.
    let keys = panels.map { [$0.kind] + $0.groups.map(\.name) }
    legends = zip(panels, keys).filter { panel, key in
      !panel.groups.isEmpty && seen.insert(key).inserted
        && !keys.contains { $0.count > key.count && $0.starts(with: key) }
    }.map(\.0)
      .map { panel in
        let heading: [(text: String, sample: Legend.Sample)] = panel.kind.isEmpty ? [] : [("\(panel.kind):", .none)]
        return Legend(
          heading + panel.groups.enumerated().map { ($1.name, Self.sample($0, $1)) }, width: room)
      }
    let height =
      2 * Theme.margin + Page.titleHeight(title, width: width) + grid.height + 60
      + legends.reduce(0) { $0 + $1.height + 6 }
    size = FigureSize(width: width, height: max(200, Int(height.rounded(.up))))
  }

  private static func sample(_ index: Int, _ group: Group) -> Legend.Sample {
    group.isOther
      ? .point(color: Theme.otherColor, shape: 7, size: 0.5)
      : .point(color: Theme.color(index), shape: Theme.shape(index), size: 0.8)
  }

  /// The data and the commands that draw them.
  public func drawing() throws(UserError) -> Drawing {
    let places = panels.flatMap(\.groups).flatMap { zip($0.x, $0.y) }.filter { x.admits($0) && y.admits($1) }
    guard !places.isEmpty else { throw nothingToDraw() }
    let horizontal = x.scale(over: places.map(\.0), room: 0.05, pixels: grid.side)
    let vertical = y.scale(over: places.map(\.1), room: 0.05)
    var page = Page(size, title: title)
    let corner = (left: page.free.left + Self.leftStrip, top: page.free.top)
    let grid = grid
    var top = corner.top + grid.height + 60
    for legend in legends {
      legend.draw(on: &page, left: page.free.left, top: top)
      top += legend.height + 6
    }
    var drawing = Drawing()
    var plots: [String] = []
    for (number, panel) in panels.enumerated() {
      let box = grid.box(number, left: corner.left, top: corner.top)
      page.add(text: panel.title, x: box.middle, y: box.top - 13, align: .center)
      let isLowest = grid.isLowest(number, of: panels.count)
      if isLowest { page.add(text: horizontal.label, x: box.middle, y: box.bottom + 42, align: .center) }
      if grid.isLeft(number) {
        page.add(
          text: vertical.label, x: page.free.left + 8, y: (box.top + box.bottom) / 2, align: .center, angle: 90)
      }
      plots += page.area(box) + (isLowest ? horizontal : horizontal.withoutTexts).commands("x")
      plots += (grid.isLeft(number) ? vertical : vertical.withoutTexts).commands("y")
      plots.append(self.plot(panel, in: &drawing))
      // What is placed on the page would be drawn again with every panel.
      if number == 0 { plots += ["unset label", "unset arrow", "unset object"] }
    }
    drawing.commands = page.commands + ["set multiplot"] + plots + ["unset multiplot"]
    return drawing
  }

  /// Adds a panel's points and returns the command that draws them.
  private func plot(_ panel: Panel, in drawing: inout Drawing) -> String {
    let count = panel.groups.reduce(0) { $0 + $1.x.count }
    let size = count > 1500 ? 0.35 : count > 400 ? 0.45 : 0.6
    // The grey rest is drawn first, so that it lies beneath.
    var (beneath, named): ([String], [String]) = ([], [])
    for (index, group) in panel.groups.enumerated() {
      let points = zip(group.x, group.y).filter { x.admits($0) && y.admits($1) }
      if points.isEmpty { continue }
      let source = drawing.add(
        "\(panel.title): \(group.name)", columns: [x.text, y.text], points.map { "\($0) \($1)" })
      if group.isOther {
        beneath.append("\(source) using 1:2 with points pt 7 ps \(size * 0.7) lc rgb '\(Theme.otherColor)'")
      } else {
        let color = Theme.color(index).replacing("#", with: "#30")
        named.append("\(source) using 1:2 with points pt \(Theme.shape(index)) ps \(size) lc rgb '\(color)'")
      }
    }
    let all = beneath + named
    return all.isEmpty ? "plot NaN" : "plot " + all.joined(separator: ", \\\n  ")
  }
}
