import Diagnostics
import Foundation
import Recipes
import StrictYAML

/// Decides whether finished runs are what the program of now would compute.
///
/// A run of the same recipe is valid where data, threads and the versions of the libraries that compute are the same, and
///
/// 1. the program is: the same build, or the same commit without changes, on whatever kind of processor; or
/// 2. on the same kind of processor the fingerprint is the same, whatever commit it is; or
/// 3. on another kind: a fingerprint is known that the run's program had on this kind, and it is the present one; or what this
///    program computes here is known already, and it is what the run's program computed there, bit for bit.
///
/// Where such a fingerprint differs the run is out of date. Where there is none to compare, as on another kind of
/// processor without a common commit, it is not comparable: it is kept unless the user wants what is sure.
public final class ValidityJudge {
  private let machine: Machine
  private let versions: [String: String]
  private let catalogue: RecipeCatalogue
  private let identities: DataIdentities
  private let source: (any FingerprintSource)?
  private var ledger: FingerprintLedger
  private var present: [String: Fingerprint?] = [:]
  /// Whether what is not comparable counts as out of date.
  public let isStrict: Bool
  /// Told of each fingerprint before it is computed.
  public var willCompute: (Recipe) -> Void = { _ in }

  /// Judges by this program on this machine.
  ///
  /// - Parameters:
  ///   - runs: the folder of runs, where fingerprints are kept; only in memory where it is nil.
  ///   - source: computes fingerprints; without one only the same program is sure.
  public init(
    machine: Machine, versions: [String: String], catalogue: RecipeCatalogue, identities: DataIdentities,
    runs: URL? = nil, source: (any FingerprintSource)? = nil, isStrict: Bool = false
  ) {
    (self.machine, self.versions, self.catalogue, self.identities) = (machine, versions, catalogue, identities)
    (self.source, self.isStrict) = (source, isStrict)
    ledger = FingerprintLedger(in: runs)
  }

  /// How this program computes a recipe, with its fingerprint.
  ///
  /// - Parameter data: the checksum of the data.
  public func computation(of recipe: Recipe, threads: Int, data: String?, dataRoot: String?) -> Computation {
    var entry = entry(of: recipe, threads: threads, data: data)
    entry.computation.fingerprint = fingerprint(of: recipe, as: entry, dataRoot: dataRoot)
    return entry.computation
  }

  /// Remembers what a finished run says of its program.
  public func remember(_ manifest: Manifest) {
    if let entry = Self.entry(of: manifest) { ledger.remember(entry) }
  }

  /// Judges a run of a recipe that has finished.
  ///
  /// - Parameters:
  ///   - recipe: the recipe, which is that of the run but for its name.
  ///   - data: what its data are now; nil where that is not known.
  ///   - dataRoot: the folder of downloaded data that the user named.
  public func validity(
    of folder: RunFolder, _ manifest: Manifest, recipe: Recipe, data: DataIdentity?, dataRoot: String?
  ) -> Validity {
    guard folder.isOf(data, manifest: manifest) else {
      let changes = data.map { folder.changes(to: $0) } ?? []
      return .outOfDate("it is of other data: \(changes.joined(separator: "; "))")
    }
    // The hash does not know the experiment's own values, which may have been others by another commit.
    if !isOfSameCommit(manifest), let change = (try? RecordedRecipe(of: folder))?.firstChange(to: recipe) {
      return .outOfDate("\(change.path) is \(change.now.yaml) now, not \(change.then.yaml)")
    }
    let verdict = judge(manifest, recipe: recipe, data: data?.digest, dataRoot: dataRoot)
    guard isStrict, case .notComparable(let reason) = verdict else { return verdict }
    return .outOfDate(reason)
  }

  /// Judges whether a finished run may stand for what would be computed here with some threads, and be taken over: as
  /// ``validity(of:_:recipe:data:dataRoot:)`` does, and out of date where it has other threads, or is not comparable and has no
  /// fingerprint either. One with a fingerprint is kept across kinds of processors, unless the judge is strict.
  public func adoption(
    of folder: RunFolder, _ manifest: Manifest, recipe: Recipe, threads: Int, data: DataIdentity?, dataRoot: String?
  ) -> Validity {
    guard manifest.threads == threads else {
      return .outOfDate("it has \(manifest.threads) \(manifest.threads == 1 ? "thread" : "threads"), not \(threads)")
    }
    let verdict = validity(of: folder, manifest, recipe: recipe, data: data, dataRoot: dataRoot)
    guard case .notComparable(let reason) = verdict, manifest.computation?.fingerprint == nil else { return verdict }
    return .outOfDate(reason)
  }

