import Autograd
import Datasets
import Kernels
import Layers
import Objectives
import Training

/// The networks of queries, their momentum twin, the method with its queues, and the views they are trained with.
///
/// A step first moves the twin towards the networks as the last step left them, then computes queries and keys, the
/// loss, and last puts the keys into the queues. Everything that a training must have to go on exactly is in `trained`
/// and `state`.
final class MCTModel {
  /// What the optimiser changes.
  struct Trained: Module {
    let network: MCTNetwork
    let method: MCT

    var parts: [ModulePart] { [.module("query", network), .module("method", method)] }
  }

  /// What serves after training: the networks of queries, and what makes images fit them.
  struct Deployed: Module {
    let parts: [ModulePart]
  }

  let settings: MCTSettings
  let data: MCTData
  let trained: Trained
  let twin: MomentumTwin<MCTNetwork>?
  /// The streams that views come from, the twin, the history of the queues, and how often the own key was nearest.
  let state: TrainingState
  /// By which the keys in the queues can be computed again; nil without queues.
  let history: MCTKeyHistory?
  /// The mean and deviation of each channel over the training images.
  let channelMean: StateBuffer
  let channelDeviation: StateBuffer
  private let imageAugmentation: ImageAugmentation
  private let captionAugmentation: CaptionAugmentation

  init(settings: MCTSettings, data: MCTData, seed: Int) {
    self.settings = settings
    self.data = data
    var initial = RandomStream(seed: UInt64(bitPattern: Int64(seed)), name: "init")
    var queues = RandomStream(seed: UInt64(bitPattern: Int64(seed)), name: "queue")
    let network = MCTNetwork(settings, data: data, stream: &initial)
    let method = MCT(settings.method, tagCount: data.tagCount, stream: &queues)
    trained = Trained(network: network, method: method)
    twin =
      settings.method.keyHeads.isEmpty
      ? nil : MomentumTwin(of: network, into: MCTNetwork(settings, data: data, stream: &initial))
    state = TrainingState(seed: seed, data: data.dataset.checksum)
    history =
      twin == nil
      ? nil
      : MCTKeyHistory(
        queueSize: settings.method.queueSize, batchSize: min(settings.training.batchSize, data.train.count))
    if let twin { state.include(twin, as: "key") }
    if let history { state.include(history, as: "history") }
    let statistics = data.channelStatistics()
    channelMean = StateBuffer(Tensor(statistics.mean))
    channelDeviation = StateBuffer(Tensor(statistics.deviation))
    imageAugmentation = ImageAugmentation(
      settings.augmentation.image, height: data.imageSize.height, width: data.imageSize.width,
      channels: data.imageSize.channels)
    captionAugmentation = CaptionAugmentation(settings.augmentation.caption)
  }

  var deployed: Deployed {
    Deployed(parts: [
      .module("query", network), .buffer("channelMean", channelMean), .buffer("channelDeviation", channelDeviation),
    ])
  }

  var network: MCTNetwork { trained.network }

  /// Images as the networks take them: each channel with mean 0 and deviation 1 over the training images.
  func standardised(_ pixels: [Float]) -> Tensor {
    let (height, width, channels) = data.imageSize
    let images = Tensor(pixels, shape: [pixels.count / (height * width * channels), height, width, channels])
    return (images - channelMean.value) / channelDeviation.value
  }

  /// The training loss of a batch of observations.
  func loss(of batch: [Int], pass: ForwardPass) -> LossTerms {
    let method = settings.method
    twin?.update(momentum: Float(method.momentum))
    let tags = method.weights.tags > 0 ? self.tags(of: batch) : nil
    let queries = projections(of: batch, by: network, heads: method.queryHeads, in: pass)
    // The second views are the same for SimCLR and for the twin; a head may serve both.
    var moment = streams(["augment images", "augment captions"])
    let second = views(of: batch, heads: method.viewHeads.union(method.keyHeads))
    let others = project(second, count: batch.count, by: network, heads: method.viewHeads, in: pass)
    moment.merge(streams(["key order"])) { $1 }
    moment["dropout"] = pass.dropout
    history?.remember(batch, streams: moment, in: state)
    let keys = keys(second, count: batch.count, in: pass)
    let terms = trained.method.loss(queries: queries, views: others, keys: keys, tags: tags)
    if let accuracy = trained.method.pretextAccuracy(.imageIntra, queries: queries, keys: keys) {
      state.numbers["pretext sum", default: 0] += accuracy
      state.numbers["pretext steps", default: 0] += 1
    }
    trained.method.enqueue(keys, tags: tags)
    return terms
  }

