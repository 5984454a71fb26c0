import Datasets
import Diagnostics
import Foundation
import Kernels
import TextGeneration

/// Search with trained networks: collections of embedded pictures and texts, and queries.
///
/// What was embedded once is taken from the cache, whatever it is called now.
public struct EmbeddingSearch {
  /// The networks.
  public let embedder: any Embedder
  /// What was embedded before.
  public let cache: EmbeddingCache
  /// Told what a user should know while it goes on.
  public let remark: (String) -> Void

  private static let batchSize = 64
  /// The number of pictures from which on a user is told that it takes a while.
  private static let many = 1_000
  /// The least number of items that are embedded between two writings of the cache.
  private static let itemsBetweenSaves = 2_048
  /// The largest file that is read.
  private static let largestFile = 1 << 28
  /// The side of a preview in pixels.
  private static let previewSide = 160

  /// Creates a search.
  public init(_ embedder: any Embedder, cache: EmbeddingCache, remark: @escaping (String) -> Void = { _ in }) {
    self.embedder = embedder
    self.cache = cache
    self.remark = remark
  }

  private var data: SearchableData { embedder.data }

  /// The pictures of the run's own observations.
  public func pictures() throws -> SearchCollection {
    let observations = data.pictured
    let size = data.form.elementCount
    let digests = try observations.map { observation in
      var hash = SHA256()
      hash.update("pixels")
      try data.pixels(of: [observation]).withUnsafeBytes { hash.update($0) }
      return hash.hexDigest
    }
    try embed(digests) { places in
      let pixels = try data.pixels(of: places.map { observations[$0] })
      precondition(pixels.count == places.count * size, "EmbeddingSearch: \(pixels.count) numbers of pictures")
      return (places, try embedder.embed(pictures: pixels, count: places.count))
    }
    let items = observations.map {
      SearchItem(source: .observation($0), name: data.identifier(of: $0), words: data.words(for: $0))
    }
    return collection("pictures of the \(data.side.name) side of \(data.name)", zip(items, digests))
  }

  /// The pictures of a folder; those that cannot be read are left out and told.
  ///
  /// - Throws: `UserError` where no picture is left.
  public func pictures(in folder: PictureFolder, path: String) throws -> SearchCollection {
    var faults = [UserError?](repeating: nil, count: folder.files.count)
    var digests = [String](repeating: "", count: folder.files.count)
    digests.withUnsafeMutableBufferPointer { digests in
      faults.withUnsafeMutableBufferPointer { faults in
        nonisolated(unsafe) let (digests, faults) = (digests, faults)
        Parallel.run(count: folder.files.count) { part in
          for index in part {
            do throws(UserError) {
              digests[index] = Self.digest(of: try Self.contents(of: folder.files[index]))
            } catch {
              faults[index] = error
            }
          }
        }
      }
    }
    let readable = folder.files.indices.filter { faults[$0] == nil }
    try embed(readable.map { digests[$0] }) { places in
      let found = Self.decode(places.map { folder.files[readable[$0]] }, form: data.form)
      var (good, pixels): ([Int], [Float]) = ([], [])
      for (place, result) in zip(places, found) {
        switch result {
        case .success(let values):
          good.append(place)
          pixels += values
        case .failure(let fault): faults[readable[place]] = fault
        }
      }
      guard !good.isEmpty else { return ([], Matrix(rows: 0, columns: 0)) }
      return (good, try embedder.embed(pictures: pixels, count: good.count))
    }
    // Of several equal files that are damaged only the first was tried.
    let shown = readable.filter { cache.knows(digests[$0]) }
    let bad = folder.files.count - shown.count
    if bad > 0, let first = faults.lazy.compactMap({ $0 }).first {
      guard !shown.isEmpty else { throw first }
      remark("\(bad) of \(folder.files.count) files cannot be read and are left out, the first: \(first)")
    }
    let items = shown.map { SearchItem(source: .file(folder.files[$0]), name: folder.names[$0], words: "") }
    return collection("pictures in \(path)", zip(items, shown.map { digests[$0] }))
  }

  /// The different texts of the run's own observations, in one modality of captions or in all.
  public func texts(language: String? = nil) throws -> SearchCollection {
    let captions = try language.map { [try data.caption(named: $0)] } ?? data.captions
    var items: [SearchItem] = []
    var digests: [String] = []
    for caption in captions {
      let all = (0..<data.side.count).map { data.text(caption.name, of: $0) }.filter { !$0.isEmpty }
      var seen: Set<String> = []
      let texts = all.filter { seen.insert(TextIdentity.canonical($0)).inserted }
      items += texts.map { SearchItem(source: .text(caption: caption.name), name: caption.name, words: $0) }
      digests += try embed(texts: texts, caption: caption.name)
    }
    return collection("texts of the \(data.side.name) side of \(data.name)", zip(items, digests))
  }

  /// The embeddings of texts, `[texts, dimension]`.
  public func vectors(of queries: [TextQuery]) throws -> Matrix {
    var digests = [String](repeating: "", count: queries.count)
    for (caption, places) in Dictionary(grouping: queries.indices, by: { queries[$0].caption.name }) {
      let found = try embed(texts: places.map { queries[$0].text }, caption: caption)
      for (place, digest) in zip(places, found) { digests[place] = digest }
    }
    return matrix(digests)
  }

  /// The embeddings of picture files, `[files, dimension]`.
  ///
  /// - Throws: `UserError` where one cannot be read.
  public func vectors(ofPictures files: [URL]) throws -> Matrix {
    let digests = try files.map { Self.digest(of: try Self.contents(of: $0)) }
    try embed(digests) { places in
      let pixels = try Self.decode(places.map { files[$0] }, form: data.form).flatMap { try $0.get() }
      return (places, try embedder.embed(pictures: pixels, count: places.count))
    }
    return matrix(digests)
  }