  private func isOfSameCommit(_ manifest: Manifest) -> Bool {
    manifest.commit.map { $0.isClean && $0 == machine.commit } ?? false
  }

  private func judge(_ manifest: Manifest, recipe: Recipe, data: String?, dataRoot: String?) -> Validity {
    var now = entry(of: recipe, threads: manifest.threads, data: data)
    let libraries = manifest.computation?.libraries ?? Computation.libraries(manifest.versions)
    let names = Set(libraries.keys).union(now.computation.libraries.keys).sorted()
    if let name = names.first(where: { libraries[$0] != now.computation.libraries[$0] }) {
      return .outOfDate(
        "\(name) is \(now.computation.libraries[name] ?? "not there"), not \(libraries[name] ?? "absent")")
    }
    let changes = Set(manifest.resumptions?.flatMap(\.changes) ?? []).intersection(Self.decisive(manifest))
    if let change = changes.sorted().first { return .notComparable("it went on with another \(change)") }
    if isOfSameCommit(manifest) { return .valid }
    guard let before = Self.entry(of: manifest) else {
      return .notComparable("it was made by another commit, before fingerprints were kept")
    }
    if before.isOfSameCode(as: now) { return .valid }
    guard before.computation.fingerprint != nil else {
      return .notComparable("it was made by another commit, without a fingerprint")
    }
    let isSameKind = before.computation.kind == now.computation.kind
    let witness =
      isSameKind
      ? before
      : ledger.entries(of: now.computation.configuration).first {
        $0.isComparable(with: now) && $0.computation.kind == now.computation.kind && $0.isOfSameCode(as: before)
      }
    guard let witness else {
      if let own = knownFingerprint(as: now), own == before.computation.fingerprint { return .valid }
      return .notComparable("it was made on another kind of processor, so that its code cannot be compared")
    }
    now.computation.fingerprint = fingerprint(of: recipe, as: now, dataRoot: dataRoot)
    guard let known = witness.computation.fingerprint, let own = now.computation.fingerprint else {
      return .notComparable("what this program computes for it is not known")
    }
    return own.change(since: known).map { .outOfDate($0) } ?? .valid
  }

  /// What of a resumption's changes decides the bits.
  private static func decisive(_ manifest: Manifest) -> Set<String> {
    // Of a run with a fingerprint a program of another one would not have gone on.
    let code = manifest.computation?.fingerprint == nil ? ["commit"] : []
    return Set(code + ["processor", "OpenBLAS", "OpenBLAS core", "OpenBLAS threads", "oneDNN", "bfloat16"])
  }

  private func entry(of recipe: Recipe, threads: Int, data: String?) -> FingerprintLedger.Entry {
    FingerprintLedger.Entry(
      computation: Computation(of: recipe, machine: machine, versions: versions), threads: threads, data: data,
      commit: machine.commit.flatMap { $0.isClean ? $0.hash : nil })
  }

  private static func entry(of manifest: Manifest) -> FingerprintLedger.Entry? {
    manifest.computation.map { computation in
      FingerprintLedger.Entry(
        computation: computation, threads: manifest.threads,
        data: DataIdentity.digest(of: manifest.datasetChecksums),
        commit: manifest.commit.flatMap { $0.isClean ? $0.hash : nil })
    }
  }

  private static func key(of entry: FingerprintLedger.Entry) -> String {
    [entry.computation.configuration, "\(entry.threads)", entry.data ?? ""].joined(separator: " ")
  }

  /// What this program computes for a recipe, where that is known in this process or kept beside the runs.
  private func knownFingerprint(as entry: FingerprintLedger.Entry) -> Fingerprint? {
    if let known = present[Self.key(of: entry)] { return known }
    return ledger.entries(of: entry.computation.configuration).first {
      $0.isComparable(with: entry) && $0.computation.kind == entry.computation.kind && $0.isOfSameCode(as: entry)
    }?.computation.fingerprint
  }

  /// What this program computes for a recipe: known in this process, kept beside the runs, or computed now.
  private func fingerprint(of recipe: Recipe, as entry: FingerprintLedger.Entry, dataRoot: String?) -> Fingerprint? {
    let key = Self.key(of: entry)
    if let known = present[key] { return known }
    var fingerprint = knownFingerprint(as: entry)
    if fingerprint == nil, let source {
      willCompute(recipe)
      fingerprint = source.fingerprint(of: recipe, threads: entry.threads, dataRoot: dataRoot)
      var own = entry
      own.computation.fingerprint = fingerprint
      ledger.keep(own)
    }
    present[key] = .some(fingerprint)
    return fingerprint
  }
}
