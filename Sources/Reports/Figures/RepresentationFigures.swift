import Diagnostics
import Evaluation
import Figures
import Foundation
import Kernels

/// Figures of a seed's representations: maps of two dimensions, similarity matrices, distributions of similarities.
struct RepresentationFigures {
  let file: RepresentationFile
  let seed: Int

  /// How the points of a map are found.
  enum Projection {
    /// The two directions of greatest variance of all representations together.
    case principalComponents
    /// A map that keeps neighbours together, of all representations together.
    case neighbours

    /// How many points are drawn of all representations together, so that a figure opens fast, and t-SNE, whose time
    /// grows with their square, takes about a second.
    var mostPoints: Int {
      switch self {
      case .principalComponents: 2400
      case .neighbours: 1000
      }
    }
  }

  /// The most panels of a figure of which there is one for each representation or pair.
  private static let mostPanels = 9
  /// The most classes of a similarity matrix, and items of each.
  private static let (mostClasses, mostOfClass) = (12, 14)

  /// The points of all representations on common axes: one panel for each by class, and one of all by modality.
  func map(_ projection: Projection, title: String) throws(UserError) -> (figure: ScatterChart, caption: String) {
    let shown = Array(file.representations.prefix(Self.mostPanels - 1))
    let items = file.spread(projection.mostPoints / shown.count)
    let parts = shown.map { $0.values.gathering(items) }
    let all = Matrix(
      rows: parts.count * items.count, columns: parts[0].columns, values: parts.flatMap(\.values))
    let points: Matrix
    var units: [String?] = [nil, nil]
    switch projection {
    case .principalComponents:
      let components = try PrincipalComponents(of: all, count: 2)
      points = components.projection(of: all)
      for (index, share) in components.varianceShares.prefix(2).enumerated() {
        units[index] = String(format: "%.0f %% of variance", share * 100)
      }
    case .neighbours:
      points = try TSNE(perplexity: 30, steps: 500).map(of: all)
    }
    let x = (0..<points.rows).map { Double(points[$0, 0]) }
    let y = points.columns > 1 ? (0..<points.rows).map { Double(points[$0, 1]) } : x.map { _ in 0 }
    let (xRange, yRange) = Self.squareRanges(x, y)
    let name = projection == .neighbours ? "t-SNE" : "component"
    let classes = items.map { file.labels[$0] }
    let byClass = shown.enumerated().map { index, one in
      let own = index * items.count..<(index + 1) * items.count
      return ScatterChart.Panel(
        title: one.name, kind: "class", x: Array(x[own]), y: Array(y[own]), classes: classes, names: file.classNames)
    }
    let modalities = shown.indices.flatMap { index in items.map { _ in index } }
    let byModality = ScatterChart.Panel(
      title: "all, by modality", kind: "modality", x: x, y: y, classes: modalities, names: shown.map(\.name))
    let chart = ScatterChart(
      title: title, x: Axis("\(name) 1", unit: units[0], range: xRange),
      y: Axis("\(name) 2", unit: units[1], range: yRange), panels: byClass + [byModality])
    let method =
      projection == .neighbours
      ? "t-SNE (perplexity 30, begun at the principal components) of all representations together; distances between "
        + "groups mean little."
      : "The two principal components of all representations together."
    let present = Set(classes).count
    let caption =
      "\(method) All panels have the same axes; rows are scaled to length 1. Seed \(seed), \(items.count) "
      + "observations" + (present > 10 ? "; the 10 largest of \(present) classes are named." : ".")
    return (chart, caption)
  }

  /// Ranges of equal length around two lists of coordinates, so that a square panel keeps distances.
  private static func squareRanges(_ x: [Double], _ y: [Double]) -> (ClosedRange<Double>, ClosedRange<Double>) {
    let ends = [x, y].map { ($0.min() ?? 0, $0.max() ?? 0) }
    let longest = ends.map { $0.1 - $0.0 }.max() ?? 0
    let half = longest > 0 ? longest * 0.54 : 0.5
    let ranges = ends.map { ends in (ends.0 + ends.1) / 2 - half...(ends.0 + ends.1) / 2 + half }
    return (ranges[0], ranges[1])
  }