  /// The captions that are written for picture files; `nil` where the networks write none of the modality.
  ///
  /// - Throws: `UserError` where a file cannot be read.
  public func captions(
    forPictures files: [URL], modality: String, options: DecodingOptions
  ) throws -> [[PictureCaption]]? {
    let pixels = try Self.decode(files, form: data.form).flatMap { try $0.get() }
    return try embedder.captions(forPictures: pixels, modality: modality, options: options)
  }

  /// The answers to a question about picture files; `nil` where the networks answer nothing.
  ///
  /// - Throws: `UserError` where a file cannot be read.
  public func answers(
    to question: String, aboutPictures files: [URL], options: DecodingOptions
  ) throws -> [PictureAnswer]? {
    let pixels = try Self.decode(files, form: data.form).flatMap { try $0.get() }
    return try embedder.answers(to: question, aboutPictures: pixels, count: files.count, options: options)
  }

  /// A small PNG of a picture, for a page; `nil` for a text, or where the file has gone.
  public func preview(of item: SearchItem) -> Data? {
    switch item.source {
    case .text: return nil
    case .file(let url): return preview(of: url)
    case .observation(let index):
      guard let numbers = try? data.pixels(of: [index]) else { return nil }
      let pixels = numbers.map { UInt8(min(255, max(0, ($0 * 255).rounded()))) }
      let form = data.form
      return try? PNGFile(width: form.width, height: form.height, channels: form.channels, pixels: pixels).encoded()
    }
  }

  /// A small PNG of a picture's file.
  public func preview(of file: URL) -> Data? {
    let side = Self.previewSide
    guard let bytes = try? Self.contents(of: file),
      let image = try? ImageFile([UInt8](bytes), place: file.path, atLeast: side)
    else { return nil }
    return try? PNGFile(width: side, height: side, pixels: ImageResize(side: side, fit: .pad)(image)).encoded()
  }

  private func embed(texts: [String], caption: String) throws -> [String] {
    let digests = texts.map { text in
      var hash = SHA256()
      for part in ["text", caption, text] { hash.update(part) }
      return hash.hexDigest
    }
    try embed(digests) { places in (places, try embedder.embed(texts: places.map { texts[$0] }, caption: caption)) }
    return digests
  }

  /// Embeds what the cache does not know, each content once.
  ///
  /// - Parameter compute: embeds some of the contents, by their places; gives the places of those that it could embed.
  private func embed(_ digests: [String], compute: (_ places: [Int]) throws -> (places: [Int], vectors: Matrix)) throws
  {
    var seen: Set<String> = []
    let missing = digests.indices.filter { !cache.knows(digests[$0]) && seen.insert(digests[$0]).inserted }
    seen = []
    var (saved, hasRoom) = (cache.count, false)
    if missing.count >= Self.many { remark("\(missing.count) items are embedded; the next time they are known") }
    for start in stride(from: 0, to: missing.count, by: Self.batchSize) {
      let (places, vectors) = try compute(Array(missing[start..<min(start + Self.batchSize, missing.count)]))
      precondition(vectors.rows == places.count, "Embedder: \(vectors.rows) embeddings of \(places.count) items")
      let normal = vectors.normalisingRows()
      if !hasRoom, !places.isEmpty {
        cache.reserve(missing.count, width: normal.columns)
        hasRoom = true
      }
      for (row, place) in places.enumerated() { cache.keep(normal[row: row], as: digests[place]) }
      // What was stopped should not begin from nothing, nor all be written a thousand times.
      if cache.count - saved >= max(Self.itemsBetweenSaves, saved / 4) {
        _ = cache.save()
        saved = cache.count
      }
    }
    if let note = cache.save() { remark(note) }
  }

  private func matrix(_ digests: [String]) -> Matrix {
    var (rows, values) = (0, [Float]())
    for digest in digests {
      guard let vector = cache[digest] else { continue }
      if rows == 0 { values.reserveCapacity(digests.count * vector.count) }
      values += vector
      rows += 1
    }
    return Matrix(rows: rows, columns: rows > 0 ? values.count / rows : 0, values: values)
  }

  private func collection(_ title: String, _ items: some Sequence<(SearchItem, String)>) -> SearchCollection {
    let known = items.filter { cache.knows($0.1) }
    return SearchCollection(title: "\(known.count) \(title)", items: known.map(\.0), vectors: matrix(known.map(\.1)))
  }

  private static func contents(of file: URL) throws(UserError) -> Data {
    try RegularFile.contents(of: file, limit: largestFile, place: file.relativePath)
  }

  private static func digest(of file: Data) -> String {
    var hash = SHA256()
    hash.update("file")
    file.withUnsafeBytes { hash.update($0) }
    return hash.hexDigest
  }

  /// Decodes files on all threads.
  private static func decode(_ files: [URL], form: PictureForm) -> [Result<[Float], UserError>] {
    var results = [Result<[Float], UserError>](repeating: .success([]), count: files.count)
    results.withUnsafeMutableBufferPointer { results in
      nonisolated(unsafe) let results = results
      Parallel.run(count: files.count) { part in
        for index in part {
          results[index] = Result { () throws(UserError) in
            let bytes = [UInt8](try contents(of: files[index]))
            return try form.pixels(of: bytes, place: files[index].relativePath)
          }
        }
      }
    }
    return results
  }
}
