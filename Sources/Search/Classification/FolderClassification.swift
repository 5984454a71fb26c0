import Datasets
import Diagnostics
import Evaluation
import Foundation
import Kernels
import StrictYAML

/// The pictures of a labelled folder, each given the class whose sentences are nearest: zero-shot accuracy (Radford et al.,
/// ICML 2021) of a trained run or an imported model on any pictures.
///
///     w_c = n(mean over names and templates of n(text)),   class = argmax_c cos(picture, w_c)
public struct FolderClassification {
  /// The run in a few words.
  public let run: String
  /// The folder.
  public let folder: String
  /// What was done, in a sentence: how many pictures and classes, the templates and the names.
  public let protocolLine: String
  /// The classes.
  public let classes: [String]
  /// How many pictures were classified.
  public let count: Int
  /// The share that is right at once.
  public let accuracy: Double
  /// The share whose class is among the five nearest; nil for fewer than six classes.
  public let accuracyOfFive: Double?
  /// The mean over the classes of the share that is right.
  public let balancedAccuracy: Double
  /// The share of each class that is right.
  public let classAccuracies: [Double?]

  /// Classifies a folder with a folder of pictures for each class.
  ///
  /// - Parameters:
  ///   - names: what the classes are called; nil for the names of their folders.
  ///   - templates: the sentences for some labels.
  ///   - language: the modality of captions that sentences are read as; found by the labels where it is nil.
  /// - Throws: `UserError` where there are fewer than two classes, a picture stands outside of them, a class has no name, or
  ///   the run knows no texts.
  public init(
    _ path: String, names: ClassNames?, templates: ([String]) throws(UserError) -> PromptTemplates, language: String?,
    search: EmbeddingSearch, run: String
  ) throws {
    let found = try PictureFolder(path)
    let owners = found.names.map { $0.split(separator: "/").dropLast().first.map(String.init) }
    if let stray = owners.firstIndex(of: nil) {
      throw UserError(
        .data, "the picture stands in no class's folder", at: found.files[stray].relativePath,
        mend: "give each class a folder, and its pictures there")
    }
    let classes = Set(owners.compactMap { $0 }).sorted()
    guard classes.count > 1 else {
      throw UserError(
        .data, "one class, and a choice needs two", at: path, mend: "give each class a folder of pictures")
    }
    let called = try names?.names(of: classes)
    if let names, called == nil {
      throw UserError(
        .data, "it has none of the \(classes.count) classes, such as \"\(classes[0])\"", at: names.origin,
        mend: "write the folder's name, a tab and the class's name in each line")
    }
    let labels = called ?? classes.map { [$0] }
    let sentences = try templates(labels.flatMap { $0 })
    let data = search.embedder.data
    // The labels choose the language, since a template may be in any.
    let caption = try TextQuery.resolve(labels.flatMap { $0 }, language: language, in: data).first?.caption.name
    let queries = try TextQuery.resolve(
      labels.flatMap { names in names.flatMap { sentences.sentences(of: $0) } }, language: caption ?? language, in: data
    )
    let owner = labels.enumerated().flatMap { index, names in
      [Int](repeating: index, count: names.count * sentences.sentences.count)
    }
    let prototypes = PrototypeClassifier(
      averaging: try search.vectors(of: queries), labels: owner, classes: classes.count)
    let pictures = try search.pictures(in: found, path: path)
    let numbers = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, $0) })
    let truths = pictures.items.map { item in
      numbers[item.name.split(separator: "/").first.map(String.init) ?? ""] ?? 0
    }
    let scores = prototypes.scores(for: pictures.vectors)
    let matrix = ConfusionMatrix(truths: truths, predictions: scores.largestColumns(), classes: classes.count)
    let ranks = truths.enumerated().map { row, truth in
      let own = scores[row: row]
      let place = own.startIndex + truth
      // Of equal ones the first counts as nearer, as it does for the choice of one.
      return own.indices.count { own[$0] > own[place] || own[$0] == own[place] && $0 < place }
    }
    (self.run, folder, self.classes, count) = (run, path, classes, truths.count)
    accuracy = matrix.accuracy ?? 0
    balancedAccuracy = matrix.balancedAccuracy ?? 0
    classAccuracies = matrix.classAccuracies
    accuracyOfFive = classes.count > 5 ? Double(ranks.count { $0 < 5 }) / Double(max(1, ranks.count)) : nil
    let origin = names.map { "names of \($0.origin)" } ?? "names of the folders"
    protocolLine =
      "Zero-shot: \(truths.count) pictures of \(classes.count) classes in \(path); \(sentences.text), \(origin), read as "
      + "\(caption ?? ""); of each class the mean of its sentences' features; pictures \(data.form.description)."
  }

  /// The shares as a table for a terminal.
  public var plain: String {
    func percent(_ value: Double) -> String { String(format: "%5.1f %%", 100 * value) }
    var text = "\(folder.onOneLine()) · \(run)\n\n"
    text += "\(percent(accuracy))  right at once\n"
    if let accuracyOfFive { text += "\(percent(accuracyOfFive))  among the five nearest\n" }
    text += "\(percent(balancedAccuracy))  mean over the classes\n"
    text += "\(percent(1 / Double(classes.count)))  by chance\n\n"
    for (name, accuracy) in zip(classes, classAccuracies) {
      text += "\(accuracy.map(percent) ?? "      –")  \(name.onOneLine())\n"
    }
    return text + "\n\(protocolLine.onOneLine())\n"
  }

  /// Everything for a machine.
  public var json: JSONValue {
    .object([
      "run": .text(run), "folder": .text(folder), "pictures": .number(Double(count)), "protocol": .text(protocolLine),
      "accuracy": .number(accuracy), "accuracyOfFive": accuracyOfFive.map { JSONValue.number($0) } ?? .null,
      "balancedAccuracy": .number(balancedAccuracy),
      "classes": .list(
        zip(classes, classAccuracies).map {
          .object(["name": .text($0), "accuracy": $1.map { JSONValue.number($0) } ?? .null])
        }),
    ])
  }
}
