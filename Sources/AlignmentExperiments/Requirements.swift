import Datasets
import Diagnostics
import Encoders
import Evaluators
import Foundation
import Methods
import Options
import Training

/// What method, encoders, training and evaluation need of the data, checked before any of them begins.
struct Requirements {
  private let settings: AlignmentSettings
  private let data: AlignedData

  init(_ settings: AlignmentSettings, _ data: AlignedData) { (self.settings, self.data) = (settings, data) }

  private var set: String { data.dataset.name }

  /// Checks sizes and needs.
  func check() throws(UserError) {
    let method = settings.method.name.rawValue
    let chosen = settings.method.chosen
    let needs = chosen.needs(of: data) + chosen.needs(of: data, model: settings.model, start: settings.start)
    for need in needs where !need.isMet {
      throw UserError(
        .data, need.message ?? "\(method) needs \(need.what), and \(set) has none", at: need.key ?? "method.name",
        mend: need.mend ?? "take another method")
    }
    try checkFalsePairs()
    try settings.model.check(data.modalities.filter { data.imported?.includes($0) != true })
    if settings.evaluation.options[RetrievalEvaluator.self].match == .label, data.labellings.isEmpty {
      throw UserError(
        .data, "hits by class need classes, and \(set) has none", at: "evaluation.retrieval.match",
        mend: "take observation")
    }
    let selection = settings.evaluation.selection
    if [.neighbours, .linearProbe, .probeAndRetrieval].contains(selection), data.labellings.isEmpty {
      throw UserError(
        .data, "cannot be \(selection.rawValue), since \(set) has no labelling", at: "evaluation.selection",
        mend: "give retrieval or last")
    }
    guard selection == .last || data.count(.validation) > 0 else {
      throw UserError(
        .data, "cannot be \(selection.rawValue), since \(set) has no validation observations",
        at: "evaluation.selection", mend: "give last, or the split a validation side")
    }
    if settings.model.imageEncoder.isResidual, settings.model.normalisationGroups > 1,
      2 * settings.model.normalisationGroups > data.count(.train)
    {
      throw UserError(
        .data, "must leave 2 of the \(data.count(.train)) training observations in every part",
        at: "model.normalisationGroups")
    }
  }

  /// The training observations that have one of the modalities, two that are contrasted where the method is of pairs, or all
  /// where it needs them, and a class where the method learns classes.
  ///
  /// - Returns: the rows of each, of which one is drawn each time where there are several.
  /// - Throws: an error where they, or those of the reported side, are too few for training or for evaluation.
  func usableObservations() throws(UserError) -> [[Int]] {
    let presence = data.presence(.train)
    let options = settings.method.chosen
    try checkCompleteness(of: options.indispensable(in: data))
    let labels = options.trainedLabelling(of: data).flatMap { data.labels($0, of: .train) }
    let pairs = options.contrasted(in: data)
    let rows = (0..<presence.count).filter { row in
      let teaches =
        pairs.isEmpty
        ? (0..<presence.modalityCount).contains { presence[$0, row] }
        : pairs.contains { presence[$0.first, row] && presence[$0.second, row] }
      return teaches && labels.map { $0[row] >= 0 } ?? true
    }
    try checkPairs(pairs)
    let usable = Self.grouped(rows, by: data.dataset.alternatives)
    let batchSize = settings.training.batchSize
    // Fewer than two the trainer refuses itself.
    guard usable.count < 2 || usable.count >= batchSize else {
      throw UserError(
        .data, "\(set) has \(usable.count) training observations, too few for batches of \(batchSize)",
        at: "training.batchSize", mend: "make it at most \(usable.count)")
    }
    for (index, modality) in data.modalities.enumerated() where !presence.isWhole {
      let count = presence.observations(having: [index]).count
      guard count > 1 || usable.count < 2 else {
        throw UserError(
          .data, "\(count == 0 ? "no" : "only one") training observation of \(set) has \(modality.name)",
          mend: "leave it out by data.modalities")
      }
    }
    let side = settings.evaluation.side
    guard data.count(side.ofData) > 0 else {
      throw UserError(
        .data, "\(set) has no \(side.rawValue) observations", at: "evaluation.side",
        mend: "give the split a \(side.rawValue) side, or evaluate the other one")
    }
    try checkClasses()
    try checkOtherPictures()
    return usable
  }

  /// Pairs that people called false are only seen by who knows them.
  private func checkFalsePairs() throws(UserError) {
    guard data.dataset.hasFalsePairs else { return }
    guard type(of: settings.method.chosen).acceptsFalsePairs else {
      throw UserError(
        .data,
        "\(set) has sentences that are false of their picture, which \(settings.method.name.rawValue) would take for pairs",
        at: "method.name", mend: "set data.\(set).statements=onlyTrue, or take vilbert or prefix")
    }
    for evaluator in settings.evaluation.chosen where !type(of: evaluator).knowsFalsePairs {
      throw UserError(
        .data,
        "\(set) has sentences that are false of their picture, which \(type(of: evaluator).key) would take for pairs",
        at: "evaluation.evaluators", mend: "name statements, questions and attention alone")
    }
  }

  /// Each two modalities that are contrasted occur together.
  private func checkPairs(_ pairs: [(first: Int, second: Int)]) throws(UserError) {
    let presence = data.presence(.train)
    for (first, second) in pairs where !presence.isWhole && presence.count > 1 {
      let count = presence.observations(having: [first, second]).count
      guard count > 1 else {
        throw UserError(
          .data,
          "\(count == 0 ? "no" : "only one") training observation of \(set) has both \(data.modalities[first].name) and "
            + "\(data.modalities[second].name), which are contrasted with each other",
          mend: "leave one of them out by data.modalities")
      }
    }
  }

