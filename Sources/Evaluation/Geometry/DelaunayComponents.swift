import Kernels

/// How well a set of representations covers a reference set: Delaunay component analysis (Poklukar et al., ICLR 2022).
///
/// The Delaunay graph of both sets together is split into components by `DensityClusters` on its minimum spanning tree;
/// each point of noise is a component by itself. Of a component `G` with `n_R` reference and `n_E` evaluated points,
///
///     consistency c(G) = 1 − |n_R − n_E| / (n_R + n_E)
///     quality     q(G) = edges between R and E / edges, 0 without edges
///
/// and `G` is fundamental if both are above 0. As in the official code, representations that form one single cloud have
/// no clusters: all points are then noise, and precision and recall are 0.
public struct DelaunayComponents: Equatable, Codable, Sendable {
  /// One component that is not a single point of noise.
  public struct Component: Equatable, Codable, Sendable {
    /// The rows of the reference set in it.
    public let reference: [Int]
    /// The rows of the evaluated set in it.
    public let evaluated: [Int]
    /// The number of its edges.
    public fileprivate(set) var edges: Int
    /// The number of its edges between the two sets.
    public fileprivate(set) var mixedEdges: Int

    /// How alike the numbers of points of the two sets are.
    public var consistency: Double {
      1 - Double(abs(reference.count - evaluated.count)) / Double(reference.count + evaluated.count)
    }

    /// The share of edges between the two sets.
    public var quality: Double { edges == 0 ? 0 : Double(mixedEdges) / Double(edges) }

    /// Whether it has points of both sets and edges between them.
    public var isFundamental: Bool { consistency > 0 && quality > 0 }
  }

  /// The components that are not noise, largest first.
  public let components: [Component]
  /// The number of reference points.
  public let referenceCount: Int
  /// The number of evaluated points.
  public let evaluatedCount: Int

  /// Analyses an evaluated set against a reference set, both `[points, dimension]`.
  ///
  /// - Parameters:
  ///   - reference: the points R to be covered, such as joint representations.
  ///   - evaluated: the points E, such as the representations of one modality.
  ///   - rays: the number of random directions by which the Delaunay graph is explored, each also reversed.
  ///   - smallest: the least number of points of a cluster.
  ///   - stream: the source of the directions.
  ///   - interruption: called every few hundred points; what it throws ends the analysis.
  /// - Throws: `UserError` of kind `data` if there are too many points or values that are not finite.
  public init(
    reference: Matrix, evaluated: Matrix, rays: Int = 500, smallest: Int = 10, using stream: inout RandomStream,
    interruption: () throws -> Void = {}
  ) throws {
    precondition(
      reference.columns == evaluated.columns,
      "Delaunay components: widths \(reference.columns) and \(evaluated.columns) are unlike")
    let border = reference.rows
    let all = Matrix(
      rows: border + evaluated.rows, columns: reference.columns, values: reference.values + evaluated.values)
    let graph = try DelaunayGraph(points: all, rays: rays, using: &stream, interruption: interruption)
    let labels = DensityClusters(tree: graph.minimumSpanningTree, points: all.rows, smallest: smallest).labels
    var members = [[Int]](repeating: [], count: (labels.compactMap { $0 }.max() ?? -1) + 1)
    for (point, label) in labels.enumerated() {
      if let label { members[label].append(point) }
    }
    var components = members.map { points in
      Component(
        reference: points.filter { $0 < border }, evaluated: points.filter { $0 >= border }.map { $0 - border },
        edges: 0, mixedEdges: 0)
    }
    graph.forEachEdge { first, second in
      guard let label = labels[first], label == labels[second] else { return }
      components[label].edges += 1
      if first < border, second >= border { components[label].mixedEdges += 1 }
    }
    func size(_ component: Component) -> Int { component.reference.count + component.evaluated.count }
    self.components = components.sorted { size($0) > size($1) }
    referenceCount = border
    evaluatedCount = evaluated.rows
  }

  /// The share of evaluated points in fundamental components, or nil without evaluated points.
  public var precision: Double? {
    let covered = components.reduce(0) { $0 + ($1.isFundamental ? $1.evaluated.count : 0) }
    return evaluatedCount == 0 ? nil : Double(covered) / Double(evaluatedCount)
  }

  /// The share of reference points in fundamental components, or nil without reference points.
  public var recall: Double? {
    let covered = components.reduce(0) { $0 + ($1.isFundamental ? $1.reference.count : 0) }
    return referenceCount == 0 ? nil : Double(covered) / Double(referenceCount)
  }

  /// The share of edges between the two sets among all edges inside components; 0 without edges.
  public var networkQuality: Double {
    let edges = components.reduce(0) { $0 + $1.edges }
    return edges == 0 ? 0 : Double(components.reduce(0) { $0 + $1.mixedEdges }) / Double(edges)
  }

  /// The number of points of noise.
  public var outlierCount: Int {
    components.reduce(referenceCount + evaluatedCount) { $0 - $1.reference.count - $1.evaluated.count }
  }
}
