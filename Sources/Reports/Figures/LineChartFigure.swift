import Diagnostics
import Figures
import Foundation
import Runs

extension LineChartFile {
  /// The figure of the files of a name, joined over seeds, and what to say of it.
  ///
  /// A point is the mean over the seeds that measured the same lines at the same places as the first.
  ///
  /// - Parameter folders: those of the seeds that have the file; at least one.
  package static func figure(
    name: String, in folders: [URL], title: String
  ) throws(UserError) -> (figure: LineChart, caption: String) {
    var files: [LineChartFile] = []
    for folder in folders { files.append(try read(name: name, in: folder)) }
    let first = files[0]
    files = files.filter { file in
      file.lines.map(\.name) == first.lines.map(\.name) && file.lines.map(\.x) == first.lines.map(\.x)
    }
    let chart = LineChart(
      title: title, x: Axis(first.horizontal), y: Axis(first.vertical),
      series: first.lines.enumerated().map { index, line in
        let values = line.y.indices.map { point in files.map { $0.lines[index].y[point] } }
        return LineChart.Series(
          name: line.name, x: line.x, y: values.map { $0.reduce(0, +) / Double($0.count) },
          band: files.count > 1
            ? (lower: values.map { $0.min() ?? .nan }, upper: values.map { $0.max() ?? .nan }) : nil)
      })
    let spread =
      files.count > 1
      ? "Mean of \(files.count) seeds in a band from the lowest to the highest." : "One seed."
    return (chart, "\(first.caption) \(spread)")
  }

  /// The title in the file of a name; the name where it is damaged, which drawing tells.
  package static func title(name: String, in folder: URL) -> String {
    (try? read(name: name, in: folder))?.title ?? name
  }
}
