/// Clusters of a spanning tree by excess of mass: HDBSCAN (Campello, Moulavi, Sander, 2013) on given edges.
///
/// Removing edges from long to short splits the tree. A split into two parts of at least `smallest` points makes two
/// new clusters; smaller parts fall out of their cluster. With `λ = 1 / length`, a cluster's stability is
///
///     S(C) = Σ_{p ∈ C} (λ at which p leaves C − λ at which C appears)
///
/// and the clusters that maximise the sum of stabilities are chosen, none inside another, never the whole.
struct DensityClusters {
  /// The cluster of each point, numbered from 0; nil for noise.
  let labels: [Int?]

  private struct Cluster {
    let parent: Int
    let birth: Double
    var stability = 0.0
  }

  /// - Parameter tree: the edges of a spanning tree of `points` points by ascending length.
  init(tree: [(first: Int, second: Int, length: Float)], points: Int, smallest: Int) {
    precondition(smallest > 1, "Density clusters: the smallest must have at least 2 points, not \(smallest)")
    precondition(tree.count == max(points - 1, 0), "Density clusters: \(tree.count) edges do not span \(points) points")
    guard points > 1 else {
      labels = [Int?](repeating: nil, count: points)
      return
    }
    // Points at one place would make λ infinite and the differences undefined.
    let floor = Double(tree.last { $0.length.isFinite }?.length ?? 1) * 1e-9 + .leastNormalMagnitude
    let merges = Self.merges(of: tree, points: points)
    let sizes = [Int](repeating: 1, count: points) + merges.map(\.size)
    var clusters = [Cluster(parent: -1, birth: 0)]
    var home = [Int](repeating: 0, count: points)

    func drop(_ node: Int, from cluster: Int) {
      var stack = [node]
      while let next = stack.popLast() {
        if next < points {
          home[next] = cluster
        } else {
          stack += [merges[next - points].left, merges[next - points].right]
        }
      }
    }

    var open = [(node: points + merges.count - 1, cluster: 0)]
    while let (node, cluster) = open.popLast() {
      guard node >= points else {
        home[node] = cluster
        continue
      }
      let merge = merges[node - points]
      let density = 1 / max(Double(merge.length), floor)
      let gain = density - clusters[cluster].birth
      let splits = sizes[merge.left] >= smallest && sizes[merge.right] >= smallest
      for part in [merge.left, merge.right] {
        if splits {
          clusters[cluster].stability += gain * Double(sizes[part])
          clusters.append(Cluster(parent: cluster, birth: density))
          open.append((part, clusters.count - 1))
        } else if sizes[part] >= smallest {
          open.append((part, cluster))
        } else {
          clusters[cluster].stability += gain * Double(sizes[part])
          drop(part, from: cluster)
        }
      }
    }
    labels = Self.labels(home: home, clusters: clusters)
  }

  private static func labels(home: [Int], clusters: [Cluster]) -> [Int?] {
    var within = [Double](repeating: 0, count: clusters.count)
    var isBest = [Bool](repeating: false, count: clusters.count)
    // Children come after their parents, so that backwards the best of all children is known.
    for c in clusters.indices.dropFirst().reversed() {
      isBest[c] = clusters[c].stability >= within[c]
      within[clusters[c].parent] += max(clusters[c].stability, within[c])
    }
    var chosen = [Int?](repeating: nil, count: clusters.count)
    var count = 0
    for c in clusters.indices.dropFirst() {
      if let outer = chosen[clusters[c].parent] {
        chosen[c] = outer
      } else if isBest[c] {
        chosen[c] = count
        count += 1
      }
    }
    return home.map { chosen[$0] }
  }

  /// The parts that each edge joins, where a number below `points` is a point and `points + i` what edge `i` made.
  private static func merges(
    of tree: [(first: Int, second: Int, length: Float)], points: Int
  ) -> [(left: Int, right: Int, length: Float, size: Int)] {
    var above = Array(0..<points + tree.count)
    var sizes = [Int](repeating: 1, count: points + tree.count)
    func top(_ node: Int) -> Int {
      var node = node
      while above[node] != node {
        above[node] = above[above[node]]
        node = above[node]
      }
      return node
    }
    var merges: [(left: Int, right: Int, length: Float, size: Int)] = []
    for (index, edge) in tree.enumerated() {
      let (left, right) = (top(edge.first), top(edge.second))
      above[left] = points + index
      above[right] = points + index
      sizes[points + index] = sizes[left] + sizes[right]
      merges.append((left, right, edge.length, sizes[points + index]))
    }
    return merges
  }
}
