import Autograd
import Datasets
import Encoders
import Methods
import Runs
import TextGeneration
import Training

// The pictures beside the scores of written captions.

extension CaptioningCourse {
  private var shape: [Int]? {
    guard case .image(let height, let width, let channels) = data.modalities[image].kind, [1, 3].contains(channels)
    else {
      return nil
    }
    return [height, width, channels]
  }

  private func pixels(_ rows: [Int], _ side: AlignedData.Side) throws -> [Float] {
    guard case .numbers(let pixels) = try data.items(of: image, at: rows, in: side) else { return [] }
    return pixels
  }

  /// Draws pictures over their captions, what is written and the nearest training picture.
  func drawExamples(written: [WrittenCaption], nearest: [Int]) throws {
    guard options.shown > 0, let folder = model.folder, let shape else { return }
    let shown = Array(pictures.indices).evenlySpread(options.shown)
    let blank = [Float](repeating: 1, count: shape.reduce(1, *))
    var values: [Float] = []
    let lines = try shown.map { index in
      values += try pixels([pictures[index].row], model.side) + blank + pixels([nearest[index]], .train)
      let right = pictures[index].references.contains(TextIdentity.words(of: written[index].text))
      return PictureGridFile.Row(
        name: "",
        captions: [
          texts[model.side]?[pictures[index].row] ?? "", written[index].text,
          trainingText(nearest[index]),
        ], frames: right ? [1: 0] : nil, wordsOnly: [1])
    }
    try PictureGridFile(
      title: "written captions",
      caption:
        "Each row is a picture of the \(model.side.rawValue) side over its own caption, what is written for it by "
        + "\(options.decoding.description), and the training picture that is nearest to it over its caption. Framed: word for "
        + "word the picture's own. Pictures are evenly spread over the side.",
      rows: lines, columnNames: ["picture", "written", "nearest"], kinds: ["word for word"],
      mayBePublished: data.dataset.provenance.picturesMayBePublished
    ).write(pictures: values, shape: [lines.count, 3] + shape, name: "captions\(fileSuffix)", to: folder)
  }

  private var fileSuffix: String { suffix.isEmpty ? "" : "-\(name)" }

  /// Each word over the picture, which is faded where the word did not look.
  func drawAttention(written: [WrittenCaption]) throws {
    let most = 8
    guard options.shown > 0, let folder = model.folder, let shape,
      let caption = data.vocabulary.caption(named: name)
    else { return }
    let shown = Array(pictures.indices).evenlySpread(options.shown)
    let rows = shown.map { pictures[$0].row }
    let texts = shown.map { Array(written[$0].tokens.prefix(most)) }
    let length = 2 + (texts.map(\.count).max() ?? 0)
    let tokens = texts.flatMap { own in
      let framed = [SubwordTokeniser.begin] + own + [SubwordTokeniser.end]
      return framed + [Int32](repeating: SubwordTokeniser.padding, count: length - framed.count)
    }
    guard
      let attention = method.attention(
        of: .tokens(tokens, length: length), in: place, given: try model.input(image, rows, model.side)),
      attention.shape[2] > 1
    else { return }
    let (steps, regions) = (attention.shape[1], attention.shape[2])
    let columns = 1 + (texts.map(\.count).max() ?? 0)
    let size = shape.reduce(1, *)
    let grid = PatchGrid(image: [1] + shape, patches: regions, patchSize: method.encoders?.patchSize)
    let weights = attention.values
    var values: [Float] = []
    let lines = try rows.indices.map { row in
      let own = try pixels([rows[row]], model.side)
      values += own
      for step in 0..<(columns - 1) {
        guard step < texts[row].count else {
          values += [Float](repeating: 1, count: size)
          continue
        }
        let start = (row * steps + step) * regions
        values += faded(own, weights[start..<start + regions], grid, shape)
      }
      return PictureGridFile.Row(
        name: "",
        captions: [written[shown[row]].text] + texts[row].map { data.vocabulary.text(of: [$0], in: caption) })
    }
    try PictureGridFile(
      title: "where each token looked",
      caption:
        "Each row is a picture of the \(model.side.rawValue) side over what is written for it, and once for each token, "
        + "at most \(most): the more a region weighed before the token, the clearer it is, the heaviest as it is.",
      rows: lines, mayBePublished: data.dataset.provenance.picturesMayBePublished
    ).write(pictures: values, shape: [lines.count, columns] + shape, name: "attention\(fileSuffix)", to: folder)
  }

  /// A picture whose regions are white but for their share of the greatest weight.
  private func faded(
    _ pixels: [Float], _ weights: ArraySlice<Float>, _ grid: PatchGrid, _ shape: [Int]
  ) -> [Float] {
    let most = max(weights.max() ?? 1, 1e-12)
    var faded = pixels
    for (region, weight) in weights.enumerated() {
      let (area, share) = (grid.area(of: region), weight / most)
      for row in area.rows {
        for column in area.columns {
          for channel in 0..<shape[2] {
            let place = (row * shape[1] + column) * shape[2] + channel
            faded[place] = 1 - share * (1 - pixels[place])
          }
        }
      }
    }
    return faded
  }
}
