import Datasets
import Diagnostics
import Encoders
import Foundation
import Layers
import Methods
import Training

/// What the settings ask the machine to hold, reckoned before anything is made.
package struct MemoryNeed {
  private let settings: AlignmentSettings
  private let data: AlignedData

  package init(_ settings: AlignmentSettings, _ data: AlignedData) { (self.settings, self.data) = (settings, data) }

  /// The machine's memory in bytes.
  package static var machine: Double { Double(ProcessInfo.processInfo.physicalMemory) }

  /// The blocks that grow with a setting, the greatest first.
  private var blocks: [MemoryBlock] {
    let model = settings.model
    // Value, gradient and two moments of every parameter; a twin has a value more, and chunks add gradients up in a tree.
    let chunks = settings.training.chunks
    let further = chunks > 1 ? log2(Double(chunks)).rounded(.up) + 2 : 0
    let copies = 5 + further
    func square(_ key: String, _ width: Int, layers: Int) -> MemoryBlock {
      MemoryBlock(
        key, "\(layers) layers of width \(width)", copies * 12 * Double(layers) * Double(width) * Double(width))
    }
    var blocks = settings.method.chosen.blocks(dimensions: model.dimensions, data: data).map {
      $0.with(copies: further)
    }
    // Frames of videos pass an encoder of the recipe's own, even where pictures pass an imported one.
    let hasEncoder = data.hasVideos || data.image != nil && data.imported?.readsPictures != true
    if model.imageEncoder == .vit, hasEncoder {
      blocks.append(square("model.imageDimensions", model.imageDimensions, layers: model.imageLayers))
    }
    if model.imageEncoder == .resnet, hasEncoder, let widest = model.imageWidths.max() {
      let layers = model.imageWidths.count * model.imageBlocks
      blocks.append(
        MemoryBlock(
          "model.imageWidths", "\(layers) blocks of up to width \(widest)",
          copies
            * zip(model.imageWidths, model.imageWidths).reduce(0) {
              $0 + 18 * Double(model.imageBlocks) * Double($1.0) * Double($1.1)
            }))
    }
    if model.imageEncoder == .resnet50, hasEncoder {
      // A block has 17 w² weights, the first of a stage a shortcut beside.
      let counts = BottleneckResNet.blocksOfResNet50
      blocks.append(
        MemoryBlock(
          "model.imageWidths", "bottleneck blocks of up to width \(model.imageWidths.max() ?? 0)",
          copies
            * zip(model.imageWidths, counts).reduce(0) {
              $0 + (17 * Double($1.1) + 8) * Double($1.0) * Double($1.0)
            }))
    }
    if data.hasVideos, model.videoEncoder == .transformer {
      blocks.append(square("model.videoDimensions", model.videoDimensions, layers: model.videoLayers))
    }
    let ownCaptions = data.captions.filter { data.imported?.includes(data.modalities[$0]) != true }
    for place in ownCaptions.prefix(model.sharesTextEncoder ? 1 : data.captions.count) {
      guard case .tokens(_, let vocabulary) = data.modalities[place].kind else { continue }
      blocks.append(square("model.textDimensions", model.textDimensions, layers: model.textLayers))
      blocks.append(
        MemoryBlock(
          "model.textDimensions", "a vocabulary of \(vocabulary) × \(model.textDimensions)",
          copies * Double(vocabulary) * Double(model.textDimensions)))
    }
    for modality in data.modalities {
      guard case .series(_, let channels) = modality.kind else { continue }
      blocks.append(
        MemoryBlock(
          "model.seriesDimensions", "\(model.seriesLayers) layers of width \(model.seriesDimensions)",
          copies * seriesParameters(channels: channels)))
    }
    let widths = model.vectorDimensions
    blocks.append(
      MemoryBlock(
        "model.vectorDimensions", "dense layers \(widths)",
        copies * zip(widths, widths.dropFirst()).reduce(0) { $0 + Double($1.0) * Double($1.1) }))
    // Their value, what the loss makes of them, and the gradient.
    let batch = min(settings.training.batchSize, data.count(.train))
    blocks.append(
      MemoryBlock(
        "training.batchSize", "the similarities of \(settings.training.batchSize) observations",
        3 * settings.method.chosen.similarities(batch: batch)))
    return blocks.sorted { $0.numbers > $1.numbers }
  }

  /// The weights of the encoder of series of some channels.
  private func seriesParameters(channels: Int) -> Double {
    let model = settings.model
    let (width, first, layers) = (Double(model.seriesDimensions), Double(channels), Double(model.seriesLayers))
    switch model.seriesEncoder {
    // Three gates, of the input and of the state.
    case .gru: return 3 * width * (first + width + 2 * (layers - 1) * width)
    // Two convolutions a block; where the first widens, a third beside them.
    case .convolution:
      let kernel = Double(model.seriesKernel)
      let shortcut = channels == model.seriesDimensions ? 0 : first * width
      return kernel * width * (first + width + 2 * (layers - 1) * width) + shortcut
    case .transformer: return first * width + 12 * layers * width * width
    }
  }

  /// What the settings need in all, in bytes.
  package var bytes: Double { blocks.reduce(0) { $0 + 4 * $1.numbers } }

  /// Refuses what the machine cannot hold, with the setting that asks for most.
  ///
  /// - Throws: an error whose place is the key of the greatest block.
  package func check(memory: Double = MemoryNeed.machine) throws(UserError) {
    guard bytes > memory, let first = blocks.first else { return }
    throw UserError(
      .data, "\(first.what) take \(Self.text(4 * first.numbers)), and this machine has \(Self.text(memory))",
      at: first.key, mend: "make it smaller")
  }

  private static func text(_ bytes: Double) -> String {
    let units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"]
    var (value, unit) = (bytes, 0)
    while value >= 1024, unit + 1 < units.count { (value, unit) = (value / 1024, unit + 1) }
    return String(format: value < 10 && unit > 0 ? "%.1f" : "%.0f", value) + " " + units[unit]
  }
}