  /// Rows of one number together, in the order of the first.
  private static func grouped(_ rows: [Int], by numbers: [Int]?) -> [[Int]] {
    guard let numbers else { return rows.map { [$0] } }
    var places: [Int: Int] = [:]
    var groups: [[Int]] = []
    for row in rows {
      if let place = places[numbers[row]] {
        groups[place].append(row)
      } else {
        places[numbers[row]] = groups.count
        groups.append([row])
      }
    }
    return groups
  }

  private func checkCompleteness(of places: [Int]) throws(UserError) {
    for side in AlignedData.Side.allCases {
      for place in places {
        let presence = data.presence(side)
        let lacking = presence.count - presence.observations(having: [place]).count
        guard lacking > 0 else { continue }
        throw UserError(
          .data, "\(lacking) \(side.rawValue) observations of \(set) lack \(data.modalities[place].name)",
          at: "data.folder.missing",
          mend: "set data.folder.missing=omitted, or name other modalities")
      }
    }
  }

  /// Pictures by another hand are looked for before the training, not after it.
  private func checkOtherPictures() throws(UserError) {
    guard settings.evaluation.evaluators.contains(ShiftEvaluator.key), data.image != nil else { return }
    let pictures = try settings.evaluation.options[ShiftEvaluator.self].pictures()
    let identifiers = data[settings.evaluation.side.ofData]?.identifiers ?? []
    guard !identifiers.contains(where: { pictures.file(of: $0) != nil }) else { return }
    throw UserError(
      .data, "no picture is named as an observation of \(set)" + (identifiers.first.map { ", such as \($0)" } ?? ""),
      at: "evaluation.shift.folder: \(pictures.folder.path)", mend: "name another folder, or leave the evaluator out")
  }

  /// The classifier on frozen representations needs complete observations of at least two classes.
  private func checkClasses() throws(UserError) {
    guard settings.evaluation.evaluators.contains(MissingModalitiesEvaluator.key), !data.labellings.isEmpty,
      data.count(.train) > 1, data[.train] != nil
    else { return }
    let complete = data.presence(.train).complete
    guard !complete.isEmpty else {
      throw UserError(
        .data,
        "no training observation of \(set) has all of \(data.modalities.map(\.name).joined(separator: ", ")), which the "
          + "classifier learns from", at: "data.modalities", mend: "name modalities that occur together")
    }
    for labelling in data.labellings {
      guard let labels = data.labels(labelling, of: .train) else { continue }
      let classes = Set(complete.map { labels[$0] }.filter { $0 >= 0 })
      guard classes.count < 2 else { continue }
      throw UserError(
        .data,
        "labelling \(labelling) of \(set) has \(classes.count == 1 ? "a single class" : "no class") among complete "
          + "training observations, so there is nothing to tell apart",
        at: "evaluation.labellings", mend: "name another labelling, or remove it from the data set")
    }
  }

  /// What a reader of the scores must know of the data.
  var notes: [String] { incompleteness + texts + folder }

  /// How many observations lack something, where some do.
  private var incompleteness: [String] {
    let names = data.modalities.map(\.name)
    let sides = [AlignedData.Side.train, settings.evaluation.side.ofData]
    guard sides.contains(where: { !data.presence($0).isWhole }) else { return [] }
    let counts = sides.map { side in
      let presence = data.presence(side)
      let each = names.indices.map { "\(names[$0]) \(presence.observations(having: [$0]).count)" }
      return "\(side.rawValue): \(presence.complete.count) of \(presence.count) complete, "
        + each.joined(separator: ", ")
    }
    return [
      "Not every observation has every modality (\(counts.joined(separator: "; "))).",
      "In training a modality is contrasted on the observations that have it, and the joint encoder sees zeros for what "
        + "is missing; an observation is scored only for subsets and pairs of modalities that it has.",
    ]
  }

  /// What becomes of texts as tokens, and what is lost.
  private var texts: [String] {
    let sides = [AlignedData.Side.train, settings.evaluation.side.ofData].map(\.rawValue)
    return data.vocabulary.captions.flatMap { caption -> [String] in
      if let reader = caption.reader {
        return [
          "Texts of \(caption.name) are read by the imported model's tokeniser, at most \(reader.length) tokens each, and "
            + "are not changed at random."
        ]
      }
      guard let statistics = data.dataset.textStatistics(of: caption.name) else { return [] }
      return sides.flatMap { side -> [String] in
        guard let own = statistics[side] else { return [] }
        let remarks = own.remarks(on: caption.name, side: side, length: caption.length)
        return ["Texts of \(caption.name), \(side) side: \(own)."] + remarks.map { "Texts: \($0)." }
      }
    }
  }

  /// What was left out of a folder of one's own, and what else its reading found.
  private var folder: [String] {
    guard [FolderSource.key, ShardSource.key].contains(settings.data.set.rawValue) else { return [] }
    let name = settings.data.set.rawValue
    let left = data.dataset.provenance.omissions.map { "Left out of the \(name): \($0.count) \($0.reason)." }
    return left + data.dataset.provenance.notes.map { "\(name.prefix(1).uppercased() + name.dropFirst()): \($0)." }
  }
}
