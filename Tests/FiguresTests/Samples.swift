import Figures
import Foundation

/// One figure of each kind with data such as a report has.
enum Samples {
  /// The figures by file name.
  static var all: [(name: String, figure: any Figure)] {
    [
      ("curves", curves), ("bars", bars), ("modalities", modalities), ("embedding", embedding),
      ("hundred-classes", hundredClasses), ("distributions", distributions), ("similarity", similarity),
      ("growth", growth), ("ranks", ranks), ("trade-off", tradeOff), ("pictures", pictures), ("tall", tall),
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

  /// Cosine similarities of matching and of other pairs, for three pairs of modalities.
  static let distributions: DistributionChart = {
    let noise = (0..<4000).map { index -> Double in
      let sum = (0..<6).map { fraction(Double(index * 6 + $0)) }.reduce(0, +)
      return sum / 6 - 0.5
    }
    return DistributionChart(
      title: "Cosine similarity, test split", x: Axis("cosine similarity", range: -1...1),
      panels: ["image – text", "image – sound", "text – sound"].enumerated().map { index, name in
        .init(
          title: "\(name): overlap 0.12",
          distributions: [
            .init(
              name: "matching pairs", values: noise.prefix(1000).map { 0.6 - 0.1 * Double(index) + 0.9 * $0 },
              range: -1...1, bins: 60),
            .init(name: "other pairs", values: noise.map { 0.1 + 1.5 * $0 }, range: -1...1, bins: 60),
          ])
      })
  }()

  /// Two matrices sorted by thirty classes of unequal size.
  static let similarity: SimilarityMap = {
    let classes = (0..<30).map { (name: "subgroup \($0) of faces", count: 1 + $0 % 7) }
    let labels = classes.indices.flatMap { label in (0..<classes[label].count).map { _ in label } }
    func values(_ shift: Double) -> [[Double]] {
      labels.enumerated().map { row, first in
        labels.enumerated().map { column, second in
          (first == second ? 0.7 : 0.1) + 0.5 * (fraction(Double(row * 211 + column) + shift) - 0.5)
        }
      }
    }
    return SimilarityMap(
      title: "Similarity of test items",
      panels: ["image × complete", "text × complete"].enumerated().map {
        .init(title: $1, values: values(Double($0)))
      }, classes: classes, scale: Axis("cosine similarity"))
  }()

  /// Time by batch size with the growth that theory expects.
  static let growth = LineChart(
    title: "Time of a step", x: Axis("batch size", isLogarithmic: true),
    y: Axis("time", unit: "ms", isLogarithmic: true),
    series: ["GMC", "CLIP"].enumerated().map { index, name in
      let sizes = (5...12).map { Double(1 << $0) }
      return LineChart.Series(
        name: name, x: sizes, y: sizes.map { 0.02 * Double(index + 1) * $0 + 0.000_05 * $0 * $0 })
    },
    references: [
      .init(name: "slope 1", slope: 1, through: (64, 1)), .init(name: "slope 2", slope: 2, through: (1024, 60)),
    ])

  /// Recipes by their score, of three kinds.
  static let ranks = RankPlot(
    title: "Accuracy by recipe", x: Axis("accuracy", unit: "%"),
    entries: (0..<14).map { index in
      let value = 96.4 - 2.1 * Double(index)
      return RankPlot.Entry(
        name: "method \(index), \(["as published", "with its own settings and a rather long name", "ours"][index % 3])",
        value: value, interval: index % 4 == 3 ? nil : value - 1.5...value + (index % 5 == 0 ? 2.5 : 1.5),
        kind: ["contrastive", "fusion", "baseline"][index % 3])
    }, reference: ("chance", 60))

  /// Methods by time and accuracy, some close together.
  static let tradeOff = TradeOffChart(
    title: "Accuracy and training time", x: Axis("training time", unit: "s", isLogarithmic: true),
    y: Axis("accuracy", unit: "%"),
    points: (0..<16).map { index in
      let (group, place) = (Double(index / 4), Double(index % 4))
      let accuracy = 60 + 8 * group + 0.6 * place
      return TradeOffChart.Point(
        name: "method \(index), batch \(32 << (index % 4))", x: 12 * exp(group * 0.8 + place * 0.05), y: accuracy,
        interval: accuracy - 1.5...accuracy + 1.5, kind: ["Concord", "PyTorch"][index % 2])
    })

  /// Three queries with what was found for them, in pictures of unlike shape.
  static let pictures: PictureGrid = {
    func picture(_ seed: Int, width: Int, height: Int) -> PictureGrid.Picture {
      PictureGrid.Picture(
        width: width, height: height,
        values: (0..<width * height).flatMap { pixel -> [Float] in
          let (x, y) = (Double(pixel % width) / Double(width), Double(pixel / width) / Double(height))
          let round: Float = (x - 0.5) * (x - 0.5) + (y - 0.5) * (y - 0.5) < 0.2 ? 1 : 0.2
          return [round, Float(y), Float(seed % 5) / 5]
        })
    }
    return PictureGrid(
      title: "Nearest neighbours of three test captions, image encoder of seed 0",
      rows: (0..<3).map { row in
        (0..<6).map { column in
          if column == 0 { return .init(picture: nil, caption: "a caption that asks for picture \(row)") }
          return .init(
            picture: picture(row * 6 + column, width: column == 3 ? 32 : 48, height: column == 4 ? 1 : 48),
            caption: column == 2 ? "woman: medium-light skin tone, curly hair, rather long" : "picture \(column)",
            kind: column == row + 1 ? 0 : 1)
        }
      },
      rowNames: ["first query", "second query", "third"],
      columnNames: ["caption"] + (1...5).map { "rank \($0)" }, kinds: ["the right one", "another"])
  }()

  /// A title longer than the page, forty rows, names that must be abbreviated.
  static let tall = HeatMap(
    title: String(repeating: "A title that is longer than the page and must be broken into lines ", count: 4),
    rows: (0..<40).map { "row \($0) with a name that is far too long to stand beside the cells of a table" },
    columns: ["accuracy", "a metric with a long name", "R@1", "한국어"],
    values: (0..<40).map { row in (0..<4).map { Double(row * $0) / 10 } },
    halfWidths: (0..<40).map { row in (0..<4).map { $0 == 3 ? nil : Double(row) / 20 } }, scale: Axis("score"),
    decimals: 1)

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