  /// The keys that the twin gives, as it is now, for the very views of a past step: with the same observations in every
  /// part of batch norm, and the same dropout.
  ///
  /// The twin's running statistics change by it, which nothing reads after training.
  func keys(of moment: MCTKeyHistory.Moment) -> [MCT.Head: Tensor] {
    let names = ["augment images", "augment captions", "key order"]
    let present = streams(names)
    for name in names { state[stream: name] = moment.stream(name) }
    defer { for (name, stream) in present { state[stream: name] = stream } }
    let method = settings.method
    let views = views(of: moment.observations, heads: method.viewHeads.union(method.keyHeads))
    return keys(views, count: moment.observations.count, in: ForwardPass(dropout: moment.stream("dropout")))
  }

  private func streams(_ names: [String]) -> [String: RandomStream] {
    Dictionary(uniqueKeysWithValues: names.map { ($0, state[stream: $0]) })
  }

  /// The mean share of image queries whose own key was nearest, over the last whole epoch; nil without such keys.
  var pretextAccuracy: Double? { state.numbers["pretext accuracy"] }

  /// Ends an epoch for `pretextAccuracy`.
  func endEpoch() {
    let (sum, steps) = (state.numbers["pretext sum"], state.numbers["pretext steps"])
    state.numbers["pretext accuracy"] = sum.flatMap { sum in steps.map { sum / $0 } }
    state.numbers["pretext sum"] = nil
    state.numbers["pretext steps"] = nil
  }

  /// The random views that some heads need.
  private struct Views {
    var images: Tensor?
    var captions: [Int32]?
  }

  private func views(of batch: [Int], heads: Set<MCT.Head>) -> Views {
    var views = Views()
    if heads.contains(where: \.isOfImages), let column = data.imageColumn, case .numbers(let pixels) = column.items {
      views.images = standardised(
        imageAugmentation.views(
          of: pixels, rows: batch.map { column.rows[$0] }, keepsSide: batch.map { data.keepsSide[$0] },
          stream: &state[stream: "augment images"]))
    }
    if heads.contains(where: { !$0.isOfImages }) {
      views.captions = captionAugmentation.views(
        of: data.train.captions, length: data.captionLength, rows: batch, stream: &state[stream: "augment captions"])
    }
    return views
  }

  private func project(
    _ views: Views, count: Int, by network: MCTNetwork, heads: Set<MCT.Head>, order: BatchOrder? = nil,
    in pass: ForwardPass
  ) -> [MCT.Head: Tensor] {
    var result: [MCT.Head: Tensor] = [:]
    if let images = views.images, heads.contains(where: \.isOfImages) {
      let features = network.features(images: order?.shuffled(images) ?? images, in: pass)
      result = network.projections(order?.restored(features) ?? features, ofImages: true, heads: heads)
    }
    if let captions = views.captions, heads.contains(where: { !$0.isOfImages }) {
      let features = network.features(captions: captions, batch: count, in: pass)
      result.merge(network.projections(features, ofImages: false, heads: heads)) { own, _ in own }
    }
    return result
  }

  private func projections(
    of batch: [Int], by network: MCTNetwork, heads: Set<MCT.Head>, in pass: ForwardPass
  ) -> [MCT.Head: Tensor] {
    project(views(of: batch, heads: heads), count: batch.count, by: network, heads: heads, in: pass)
  }

  private func keys(_ views: Views, count: Int, in pass: ForwardPass) -> [MCT.Head: Tensor] {
    guard let twin else { return [:] }
    let order =
      settings.model.shufflesKeys && views.images != nil
      ? BatchOrder(count: count, stream: &state[stream: "key order"]) : nil
    return twin {
      project(views, count: count, by: $0, heads: settings.method.keyHeads, order: order, in: pass)
    }
  }

  private func tags(of batch: [Int]) -> Tensor {
    let width = data.tagCount
    return Tensor(
      batch.flatMap { data.train.tags[($0 * width)..<(($0 + 1) * width)] }, shape: [batch.count, width])
  }
}
