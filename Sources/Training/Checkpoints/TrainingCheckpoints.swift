import Autograd
import Diagnostics
import Foundation
import Interchange
import Kernels
import Layers

/// Saves a training now and then, and takes it up again.
///
/// A checkpoint is one safetensors file that holds everything: it is written under another name, flushed and renamed, so
/// that the one before stays until the new one is whole. Arrays are `model.`, `optimiser.` and the names of further
/// modules, each before the tensor's path; all else is JSON in the metadata.
package final class TrainingCheckpoints {
  /// What must be the same for a training to go on.
  struct Identity: Codable, Equatable {
    let observations: Int
    let totalSteps: Int
    let data: String
  }

  /// Everything but the tensors.
  struct Record: Codable {
    let version: Int
    let identity: Identity
    let progress: TrainingProgress
    let streams: [String: RandomStream]
    let numbers: [String: Double]
    let updates: [String: Int]
    let mark: Int?
  }

  /// When a checkpoint is asked for.
  enum Moment {
    /// After a step: it is written where the interval has passed.
    case step
    /// At the end of a pass: it is written unless writing would take much of the time.
    case epoch
    /// Before the process may end.
    case last
  }

  private static let version = 1
  private static let key = "training"
  private static let suffix = "-state.safetensors"

  private let url: URL
  private let seconds: Double
  private let state: TrainingState
  private let optimiser: Optimiser
  private let identity: Identity
  private let events: any EventSink
  private let stopwatch: Stopwatch
  private let places: TensorPlaces
  private var saved: TrainingProgress?
  private var lastSaved = ContinuousClock.now
  private var cost = 0.0

  /// Prepares checkpoints of a training.
  ///
  /// - Parameters:
  ///   - url: the file, by ``url(of:in:)``.
  ///   - seconds: the greatest time between two checkpoints; 0 for one after each step.
  init(
    _ model: some Module, optimiser: Optimiser, state: TrainingState, identity: Identity, url: URL, seconds: Double,
    events: any EventSink, stopwatch: Stopwatch
  ) {
    self.url = url
    self.seconds = seconds
    self.state = state
    self.optimiser = optimiser
    self.identity = identity
    self.events = events
    self.stopwatch = stopwatch
    var places = TensorPlaces()
    places.add(model, prefix: "model.")
    for (name, module) in state.modules { places.add(module, prefix: name + ".") }
    self.places = places
  }

  /// The file of a training in a seed's folder.
  package static func url(of training: String, in folder: URL) -> URL {
    folder.appendingPathComponent(training + suffix)
  }

  /// Removes the files of all trainings in a seed's folder, once the seed is done.
  package static func removeFiles(in folder: URL) {
    for file in files(in: folder) { unlink(file.path) }
  }

  /// The files of all trainings in a seed's folder.
  private static func files(in folder: URL) -> [URL] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { $0.hasSuffix(suffix) }.sorted().map { folder.appendingPathComponent($0) }
  }

  /// How much of the events' record the newest checkpoint in a seed's folder goes with; 0 where there is none.
  package static func mark(in folder: URL) throws(UserError) -> Int {
    var mark = 0
    for file in files(in: folder) {
      mark = max(mark, try record(of: SafetensorsFile(readingFrom: file), at: file).mark ?? 0)
    }
    return mark
  }

  /// Takes up the training where it was saved; `nil` where it was not, and nothing is changed then.
  ///
  /// - Throws: where the checkpoint is damaged or of another training; nothing is changed then.
  func restore() throws(UserError) -> TrainingProgress? {
    guard FileManager.default.fileExists(atPath: url.path) else { return nil }
    let file = try SafetensorsFile(readingFrom: url)
    let record = try Self.record(of: file, at: url)
    guard record.identity == identity else {
      let same = record.identity.observations == identity.observations && record.identity.data == identity.data
      throw UserError(
        .data, "was written for \(same ? "another number of steps" : "other data")", at: url.path,
        mend: "put the old one back, or start another run with --fresh")
    }
    var moments: [String: Tensor] = [:]
    var others: [String: NumericArray] = [:]
    for (name, array) in file.arrays {
      if name.hasPrefix("optimiser."), let values = array.floats {
        moments[String(name.dropFirst("optimiser.".count))] = Tensor(values, shape: array.shape)
      } else {
        others[name] = array
      }
    }
    let tensors = try places.tensors(in: others, of: url)
    if let misfit = optimiser.restore(Optimiser.State(moments: moments, updates: record.updates)) {
      throw UserError(
        .data, "optimiser.\(misfit) is missing, left over or of another shape", at: url.path,
        mend: "it belongs to another model")
    }
    places.fill(with: tensors)
    state.streams.positions = record.streams
    state.numbers = record.numbers
    state.step = record.progress.step
    // Progress is told; the record, which goes on behind the mark, is the same as without a stop.
    try events.receive(.note("goes on from step \(record.progress.step) of \(identity.totalSteps)"))
    if let mark = record.mark { try events.resume(at: mark) }
    saved = record.progress
    return record.progress
  }

  /// Saves the training where it is time to.
  ///
  /// - Throws: where the file cannot be written; the one before is still there then.
  func save(_ progress: TrainingProgress, at moment: Moment) throws(UserError) {
    let elapsed = (ContinuousClock.now - lastSaved).seconds
    let isDue =
      switch moment {
      case .step: elapsed >= seconds
      // However short the epochs are, at most a tenth of the time goes into checkpoints.
      case .epoch: elapsed >= min(seconds, 10 * cost)
      case .last: true
      }
    guard isDue, progress.step > 0, saved.map({ !$0.isAt(progress) }) ?? true else { return }
    try stopwatch.measure("checkpoints") { () throws(UserError) in try write(progress) }
  }

  private func write(_ progress: TrainingProgress) throws(UserError) {
    let began = ContinuousClock.now
    let optimiserState = optimiser.state
    var arrays = places.arrays
    for (name, moment) in optimiserState.moments {
      arrays["optimiser." + name] = NumericArray(moment.values, shape: moment.shape)
    }
    let record = Record(
      version: Self.version, identity: identity, progress: progress, streams: state.streams.positions,
      numbers: state.numbers,
      updates: optimiserState.updates, mark: try events.mark())
    try SafetensorsFile(arrays: arrays, metadata: [Self.key: Self.text(of: record, at: url)]).write(to: url)
    saved = progress
    lastSaved = .now
    cost = (lastSaved - began).seconds
  }

  private static func text(of record: Record, at url: URL) throws(UserError) -> String {
    do {
      return String(decoding: try JSONEncoder.ofTrainings.encode(record), as: UTF8.self)
    } catch {
      throw UserError(.data, "the state of the training cannot be written: \(error)", at: url.path)
    }
  }

  private static func record(of file: SafetensorsFile, at url: URL) throws(UserError) -> Record {
    guard let text = file.metadata[key],
      let record = try? JSONDecoder.ofTrainings.decode(Record.self, from: Data(text.utf8)),
      record.version == version, record.progress.isSensible, (record.mark ?? 0) >= 0
    else {
      throw UserError(
        .data, "is no checkpoint of a training that this version can read", at: url.path,
        mend: "start another run with --fresh")
    }
    return record
  }
}

extension JSONEncoder {
  /// Writes the state of trainings.
  static var ofTrainings: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "∞", negativeInfinity: "-∞", nan: "NaN")
    return encoder
  }
}

extension JSONDecoder {
  /// Reads the state of trainings.
  static var ofTrainings: JSONDecoder {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "∞", negativeInfinity: "-∞", nan: "NaN")
    return decoder
  }
}

extension TrainingProgress {
  /// Whether the numbers can be those of a training.
  fileprivate var isSensible: Bool { step >= 0 && epoch >= 1 && batch >= 0 && batch <= step && epochSeconds >= 0 }
}
