import Diagnostics
import Dispatch
import Foundation

/// The published files of the digits data set under one data root.
struct DigitsFiles {
  let root: URL

  static let sources = [
    DatasetProvenance.Source(
      name: "MNIST (LeCun, Cortes, Burges)",
      publisher: "the MNIST page as IDX files, and as PNG by GitHub rasbt/mnist-pngs",
      licence: "usually cited as CC BY-SA 3.0; the PNG repository is MIT"),
    DatasetProvenance.Source(
      name: "Free Spoken Digit Dataset", publisher: "GitHub Jakobovski/free-spoken-digit-dataset",
      licence: "CC BY-SA 4.0"),
    DatasetProvenance.Source(
      name: "Pen-Based Recognition of Handwritten Digits, raw strokes (Alpaydin, Alimoglu 1998)",
      publisher: "UCI data set 81; GitHub choucavalier/pendigits-hmm, data/pendigits-train and data/pendigits-test",
      licence: "listed by UCI as CC BY 4.0"),
  ]

  /// Reads and prepares all items.
  ///
  /// - Returns: the pools and the checksum of the sources' content.
  func pools() throws(UserError) -> (pools: [DigitPool], checksum: String) {
    // What is missing is told before anything is read.
    let (images, pens, recordings) = try located()

    // MNIST is inflated on one core while the recordings are transformed on the others.
    nonisolated(unsafe) var mnist: Result<(DigitPool, String), UserError>?
    nonisolated(unsafe) var others: Result<([DigitPool], String), UserError>?
    DispatchQueue.concurrentPerform(iterations: 2) { task in
      if task == 0 {
        mnist = Result { () throws(UserError) in try MNISTFile.pool(images) }
      } else {
        others = Result { () throws(UserError) in
          let (sound, soundSum) = try SpokenDigits.pool(recordings)
          let (pen, penSum) = try PenDigits.pool(train: pens[0], test: pens[1])
          return ([sound, pen], soundSum + penSum)
        }
      }
    }
    let (image, imageSum) = try mnist!.get()
    let (rest, restSum) = try others!.get()
    var hash = SHA256()
    hash.update(imageSum + restSum)
    return ([image] + rest, hash.hexDigest)
  }

  /// Where each file is: MNIST's four, the pen strokes for training and test, and the recordings.
  ///
  /// - Throws: a `UserError` that names the first that is missing.
  func located() throws(UserError) -> (images: [(MNISTFile, URL)], pens: [URL], recordings: [URL]) {
    let images = try [
      MNISTFile.trainImages, .trainLabels, .testImages, .testLabels,
    ].map { file throws(UserError) in (file, try locate([file.name + ".gz", file.name], in: "digits-mnist", 0)) }
    let pens = try [("tra", "train"), ("tes", "test")].map { suffix, name throws(UserError) in
      try locate(
        ["pendigits-orig.\(suffix).unipen.gz", "pendigits-orig.\(suffix).unipen", "pendigits-\(name)"],
        in: "digits-pendigits", 2)
    }
    let recordings = try SpokenDigits.names.map { name throws(UserError) in
      try locate([name + ".wav"], in: "digits-fsdd/recordings", 1)
    }
    return (images, pens, recordings)
  }

  private func locate(_ names: [String], in folder: String, _ source: Int) throws(UserError) -> URL {
    for name in names {
      let file = root.appendingPathComponent(folder).appendingPathComponent(name)
      if FileManager.default.fileExists(atPath: file.path) { return file }
    }
    let published = Self.sources[source]
    throw UserError(
      .data, "\(folder)/\(names[0]) of \(published.name) is missing under the data root \(root.path)",
      at: "digits",
      mend: "published: \(published.publisher); name the data root by --data-root or CONCORD_DATA")
  }
}

/// One of MNIST's four files, with the SHA-256 digest of its uncompressed content.
enum MNISTFile: String {
  case trainImages = "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"
  case trainLabels = "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"
  case testImages = "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"
  case testLabels = "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"

  var name: String {
    switch self {
    case .trainImages: "train-images-idx3-ubyte"
    case .trainLabels: "train-labels-idx1-ubyte"
    case .testImages: "t10k-images-idx3-ubyte"
    case .testLabels: "t10k-labels-idx1-ubyte"
    }
  }

  /// Reads the four files, checks them and makes the pool of images.
  static func pool(_ files: [(MNISTFile, URL)]) throws(UserError) -> (DigitPool, String) {
    var arrays: [IDXFile] = []
    for (file, url) in files {
      let bytes = try DataFile.contents(of: url)
      guard SHA256.hexDigest(of: bytes) == file.rawValue else {
        throw UserError(
          .data, "the content is not that of MNIST's \(file.name) (SHA-256 \(file.rawValue.prefix(12))…)",
          at: url.path, mend: "fetch the file again")
      }
      arrays.append(try IDXFile(contents: bytes, place: url.path))
    }
    let (training, test) = (arrays[0], arrays[2])
    let trainingCount = training.shape[0]
    let pool = DigitPool(
      modality: Modality(name: "image", kind: .image(height: 28, width: 28, channels: 1)),
      classes: Array(arrays[1].values) + Array(arrays[3].values), trainingCount: trainingCount,
      write: { item, target in
        let array = item < trainingCount ? training : test
        let start = array.offset + (item < trainingCount ? item : item - trainingCount) * 784
        for i in 0..<784 { (target + i).initialize(to: Float(array.bytes[start + i]) / 255) }
      },
      identifier: { $0 < trainingCount ? "mnist-train-\($0)" : "mnist-test-\($0 - trainingCount)" })
    return (pool, files.map(\.0.rawValue).joined())
  }
}

