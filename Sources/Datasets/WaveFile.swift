import CSndFile
import Diagnostics
import Foundation

/// Recordings of one channel, read by libsndfile.
public enum WaveFile {
  /// The samples of a recording, in −1…1.
  ///
  /// - Throws: `UserError` where it cannot be read, has another rate or several channels, or lasts over a minute.
  public static func samples(of file: URL, sampleRate: Int) throws(UserError) -> [Float] {
    var information = SF_INFO()
    guard let handle = sf_open(file.path, Int32(SFM_READ), &information) else {
      throw UserError(.data, "not a recording that libsndfile can read", at: file.path, mend: "fetch the file again")
    }
    defer { sf_close(handle) }
    guard information.channels == 1, information.samplerate == Int32(sampleRate) else {
      throw UserError(
        .data, "\(information.channels) channels at \(information.samplerate) Hz instead of 1 at \(sampleRate) Hz",
        at: file.path, mend: "fetch the file again")
    }
    guard (1...Int64(60 * sampleRate)).contains(information.frames) else {
      throw UserError(.data, "\(information.frames) samples; 1 sample to 60 s can be used", at: file.path)
    }
    var samples = [Float](repeating: 0, count: Int(information.frames))
    guard sf_readf_float(handle, &samples, information.frames) == information.frames else {
      throw UserError(.data, "the recording is cut short", at: file.path, mend: "fetch the file again")
    }
    return samples
  }
}
