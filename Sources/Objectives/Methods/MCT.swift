import Autograd
import Foundation
import Kernels
import Layers

/// Contrasts images and captions within and between each other, with tags as further positives (Yuan et al., MCT, 2021).
///
///     loss = λ_ii L_ii + λ_tag L_tag + λ_cc L_cc + λ_ic L_ic + λ_ci L_ci
///
/// | term | query | keys | loss |
/// | --- | --- | --- | --- |
/// | image intra L_ii | view of the image | other views of images | ``MoCo``, or ``ntXent(_:_:temperature:)`` |
/// | tags L_tag | view of the image | other views of images with their tags | ``TagContrast`` |
/// | caption intra L_cc | view of the caption | other views of captions | as L_ii |
/// | image → caption L_ic | view of the image | views of captions | ``MoCo``, ``QueueHinge``, or CLIP |
/// | caption → image L_ci | view of the caption | views of images | as L_ic |
///
/// Keys and queues are constant, so each term trains the side of its query. The method owns the queues, one for each
/// head whose keys a term needs; the networks are the caller's. MoCo, SimCLR and CLIP are this with other options.
///
/// *Deviation*: of the paper only the names of the five terms were to be had, and that those within a modality and
/// those between are of different types. Forms, temperatures, weights, margin and threshold are ours, hence options.
public final class MCT: Module {
  /// What a network is projected to: each head has a space of its own, but the common ones share theirs.
  public enum Head: String, CaseIterable, Sendable {
    /// Images, to be compared with images.
    case imageIntra
    /// Captions, to be compared with captions.
    case captionIntra
    /// Images, to be compared with captions.
    case imageCommon
    /// Captions, to be compared with images.
    case captionCommon
  }

  /// The settings in use.
  public let options: Options
  /// The queue of each head whose keys a term needs.
  public let queues: [Head: NegativeQueue]
  /// What multiplies similarities in CLIP's form; nil in the others.
  public let scale: LearntScale?

  /// Creates the method with queues of random keys.
  ///
  /// - Parameters:
  ///   - dimensions: d, the width of every projection.
  ///   - tagCount: the length of a row of tags; 0 where there are none.
  ///   - itemCount: how many numbers of items the queues keep beside each key; 0 where all keys are negatives.
  public init(
    _ options: Options, dimensions: Int, tagCount: Int, itemCount: Int = 0, stream: inout RandomStream
  ) {
    precondition(options.weights.tags == 0 || tagCount > 0, "MCT: a term of tags without tags")
    self.options = options
    var queues: [Head: NegativeQueue] = [:]
    for head in Head.allCases where options.keyHeads.contains(head) {
      queues[head] = NegativeQueue(
        size: options.queueSize, dimensions: dimensions,
        tagCount: head == .imageIntra && options.weights.tags > 0 ? tagCount : 0, itemCount: itemCount, stream: &stream)
    }
    self.queues = queues
    scale =
      options.inter == .clip && options.hasInterTerm ? LearntScale(temperature: options.interTemperature) : nil
  }

  /// The scale, where there is one.
  public var parts: [ModulePart] { scale.map { [.module("scale", $0)] } ?? [] }

  /// The queues, which training changes and no optimiser does, by name.
  public var queueParts: [ModulePart] {
    Head.allCases.compactMap { head in queues[head].map { .module("queue.\(head.rawValue)", $0) } }
  }