  /// The cosines of all items with each other, sorted by class.
  func similarityMatrix(title: String) -> (figure: SimilarityMap, caption: String) {
    var members: [Int: [Int]] = [:]
    for (item, label) in file.labels.enumerated() { members[label, default: []].append(item) }
    let largest = members.keys.sorted { (members[$1]?.count ?? 0, $0) < (members[$0]?.count ?? 0, $1) }
    let classes = largest.prefix(Self.mostClasses).sorted().map { label in
      (label: label, items: Array((members[label] ?? []).prefix(Self.mostOfClass)))
    }
    let items = classes.flatMap(\.items)
    let parts = file.representations.map { $0.values.gathering(items) }
    // The joint one with itself, or else each modality, shows the classes; a pair shows how well modalities meet.
    let own = file.hasJoint ? [(first: 0, second: 0)] : file.representations.indices.map { (first: $0, second: $0) }
    let panels = (own + file.pairs).prefix(Self.mostPanels).map { pair in
      let products = parts[pair.first].multiplied(by: parts[pair.second], transposingOther: true)
      return SimilarityMap.Panel(
        title: "\(file.representations[pair.first].name) × \(file.representations[pair.second].name)",
        values: (0..<items.count).map { row in products[row: row].map { Double($0) } })
    }
    let map = SimilarityMap(
      title: title, panels: Array(panels), classes: classes.map { (file.classNames[$0.label], $0.items.count) },
      scale: Axis("cosine similarity"))
    let all = members.count > classes.count ? "the \(classes.count) largest of \(members.count) classes" : "each class"
    let caption =
      "Cosine similarity of every item (row) with every item (column), sorted by class, up to \(Self.mostOfClass) items "
      + "of \(all). The first name of a panel is that of its rows; lines divide classes. Seed \(seed)."
    return (map, caption)
  }

  /// The bins of the distributions of similarities; the overlap depends on their number.
  static let bins = 80

  /// The distributions of matching and of other pairs, one panel for each pair of representations.
  ///
  /// - Parameter overlaps: for each pair the overlap in every seed.
  func similarityDistributions(
    title: String, overlaps: [[Double]]
  ) -> (figure: DistributionChart, caption: String) {
    var texts: [String] = []
    let panels = file.pairs.prefix(Self.mostPanels).enumerated().compactMap { index, pair -> DistributionChart.Panel? in
      let (first, second) = (file.representations[pair.first], file.representations[pair.second])
      guard let both = SimilarityDistributions(first.values, second.values, bins: Self.bins) else { return nil }
      let overlap = Estimate(of: overlaps[index])?.formatted() ?? "unknown"
      texts.append("\(first.name) – \(second.name) \(overlap)")
      return DistributionChart.Panel(
        title: "\(first.name) – \(second.name): overlap \(overlap)",
        distributions: [
          .init(name: "pairs of the same observation", shares: both.positives),
          .init(name: "all other pairs", shares: both.negatives),
        ])
    }
    let chart = DistributionChart(title: title, x: Axis("cosine similarity", range: -1...1), panels: panels)
    let seeds = overlaps.first?.count ?? 1
    let caption =
      "Cosine similarities of the pairs of the same observation (positives) and of all other pairs (negatives), seed "
      + "\(seed), \(file.count) observations. Overlap coefficient in \(Self.bins) bins over −1…1"
      + (seeds > 1 ? ", mean ± half of the 95 % interval over \(seeds) seeds" : "")
      + ": \(texts.joined(separator: "; ")). 0 is apart, 1 is the same."
    return (chart, caption)
  }

  /// The overlap of each pair's distributions.
  static func overlaps(of file: RepresentationFile) -> [Double] {
    file.pairs.map { pair in
      SimilarityDistributions(
        file.representations[pair.first].values, file.representations[pair.second].values, bins: bins)?.overlap ?? .nan
    }
  }
}
