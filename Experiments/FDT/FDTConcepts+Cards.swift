import Autograd
import Datasets
import Diagnostics
import Encoders
import Evaluation
import Foundation
import Kernels
import Layers
import Objectives
import Runs
import Training

extension FDTConcepts {
  /// What `codes.json` says of a code.
  struct CodeCard: Codable, Equatable {
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

  /// Writes the codes that images and texts use most in common, with their patches and words.
  func write(
    _ codes: [Int], patches: Parts, _ examples: ConceptExamples, places: [Int], words: [Parts]
  ) throws {
    let use = use
    let shown = codes.indices.sorted { first, second in
      let (a, b) = (
        use[codes[first]].image * use[codes[first]].text, use[codes[second]].image * use[codes[second]].text
      )
      return (b, first) < (a, second)
    }.prefix(settings.shownCodes)
    let pairs = evaluation.pairs(evaluation.side)
    let side = evaluation.side
    let means = zip(words, features.texts).map { wordMeans($0, caption: $1.caption.name) }
    var cards: [CodeCard] = []
    var pictures: [Float] = []
    var shape: [Int] = []
    for concept in shown {
      let own = examples.examples[concept]
      let images = pairs.images(own.map { places[patches.owners[$0.part]] })
      let grid = PatchGrid(image: images.shape, patches: patchCount(images), patchSize: patchSize)
      var pixels = images.values
      var found: [CodeCard.Patch] = []
      for (row, example) in own.enumerated() {
        let (observation, patch) = (places[patches.owners[example.part]], patches.places[example.part])
        grid.frame(patch, of: row, &pixels)
        found.append(
          .init(
            identifier: side.identifiers.isEmpty ? "\(observation)" : side.identifiers[observation],
            caption: side.texts[model.vocabulary.captions[0].name]?[observation] ?? "",
            row: patch / grid.columns, column: patch % grid.columns, score: example.score))
      }
      let size = images.shape.dropFirst().reduce(1, *)
      pixels += [Float](repeating: 1, count: (settings.examplesPerConcept - own.count) * size)
      pictures += pixels
      shape = Array(images.shape.dropFirst())
      cards.append(
        CodeCard(
          code: codes[concept], imageWeight: use[codes[concept]].image, textWeight: use[codes[concept]].text,
          patches: found, words: means.flatMap { $0(concept) }))
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try AtomicFile.write(try encoder.encode(cards), to: evaluation.context.folder.appending(path: Self.fileName))
    guard !cards.isEmpty else { return }
    let shownCaption = model.vocabulary.captions[0].name
    let rows = cards.map { card in
      PictureGridFile.Row(
        name: card.words.filter { $0.caption == shownCaption }.map(\.word).joined(separator: " "),
        captions: card.patches.map(\.caption))
    }
    try PictureGridFile(
      title: "codes with their patches and words",
      caption:
        "Each row is one of the codes that pictures and captions use most in common: before it the words of \(shownCaption), in it "
        + "the pictures with the patch (framed) that activate it most.", rows: rows
    ).write(
      pictures: pictures, shape: [cards.count, settings.examplesPerConcept] + shape, name: Self.picturesName,
      to: evaluation.context.folder)
  }

  private func patchCount(_ images: Tensor) -> Int {
    model.encoder.parts(of: images, in: .evaluation).patches.shape[1]
  }

  /// For a concept the words of greatest mean score over their occurrences.
  private func wordMeans(_ parts: Parts, caption: String, count: Int = 6) -> (Int) -> [CodeCard.Word] {
    let matrix = parts.matrix
    let occurrences = Dictionary(grouping: parts.places.indices) { parts.places[$0] }.sorted { $0.key < $1.key }
    return { concept in
      let words = occurrences.map { token, rows in
        CodeCard.Word(
          word: model.vocabulary.word(Int32(token)) ?? "", caption: caption,
          score: rows.reduce(0) { $0 + matrix[$1, concept] } / Float(rows.count), occurrences: rows.count)
      }
      return Array(words.sorted { $0.score == $1.score ? $0.word < $1.word : $0.score > $1.score }.prefix(count))
    }
  }
}
