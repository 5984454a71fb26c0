import Diagnostics

/// Points in groups, each with its colour and shape, in panels side by side on common axes.
///
/// A panel shows, for instance, an embedding by class, and the one beside it the same points by modality.
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
    /// The groups, in the legend's order.
    public let groups: [Group]

    /// Creates a panel from groups.
    public init(title: String, groups: [Group]) {
      self.title = title
      self.groups = groups
    }

    /// Creates a panel from points and their classes; only the largest classes are named, the rest is one grey group.
    ///
    /// Of classes of equal size the one that comes first is named. The named stay in the order of their numbers.
    ///
    /// - Parameters:
    ///   - classes: each point's class, an index into `names`.
    ///   - named: how many classes are named at most.
    public init(title: String, x: [Double], y: [Double], classes: [Int], names: [String], named: Int = 10) {
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
      self.init(title: title, groups: groups)
    }
  }

  /// The title above all panels; empty for none.
  public let title: String
  /// The horizontal axis of every panel.
  public let x: Axis
  /// The vertical axis of every panel.
  public let y: Axis
  /// The panels, from left to right.
  public let panels: [Panel]
  /// The extent on the page.
  public let size: FigureSize

  /// Creates a chart.
  public init(title: String, x: Axis, y: Axis, panels: [Panel], size: FigureSize = .report) {
    self.title = title
    self.x = x
    self.y = y
    self.panels = panels
    self.size = size
  }

  /// The data and the commands that draw them.
  public func drawing() throws(UserError) -> Drawing {
    let places = panels.flatMap(\.groups).flatMap { zip($0.x, $0.y) }.filter { x.admits($0) && y.admits($1) }
    guard !places.isEmpty else { throw nothingToDraw() }
    var drawing = Drawing()
    let width = size.width / panels.count
    let legendRows = panels.map { Theme.legendRows($0.groups.map(\.name), width: width) }.max() ?? 1
    var heading = "set multiplot layout 1,\(panels.count)"
    if !title.isEmpty { heading += " title \(Theme.quoted(title)) font ',17'" }
    drawing.commands = [heading, "set tmargin 2.5"]
    for (name, axis, values) in [("x", x, places.map(\.0)), ("y", y, places.map(\.1))] {
      var axis = axis
      axis.range = axis.range ?? span(of: values, isLogarithmic: axis.isLogarithmic)
      drawing.commands += axis.commands(name)
    }
    for (number, panel) in panels.enumerated() {
      // The grey rest is drawn first, so that it lies beneath, but stands last in the legend.
      var beneath: [String] = []
      var named: [String] = []
      var last: [String] = []
      for (index, group) in panel.groups.enumerated() {
        let points = zip(group.x, group.y).filter { x.admits($0) && y.admits($1) }
        if points.isEmpty { continue }
        let name = "panel\(number)group\(index)"
        drawing.blocks.append((name, points.map { "\($0) \($1)" }))
        let text = Theme.quoted(group.name)
        if group.isOther {
          let look = "with points pt 7 ps 0.5 lc rgb '\(Theme.otherColor)'"
          beneath.append("$\(name) using 1:2 \(look) notitle")
          last.append("NaN \(look) title \(text)")
        } else {
          let look = "pt \(Theme.shape(index)) ps 0.9 lc rgb '\(Theme.color(index).replacing("#", with: "#30"))'"
          named.append("$\(name) using 1:2 with points \(look) title \(text)")
        }
      }
      drawing.commands.append("set title \(Theme.quoted(panel.title)) font ',15' offset 0,-0.3")
      drawing.commands += Theme.legend(panel.groups.map(\.name), width: width, rows: legendRows, sample: 1)
      let plots = beneath + named + last
      drawing.commands.append(plots.isEmpty ? "plot NaN notitle" : "plot " + plots.joined(separator: ", \\\n  "))
    }
    drawing.commands.append("unset multiplot")
    return drawing
  }

  /// What an axis spans: the values with a little room at both ends.
  private func span(of values: [Double], isLogarithmic: Bool) -> ClosedRange<Double> {
    let least = values.min() ?? 0
    let greatest = values.max() ?? 1
    if isLogarithmic { return least / 1.3...greatest * 1.3 }
    let room = greatest > least ? (greatest - least) * 0.05 : max(0.5, abs(least) * 0.05)
    return least - room...greatest + room
  }
}