  /// The loss of a batch, with one part for each term of positive weight.
  ///
  /// - Parameters:
  ///   - queries: the projections of `options.queryHeads`, `[batch, dimensions]`, rows of length 1.
  ///   - views: those of the second views for `options.viewHeads`.
  ///   - keys: the momentum twin's of the second views for `options.keyHeads`.
  ///   - others: further captions of the same observations, by the common head of captions: queries where that head has
  ///     queries, and keys where it has keys. The terms between modalities are the mean over all captions.
  ///   - tags: `[batch, tagCount]` where the weight of tags is positive.
  ///   - sharing: for each observation a key, where observations of equal key are no negatives of each other in the batch.
  ///   - items: the numbers of each observation's items; keys of past observations with one of them are no negatives.
  public func loss(
    queries: [Head: Tensor], views: [Head: Tensor] = [:], keys: [Head: Tensor] = [:],
    others: (queries: [Tensor], keys: [Tensor]) = ([], []), tags: Tensor? = nil, sharing: [Int]? = nil,
    items: [[Int]]? = nil
  ) -> LossTerms {
    let weights = options.weights
    let intra = MoCo(temperature: Float(options.temperature))
    // All queues hold keys of the same observations, but that of several captions.
    let single = queues.first { $0.key != .captionCommon || others.keys.isEmpty }?.value
    let isWhole = queries.values.first.map { queryParts($0) == nil } ?? true
    let penalties = isWhole ? items.flatMap { items in single?.penalties(for: items) } : nil
    var terms: [(String, Tensor)] = []
    func add(_ name: String, _ weight: Double, _ loss: () -> Tensor) {
      if weight > 0 { terms.append((name, loss() * Float(weight))) }
    }
    func within(_ head: Head) -> Tensor {
      let query = projection(queries, head)
      guard options.intra == .queue else {
        return ntXent(query, projection(views, head), temperature: Float(options.temperature), sharing: sharing)
      }
      let (key, keys) = (projection(keys, head), queue(head).keys)
      return byRows(query, single, penalties, items) { own, rows, penalties in
        intra.loss(query: own, key: rows.map { key.slice($0) } ?? key, queue: keys, penalties: penalties)
      }
    }
    add("image intra", weights.imageIntra) { within(.imageIntra) }
    add("tags", weights.tags) {
      let queue = queue(.imageIntra)
      guard let tags, let queueTags = queue.tags else { preconditionFailure("MCT: a term of tags without tags") }
      let method = TagContrast(
        .init(temperature: Float(options.temperature), threshold: Float(options.tagThreshold)))
      let (key, keys) = (projection(keys, .imageIntra), queue.keys)
      return byRows(projection(queries, .imageIntra), single, penalties, items) { own, rows, penalties in
        method.loss(
          query: own, key: rows.map { key.slice($0) } ?? key, tags: rows.map { tags.slice($0) } ?? tags, queue: keys,
          queueTags: queueTags, penalties: penalties)
      }
    }
    add("caption intra", weights.captionIntra) { within(.captionIntra) }
    if let scale {
      // clipLoss is the mean of both directions, which weigh the same.
      add("clip", weights.imageToCaption + weights.captionToImage) {
        mean(
          ([projection(queries, .captionCommon)] + others.queries).map {
            clipLoss(projection(queries, .imageCommon), $0, logScale: scale.tensor, sharing: sharing)
          })
      }
    } else {
      add("image → caption", weights.imageToCaption) {
        let query = projection(queries, .imageCommon)
        let captions = [projection(keys, .captionCommon)] + others.keys
        // The queue of several captions holds other observations than those of one.
        let queue = queue(.captionCommon)
        let own = others.keys.isEmpty || !isWhole ? penalties : items.flatMap { queue.penalties(for: $0) }
        let known = others.keys.isEmpty ? single : queue
        return mean(captions.map { between(query, $0, queue, known, own, items) })
      }
      add("caption → image", weights.captionToImage) {
        let key = projection(keys, .imageCommon)
        let captions = [projection(queries, .captionCommon)] + others.queries
        return mean(captions.map { between($0, key, queue(.imageCommon), single, penalties, items) })
      }
    }
    return LossTerms(summing: terms)
  }

  /// Puts the keys of a batch into the queues; call it after the loss.
  ///
  /// - Parameter others: keys of further captions, which go into the same queue.
  public func enqueue(
    _ keys: [Head: Tensor], others: [Tensor] = [], tags: Tensor? = nil, items: [[Int]]? = nil
  ) {
    for head in Head.allCases {
      guard let queue = queues[head] else { continue }
      queue.enqueue(projection(keys, head), tags: queue.tagCount > 0 ? tags : nil, items: items)
      if head == .captionCommon { for key in others { queue.enqueue(key, items: items) } }
    }
  }

