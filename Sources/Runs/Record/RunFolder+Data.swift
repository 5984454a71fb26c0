import Diagnostics
import Foundation

/// Which data a run is of.
extension RunFolder {
  /// Whether the run is of some data; true where nobody knows better.
  package func isOf(_ data: DataIdentity?, manifest: Manifest) -> Bool {
    guard let data else { return true }
    let known = checksums(manifest)
    return known.isEmpty || known == data.checksums
  }

  /// The checksums of the data that it learns from: of the manifest, else of a seed that is done.
  private func checksums(_ manifest: Manifest) -> [String: String] {
    guard manifest.datasetChecksums.isEmpty else { return manifest.datasetChecksums }
    return manifest.seeds.lazy.compactMap { try? readSeedResult($0).datasetChecksums }.first { !$0.isEmpty } ?? [:]
  }

  /// How the data that there are now differ from those that the run is of.
  package func changes(to data: DataIdentity) -> [String] {
    var known = (try? readManifest()).map(checksums) ?? [:]
    let checksum = known.removeValue(forKey: data.name) ?? ""
    return data.changes(since: readData() ?? DataIdentity(name: data.name, checksum: checksum, origins: known))
  }

  /// What its data were in parts; nil where that was not kept.
  package func readData() -> DataIdentity? {
    guard let bytes = try? RegularFile.contents(of: dataIdentity) else { return nil }
    return try? JSONDecoder().decode(DataIdentity.self, from: bytes)
  }
}
