import CSndFile
import Diagnostics
import Foundation

/// Recordings of one channel in the WAV format, read by libsndfile.
public enum WaveFile {
  /// The samples of a recording, in −1…1 where they are stored as whole numbers.
  ///
  /// - Throws: `UserError` where it cannot be read, is cut short, has another rate or several channels, holds a sample
  ///   that is not a number, or lasts over a minute.
  public static func samples(of file: URL, sampleRate: Int) throws(UserError) -> [Float] {
    func fault(_ what: String) -> UserError {
      UserError(.data, what, at: file.path, mend: "fetch the file again")
    }
    // libsndfile takes what there is of a file that was cut short, and guesses at files of other formats.
    if let what = chunkFault(in: try RegularFile.contents(of: file, limit: 1 << 26)) { throw fault(what) }
    var information = SF_INFO()
    guard let handle = sf_open(file.path, Int32(SFM_READ), &information) else {
      throw fault("not a recording that libsndfile can read")
    }
    defer { sf_close(handle) }
    guard information.channels == 1, information.samplerate == Int32(sampleRate) else {
      throw fault("\(information.channels) channels at \(information.samplerate) Hz instead of 1 at \(sampleRate) Hz")
    }
    guard (1...Int64(60 * sampleRate)).contains(information.frames) else {
      throw UserError(.data, "\(information.frames) samples; 1 sample to 60 s can be used", at: file.path)
    }
    var samples = [Float](repeating: 0, count: Int(information.frames))
    guard sf_readf_float(handle, &samples, information.frames) == information.frames else {
      throw fault("the recording is cut short")
    }
    guard samples.allSatisfy(\.isFinite) else { throw fault("a sample is not a number") }
    return samples
  }

  /// What is wrong with the chunks of a RIFF file: each has four letters, its size in four bytes, its content, and a
  /// byte of padding where the size is odd. `nil` where there is one `fmt ` and after it one `data`, both whole.
  static func chunkFault(in data: some ContiguousBytes) -> String? {
    data.withUnsafeBytes { bytes in
      func letters(at offset: Int) -> String { String(decoding: bytes[offset..<offset + 4], as: UTF8.self) }
      func size(at offset: Int) -> Int {
        Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
      }
      guard bytes.count >= 12, letters(at: 0) == "RIFF", letters(at: 8) == "WAVE" else { return "not a WAV file" }
      guard size(at: 4) + 8 <= bytes.count else {
        return "the recording is cut short: \(bytes.count) bytes of \(size(at: 4) + 8)"
      }
      var block: Int?
      var position = 12
      while position + 8 <= bytes.count {
        let (name, size) = (letters(at: position), size(at: position + 4))
        guard position + 8 + size <= bytes.count else { return "the recording is cut short in its chunk '\(name)'" }
        if name == "fmt " {
          guard block == nil, size >= 16 else { return "the description of the samples is damaged" }
          block = Int(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: position + 20, as: UInt16.self)))
        } else if name == "data" {
          guard let block, block > 0, size % block == 0 else { return "the recording ends inside a sample" }
          return nil
        }
        position += 8 + size + size % 2
      }
      return "the recording has no samples"
    }
  }
}
