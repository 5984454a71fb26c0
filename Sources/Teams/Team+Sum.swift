import CMessagePassing
import Kernels

extension Team {
  /// How many numbers are summed at a time: 1 GiB, since MPI counts by 32 bits.
  private static let most = 1 << 28

  /// The sum of blocks of numbers over all ranks, for every rank.
  ///
  /// Blocks are nodes of one ``PairwiseSum``, whose places the ranks own one after another, each as many; the order of the
  /// additions is that of the tree over all places. Each rank adds a slice of the numbers, then all slices are gathered: as
  /// many bytes as a ring sends.
  ///
  /// - Parameters:
  ///   - own: the blocks of this rank, which the caller keeps until this returns, by ``PairwiseSum/nodes(of:)`` of its places.
  ///   - places: how many places all ranks have.
  ///   - total: where the sum is written; it may be the first block.
  package func sum(
    _ own: [UnsafePointer<Float>], places: Int, into total: UnsafeMutablePointer<Float>, count: Int
  ) {
    precondition(places % size == 0, "Team.sum: \(places) places of \(size) ranks")
    for start in stride(from: 0, to: count, by: Self.most) {
      sumPiece(own.map { $0 + start }, places: places, into: total + start, count: min(Self.most, count - start))
    }
  }

  private func sumPiece(
    _ own: [UnsafePointer<Float>], places: Int, into total: UnsafeMutablePointer<Float>, count: Int
  ) {
    let each = places / size
    let nodes = (0..<size).map { PairwiseSum<Storage>.nodes(of: $0 * each..<($0 + 1) * each) }
    precondition(own.count == nodes[rank].count, "Team.sum: \(own.count) blocks of \(nodes[rank].count)")
    let starts = (0...size).map { Int32($0 * count / size) }
    let counts = (0..<size).map { starts[$0 + 1] - starts[$0] }
    let slice = Int(counts[rank])
    // The slices by rank and node.
    var slices = [[Storage]](repeating: [], count: size)
    for number in 0..<(nodes.map(\.count).max() ?? 0) {
      let senders = (0..<size).filter { nodes[$0].count > number }
      let received = Storage(count: slice * senders.count)
      var (receivedCounts, receivedPlaces) = ([Int32](repeating: 0, count: size), [Int32](repeating: 0, count: size))
      for (place, sender) in senders.enumerated() {
        (receivedCounts[sender], receivedPlaces[sender]) = (Int32(slice), Int32(place * slice))
      }
      let sends = own.count > number
      exchange(
        sends ? own[number] : nil, counts: sends ? counts : [Int32](repeating: 0, count: size), places: starts,
        into: received.pointer, receivedCounts, receivedPlaces)
      // Storage goes back to its pool behind its last use, and what is used of it here is its pointer.
      withExtendedLifetime(received) {
        for (place, sender) in senders.enumerated() {
          let block = Storage(count: slice)
          Elementwise.copy(received.pointer + place * slice, to: block.pointer, count: slice)
          slices[sender].append(block)
        }
      }
    }
    var sum = PairwiseSum<Storage> { first, second in
      withExtendedLifetime(second) {
        Elementwise.add(second.pointer, scale: 1, to: first.pointer, count: slice)
      }
      return first
    }
    for rank in 0..<size {
      for (node, block) in zip(nodes[rank], slices[rank]) { sum.append(block, of: node) }
    }
    if let found = sum.total {
      withExtendedLifetime(found) {
        Elementwise.copy(found.pointer, to: total + Int(starts[rank]), count: slice)
      }
    }
    gatherInPlace(total, counts: counts, places: Array(starts.dropLast()))
  }

  private func exchange(
    _ own: UnsafePointer<Float>?, counts: [Int32], places: [Int32], into received: UnsafeMutablePointer<Float>,
    _ receivedCounts: [Int32], _ receivedPlaces: [Int32]
  ) {
    guard !isAlone else {
      if let own { Elementwise.copy(own, to: received, count: Int(counts[0])) }
      return
    }
    cmp_exchange(own, counts, places, received, receivedCounts, receivedPlaces)
  }

  private func gatherInPlace(_ all: UnsafeMutablePointer<Float>, counts: [Int32], places: [Int32]) {
    guard !isAlone else { return }
    cmp_gather_in_place(all, counts, places)
  }
}
