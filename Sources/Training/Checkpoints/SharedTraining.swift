import Autograd
import Diagnostics
import Foundation
import Interchange
import Kernels
import Layers
import Teams

/// What rank 0 of a team gives the others, so that all go on from the same numbers, and the check that they do.
package struct SharedTraining {
  /// Everything but the tensors.
  private struct Record: Codable {
    let progress: TrainingProgress?
    let streams: [String: RandomStream]
    let numbers: [String: Double]
    let updates: [String: Int]
    let step: Int
  }

  private static let (key, moments) = ("training", "optimiser.")

  private let optimiser: Optimiser
  private let state: TrainingState
  private let team: Team
  private let places: TensorPlaces

  /// Prepares a training of a team.
  package init(_ model: some Module, optimiser: Optimiser, state: TrainingState, team: Team) {
    (self.optimiser, self.state, self.team) = (optimiser, state, team)
    var places = TensorPlaces()
    places.add(model, prefix: "model.")
    for (name, module) in state.modules { places.add(module, prefix: name + ".") }
    self.places = places
  }

  /// Gives all ranks everything that rank 0 has, as after it has read a checkpoint.
  ///
  /// - Returns: how far rank 0 is.
  func all(_ progress: TrainingProgress) throws(UserError) -> TrainingProgress {
    try share(progress, withMoments: true) ?? progress
  }

  /// The same without what the optimiser keeps, which steps alone change.
  func numbers() throws(UserError) { _ = try share(nil, withMoments: false) }

  private func share(_ progress: TrainingProgress?, withMoments: Bool) throws(UserError) -> TrainingProgress? {
    guard !team.isAlone else { return progress }
    let sent = try team.broadcast(team.isFirst ? encoded(progress, withMoments: withMoments) : Data())
    guard !team.isFirst else { return progress }
    let file = try SafetensorsFile(data: sent, name: "what rank 0 has sent")
    guard let text = file.metadata[Self.key],
      let record = try? JSONDecoder.ofTrainings.decode(Record.self, from: Data(text.utf8))
    else { throw misfit("what rank 0 has sent is not of this program") }
    var (own, moments): ([String: NumericArray], [String: Tensor]) = ([:], [:])
    for (name, array) in file.arrays {
      if name.hasPrefix(Self.moments), let values = array.floats {
        moments[String(name.dropFirst(Self.moments.count))] = Tensor(values, shape: array.shape)
      } else {
        own[name] = array
      }
    }
    places.fill(with: try places.tensors(in: own, of: URL(fileURLWithPath: "rank 0")))
    if withMoments, let name = optimiser.restore(Optimiser.State(moments: moments, updates: record.updates)) {
      throw misfit("the optimiser of rank 0 has not the same \(name)")
    }
    state.streams.positions = record.streams
    state.numbers = record.numbers
    state.step = record.step
    return record.progress
  }

  private func encoded(_ progress: TrainingProgress?, withMoments: Bool) throws(UserError) -> Data {
    var arrays = places.arrays
    let kept = withMoments ? optimiser.state : Optimiser.State()
    for (name, moment) in kept.moments {
      arrays[Self.moments + name] = NumericArray(moment.values, shape: moment.shape)
    }
    let record = Record(
      progress: progress, streams: state.streams.positions, numbers: state.numbers, updates: kept.updates,
      step: state.step)
    guard let text = try? JSONEncoder.ofTrainings.encode(record) else {
      throw misfit("the state of the training cannot be sent")
    }
    return SafetensorsFile(arrays: arrays, metadata: [Self.key: String(decoding: text, as: UTF8.self)]).encoded()
  }

  private func misfit(_ what: String) -> UserError {
    UserError(.data, what, at: Team.host, mend: "put the same program on every host")
  }

  /// Compares parameters, buffers and the optimiser's moments of all ranks.
  ///
  /// - Throws: on every rank, an error that names the host of the first rank whose bits are not those of rank 0.
  package func check() throws(UserError) {
    guard !team.isAlone else { return }
    var digest = SHA256()
    for (name, array) in places.arrays.sorted(by: { $0.key < $1.key }) { digest.update(name, array.floats ?? []) }
    for (name, moment) in optimiser.state.moments.sorted(by: { $0.key < $1.key }) {
      digest.update(name, moment.values)
    }
    guard let other = team.unlike(digest.hexDigest) else { return }
    throw UserError(
      .data, "rank \(other.rank) has other parameters than rank 0", at: other.host,
      mend:
        "use hosts of one kind of processor, and see their memory; the same command goes on from the last checkpoint",
      isOfAllRanks: true)
  }
}

extension SHA256 {
  /// Adds a name and the bits of numbers.
  fileprivate mutating func update(_ name: String, _ values: [Float]) {
    update(name)
    values.withUnsafeBytes { update($0) }
  }
}
