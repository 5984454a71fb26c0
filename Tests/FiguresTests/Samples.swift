import Figures
import Foundation

/// One figure of each kind with data such as a report has.
enum Samples {
  /// The figures by file name.
  static var all: [(name: String, figure: any Figure)] {
    [
      ("curves", curves), ("bars", bars), ("modalities", modalities), ("embedding", embedding),
      ("hundred-classes", hundredClasses), ("similarities", similarities),
    ]
  }

  /// Four losses with the spread over three seeds, on a logarithmic axis.
  static let curves = LineChart(
    title: "Training loss on emoji_64, τ = 0.1, mean of 3 seeds ± range", x: Axis("training step"),
    y: Axis("loss", unit: "nats", isLogarithmic: true),
    series: [
      "GMC with joint-negative pairs (ours)", "CLIP InfoNCE, learned logit scale", "SigLIP", "MCT inter-modal hinge",
    ].enumerated().map { index, name in
      let steps = (0...120).map { Double($0 * 10) }
      let mean = steps.map {
        4 * exp(-$0 / (200 + 150 * Double(index))) + 0.15 * Double(index + 1) + 0.02 * sin($0 / 17)
      }
      return LineChart.Series(
        name: name, x: steps, y: mean, band: (lower: mean.map { $0 * 0.9 }, upper: mean.map { $0 * 1.1 }))
    })

  /// Five methods under four evaluators.
  static let bars = BarChart(
    title: "Linear probe and retrieval, test split",
    groups: [
      "linear probe accuracy", "kNN accuracy (k = 20)", "R@1 image → text", "R@1 text → image",
    ], y: Axis("score", unit: "%", range: 0...100),
    series: ["GMC", "CLIP", "SigLIP", "MCT (reproduced)", "FDT"].enumerated().map { index, name in
      let values = (0..<4).map { 62 + 9 * Double($0 % 2) - 5.5 * Double(index) + 3 * sin(Double(index * 4 + $0)) }
      return BarChart.Series(name: name, values: values, intervals: values.map { $0 - 2.5...$0 + 3 })
    })

  /// Fifteen subsets of four modalities under six metrics, one of which is missing.
  static let modalities: HeatMap = {
    let parts = ["image", "speech", "text", "trajectory"]
    let subsets = (1..<16).map { mask in parts.indices.filter { mask >> $0 & 1 == 1 }.map { parts[$0] } }
      .sorted { $0.count < $1.count }
    let columns = ["accuracy", "macro-F1", "R@1", "R@5", "DCA reconstruction", "kNN"]
    return HeatMap(
      title: "Scores by the modalities that are present (GMC, 3 seeds)",
      rows: subsets.map { $0.joined(separator: " + ") },
      columns: columns,
      values: subsets.enumerated().map { row, subset in
        columns.indices.map { column in
          row == 3 && column == 4
            ? .nan : 0.35 + 0.15 * Double(subset.count) - 0.04 * Double(column) + 0.05 * sin(Double(row * 6 + column))
        }
      }, scale: Axis("score"))
  }()

  /// About a thousand points in ten classes and four modalities.
  static let embedding: ScatterChart = {
    let (x, y, classes, modalities) = points(classes: 10, each: 25)
    return ScatterChart(
      title: "t-SNE of test embeddings, GMC on digits", x: Axis("dimension 1"), y: Axis("dimension 2"),
      panels: [
        ScatterChart.Panel(title: "by class", x: x, y: y, classes: classes, names: (0..<10).map { "digit \($0)" }),
        ScatterChart.Panel(
          title: "by modality", x: x, y: y, classes: modalities, names: ["image", "speech", "text 한글", "joint_code"]),
      ])
  }()

  /// A hundred classes, of which ten are named.
  static let hundredClasses: ScatterChart = {
    let (x, y, classes, _) = points(classes: 100, each: 3)
    return ScatterChart(
      title: "", x: Axis("PC 1", unit: "34 % of variance"), y: Axis("PC 2", unit: "12 % of variance"),
      panels: [
        ScatterChart.Panel(
          title: "emoji_subgroups, ten of 100", x: x, y: y,
          classes: classes.map { $0 < 12 ? $0 : ($0 % 2 == 0 ? $0 : $0 % 12) },
          names: (0..<100).map { "subgroup_\($0)-face-smiling" }, named: 10)
      ])
  }()

  /// Cosine similarities of matching and of other pairs.
  static let similarities: HistogramPair = {
    let noise = (0..<4000).map { index -> Double in
      let sum = (0..<6).map { fraction(Double(index * 6 + $0)) }.reduce(0, +)
      return sum / 6 - 0.5
    }
    return HistogramPair(
      title: "Cosine similarity of image and text, test split", x: Axis("cosine similarity", range: -1...1),
      first: .init(name: "matching pairs", values: noise.prefix(1000).map { 0.6 + 0.9 * $0 }),
      second: .init(name: "other pairs", values: noise.map { 0.1 + 1.5 * $0 }))
  }()

  /// Points around one centre per class, shifted a little by modality.
  private static func points(classes: Int, each: Int) -> ([Double], [Double], [Int], [Int]) {
    var (x, y, labels, modalities): ([Double], [Double], [Int], [Int]) = ([], [], [], [])
    for label in 0..<classes {
      for modality in 0..<4 {
        for member in 0..<each {
          let seed = Double((label * 4 + modality) * each + member)
          let angle = 2 * .pi * Double(label) / Double(classes)
          x.append(40 * cos(angle) + 16 * (fraction(seed) - 0.5) + 6 * Double(modality % 2))
          y.append(40 * sin(angle) + 16 * (fraction(seed + 0.5) - 0.5) + 6 * Double(modality / 2))
          labels.append(label)
          modalities.append(modality)
        }
      }
    }
    return (x, y, labels, modalities)
  }

  /// A number in 0..<1 that looks random.
  private static func fraction(_ seed: Double) -> Double {
    let value = sin(seed * 12.9898 + 4.1) * 43758.5453
    return value - value.rounded(.down)
  }
}