/// The recordings of the Free Spoken Digit Dataset.
enum SpokenDigits {
  /// Takes 0 to 4 are the test items.
  static let testTakes = 5
  private static let speakers = ["george", "jackson", "lucas", "nicolas", "theo", "yweweler"]

  /// The recordings' names, training items first.
  static let names: [String] = [testTakes..<50, 0..<testTakes].flatMap { takes in
    (0..<10).flatMap { digit in
      speakers.flatMap { speaker in takes.map { "\(digit)_\(speaker)_\($0)" } }
    }
  }

  /// Reads and transforms the recordings, and standardises each band with the training items' mean and deviation.
  static func pool(_ files: [URL]) throws(UserError) -> (DigitPool, String) {
    let transform = LogMelSpectrogram()
    let size = transform.frames * transform.bands
    let names = Self.names
    let trainingCount = names.count / 50 * (50 - testTakes)
    var values = [Float](repeating: 0, count: files.count * size)
    var digests = [String](repeating: "", count: files.count)
    var failures = [UserError?](repeating: nil, count: files.count)
    let block = 50
    values.withUnsafeMutableBufferPointer { values in
      digests.withUnsafeMutableBufferPointer { digests in
        failures.withUnsafeMutableBufferPointer { failures in
          nonisolated(unsafe) let (values, digests, failures) = (values, digests, failures)
          DispatchQueue.concurrentPerform(iterations: (files.count + block - 1) / block) { part in
            for item in part * block..<min(files.count, (part + 1) * block) {
              do throws(UserError) {
                let samples = try WaveFile.samples(of: files[item], sampleRate: 8000)
                var hash = SHA256()
                samples.withUnsafeBytes { hash.update($0) }
                digests[item] = hash.hexDigest
                let spectrogram = transform.spectrogram(of: samples)
                for i in 0..<size { values[item * size + i] = spectrogram[i] }
              } catch {
                failures[item] = error
              }
            }
          }
        }
      }
    }
    if let failure = failures.lazy.compactMap({ $0 }).first { throw failure }
    standardise(&values, bands: transform.bands, trainingValues: trainingCount * size)
    let prepared = values
    let pool = DigitPool(
      modality: Modality(name: "sound", kind: .spectrogram(frames: transform.frames, bands: transform.bands)),
      classes: names.map { UInt8($0.utf8.first! - 48) }, trainingCount: trainingCount,
      write: { item, target in
        prepared.withUnsafeBufferPointer { target.initialize(from: $0.baseAddress! + item * size, count: size) }
      },
      identifier: { names[$0] })
    return (pool, digests.joined())
  }

  /// Shifts and scales each band to mean 0 and standard deviation 1 over the first `trainingValues` numbers.
  static func standardise(_ values: inout [Float], bands: Int, trainingValues: Int) {
    precondition(
      trainingValues > 0 && trainingValues % bands == 0 && values.count % bands == 0,
      "SpokenDigits.standardise: \(trainingValues) of \(values.count) values in \(bands) bands")
    var sums = [Double](repeating: 0, count: bands)
    var squares = sums
    for start in stride(from: 0, to: trainingValues, by: bands) {
      for band in 0..<bands {
        let value = Double(values[start + band])
        sums[band] += value
        squares[band] += value * value
      }
    }
    let count = Double(trainingValues / bands)
    let means = sums.map { Float($0 / count) }
    let scales = (0..<bands).map { band in
      let variance = squares[band] / count - (sums[band] / count) * (sums[band] / count)
      return variance > 1e-12 ? Float(1 / variance.squareRoot()) : 1
    }
    for start in stride(from: 0, to: values.count, by: bands) {
      for band in 0..<bands { values[start + band] = (values[start + band] - means[band]) * scales[band] }
    }
  }
}

/// The raw pen strokes of pendigits.
enum PenDigits {
  static let counts = (train: 7494, test: 3498)

  /// Reads and resamples the digits.
  static func pool(train: URL, test: URL) throws(UserError) -> (DigitPool, String) {
    var digits: [PenDigit] = []
    var hash = SHA256()
    for (file, count) in [(train, counts.train), (test, counts.test)] {
      let bytes = try DataFile.contents(of: file)
      bytes.withUnsafeBytes { hash.update($0) }
      let read = try UnipenFile.digits(in: bytes, place: file.path)
      guard read.count == count else {
        throw UserError(.data, "\(read.count) digits instead of \(count)", at: file.path, mend: "fetch the file again")
      }
      digits += read
    }
    let drawn = digits
    let pool = DigitPool(
      modality: Modality(name: "trajectory", kind: .vector(count: 200)), classes: drawn.map { UInt8($0.digit) },
      trainingCount: counts.train,
      write: { item, target in
        for (i, value) in PenTrajectory.resampled(drawn[item].strokes, count: 100).enumerated() {
          (target + i).initialize(to: value)
        }
      },
      identifier: { $0 < counts.train ? "pen-train-\($0)" : "pen-test-\($0 - counts.train)" })
    return (pool, hash.hexDigest)
  }
}
