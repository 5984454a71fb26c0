import Datasets
import Diagnostics
import Evaluation
import Foundation
import Kernels
import Runs

/// Writes the codes that pictures and texts use most in common, with their patches and words.
struct CodeCards {
  /// What `codes.json` says of a code.
  struct Card: Codable, Equatable {
    struct Patch: Codable, Equatable {
      let identifier: String
      let caption: String
      let row: Int
      let column: Int
      let score: Float
    }

    struct Word: Codable, Equatable {
      let word: String
      let caption: String
      let score: Float
      let occurrences: Int
    }

    let code: Int
    let imageWeight: Double
    let textWeight: Double
    let patches: [Patch]
    let words: [Word]
  }

  let search: ConceptSearch
  let use: [(image: Double, text: Double)]

  private var model: FrozenModel { search.model }
  private var options: ConceptsEvaluator { search.options }

  func write(
    _ codes: [Int], patches: ConceptSearch.Parts, _ examples: ConceptExamples,
    words: [(place: Int, parts: ConceptSearch.Parts)]
  ) throws {
    guard let folder = model.folder else { return }
    let shown = codes.indices.sorted { first, second in
      let (a, b) = (
        use[codes[first]].image * use[codes[first]].text, use[codes[second]].image * use[codes[second]].text
      )
      return (b, first) < (a, second)
    }.prefix(options.shownCodes)
    let means = words.map { wordMeans($0.parts, caption: model.names[$0.place]) }
    let shownCaption = words.first.map { model.names[$0.place] } ?? ""
    var cards: [Card] = []
    var pictures: [Float] = []
    var shape: [Int] = []
    for concept in shown {
      let own = examples.examples[concept]
      let (values, size) = try search.pixels(own.map { patches.owners[$0.part] })
      var pixels = values
      let grid = PatchGrid(image: size, patches: patches.perObservation, patchSize: search.patchSize)
      var found: [Card.Patch] = []
      for (row, example) in own.enumerated() {
        let (observation, patch) = (patches.owners[example.part], patches.places[example.part])
        grid.frame(patch, of: row, &pixels)
        let identifiers = model.data[model.side]?.identifiers ?? []
        found.append(
          .init(
            identifier: identifiers.isEmpty ? "\(observation)" : identifiers[observation],
            caption: model.data.text(shownCaption, of: observation, in: model.side) ?? "",
            row: patch / grid.columns, column: patch % grid.columns, score: example.score))
      }
      shape = Array(size.dropFirst())
      pixels += [Float](repeating: 1, count: (options.examplesPerConcept - own.count) * shape.reduce(1, *))
      pictures += pixels
      cards.append(
        Card(
          code: codes[concept], imageWeight: use[codes[concept]].image, textWeight: use[codes[concept]].text,
          patches: found, words: means.flatMap { $0(concept) }))
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try AtomicFile.write(try encoder.encode(cards), to: folder.appending(path: ConceptsEvaluator.fileName))
    guard !cards.isEmpty else { return }
    let rows = cards.map { card in
      PictureGridFile.Row(
        name: card.words.filter { $0.caption == shownCaption }.map(\.word).joined(separator: " "),
        captions: card.patches.map(\.caption))
    }
    try PictureGridFile(
      title: "codes with their patches and words",
      caption:
        "Each row is one of the codes that pictures and captions use most in common: before it the words of \(shownCaption), in it "
        + "the pictures with the patch (framed) that activate it most.", rows: rows,
      mayBePublished: model.data.dataset.provenance.picturesMayBePublished
    ).write(
      pictures: pictures, shape: [cards.count, options.examplesPerConcept] + shape,
      name: ConceptsEvaluator.picturesName, to: folder)
  }

  /// For a concept the words of greatest mean score over their occurrences.
  private func wordMeans(
    _ parts: ConceptSearch.Parts, caption: String, count: Int = 6
  ) -> (Int) -> [Card.Word] {
    let matrix = parts.matrix
    let occurrences = Dictionary(grouping: parts.words.indices) { parts.words[$0] }.sorted { $0.key < $1.key }
    return { concept in
      let words = occurrences.map { word, rows in
        Card.Word(
          word: word, caption: caption,
          score: rows.reduce(0) { $0 + matrix[$1, concept] } / Float(rows.count), occurrences: rows.count)
      }
      return Array(words.sorted { $0.score == $1.score ? $0.word < $1.word : $0.score > $1.score }.prefix(count))
    }
  }
}