  /// The share of queries that are nearer to their own key than to any of the queue; nil without such a queue.
  ///
  /// Where batch statistics tell which keys are of the same batch, it comes near 1 though little is learnt.
  public func pretextAccuracy(
    _ head: Head, queries: [Head: Tensor], keys: [Head: Tensor], items: [[Int]]? = nil
  ) -> Double? {
    guard let queue = queues[head], let query = queries[head], let key = keys[head] else { return nil }
    let count = query.shape[0]
    let right = (queryParts(query) ?? [0..<count]).reduce(0) { sum, range in
      let penalties = items.flatMap { queue.penalties(for: Array($0[range])) }
      let products = Tape.withoutRecording {
        let products = query.detached.slice(range).products(own: key.detached.slice(range), others: queue.keys)
        return penalties.map { products + $0 } ?? products
      }
      let (rows, columns) = (products.shape[0], products.shape[1])
      let values = products.values
      return sum
        + (0..<rows).count { row in
          let own = values[row * columns]
          return values[(row * columns + 1)..<((row + 1) * columns)].allSatisfy { $0 < own }
        }
    }
    return Double(right) / Double(max(count, 1))
  }

  private func between(
    _ query: Tensor, _ key: Tensor, _ queue: NegativeQueue, _ known: NegativeQueue?, _ penalties: Tensor?,
    _ items: [[Int]]?
  ) -> Tensor {
    let keys = queue.keys
    return byRows(query, known, penalties, items) { [options] own, rows, penalties in
      let key = rows.map { key.slice($0) } ?? key
      if options.inter == .hinge {
        return QueueHinge(.init(margin: Float(options.margin), reduction: options.reduction)).loss(
          query: own, key: key, queue: keys, penalties: penalties)
      }
      return MoCo(temperature: Float(options.interTemperature)).loss(
        query: own, key: key, queue: keys, penalties: penalties)
    }
  }

  /// The parts that queries are compared with a queue in; nil for all at once.
  private func queryParts(_ queries: Tensor) -> [Range<Int>]? {
    queues.isEmpty ? nil : LossByRows.parts(rows: queries.shape[0], columns: options.queueSize)
  }

  /// A mean over queries, of large batches some rows at a time.
  ///
  /// - Parameters:
  ///   - known: the queue that says which keys are no negatives.
  ///   - penalties: what it says of all rows, where they are compared at once.
  ///   - loss: the mean over some rows; nil for all.
  private func byRows(
    _ query: Tensor, _ known: NegativeQueue?, _ penalties: Tensor?, _ items: [[Int]]?,
    _ loss: @escaping (_ own: Tensor, _ rows: Range<Int>?, _ penalties: Tensor?) -> Tensor
  ) -> Tensor {
    guard let parts = queryParts(query) else { return loss(query, nil, penalties) }
    // The queue takes the batch in before the gradient computes a part anew.
    let shared = Dictionary(
      uniqueKeysWithValues: parts.map { rows in
        (rows.lowerBound, items.flatMap { known?.sharing(Array($0[rows])) } ?? [])
      })
    return LossByRows.sum(of: query, in: parts, with: []) { own, rows, _ in
      loss(own, rows, known?.penalties(of: shared[rows.lowerBound] ?? [], rows: rows.count)) * Float(rows.count)
    } / Float(query.shape[0])
  }

  private func mean(_ losses: [Tensor]) -> Tensor {
    losses.count == 1 ? losses[0] : losses.dropFirst().reduce(losses[0], +) / Float(losses.count)
  }

  private func queue(_ head: Head) -> NegativeQueue {
    guard let queue = queues[head] else { preconditionFailure("MCT: no queue of \(head.rawValue)") }
    return queue
  }

  private func projection(_ projections: [Head: Tensor], _ head: Head) -> Tensor {
    guard let projection = projections[head] else { preconditionFailure("MCT: no projection of \(head.rawValue)") }
    return projection
  }
}
