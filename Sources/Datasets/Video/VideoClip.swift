import Diagnostics
import Foundation

/// Evenly spaced frames of a clip: of a folder of pictures, an animated PNG or GIF, or a file that the program `ffmpeg` reads
/// where it is installed.
///
/// Frames are those shown in the middle of equally long parts of the clip; a clip with fewer frames has some several times.
public struct VideoClip: Equatable, Sendable {
  /// The frames, `[frames, height, width, channels]`.
  public let pixels: [UInt8]
  /// How many frames the source has.
  public let frameCount: Int
  /// How long the source is; 0 where it does not say.
  public let milliseconds: Int

  /// The numbers of frames that may be asked for.
  public static let frameCounts = 1...256

  /// Reads a file or a folder.
  ///
  /// - Throws: `UserError` where it is none of them, or damaged.
  public init(contentsOf file: URL, frames: Int, resize: ImageResize) throws(UserError) {
    try self.init(Self.contents(of: file, frames: frames), file: file, frames: frames, resize: resize)
  }

  /// The bytes of a file, or those of the frames of a folder that are asked for.
  ///
  /// - Throws: `UserError` where they cannot be read.
  static func contents(of file: URL, frames: Int) throws(UserError) -> [UInt8] {
    FrameFolder.isFolder(file)
      ? try FrameFolder.contents(of: file, frames: frames, limit: FileDigests.largestFile)
      : try FolderTable.contents(of: file, limit: FileDigests.largestFile)
  }

  /// Reads frames out of bytes.
  ///
  /// - Parameters:
  ///   - bytes: those of the file, or what ``contents(of:frames:)`` makes of a folder.
  ///   - file: the file, for errors and for `ffmpeg`.
  ///   - frames: how many frames, one of ``frameCounts``.
  ///   - resize: how each becomes as large as the others.
  ///   - path: where `ffmpeg` is looked for.
  /// - Throws: `UserError` where the bytes are none of a clip, or damaged.
  public init(
    _ bytes: [UInt8], file: URL, frames: Int, resize: ImageResize,
    path: String? = ProcessInfo.processInfo.environment["PATH"]
  ) throws(UserError) {
    precondition(Self.frameCounts.contains(frames), "VideoClip: \(frames) frames")
    let place = file.relativePath
    var found: [Int: [UInt8]] = [:]
    let durations: [Double]
    let isTimed: Bool
    if GIFFile.begins(bytes) {
      let clip = try GIFFile(bytes, place: place)
      (durations, isTimed) = (clip.durations, true)
      try clip.draw(FrameTimes.frames(frames, of: durations)) { found[$0] = resize($1) }
    } else if ImageFile.Format(of: bytes) == .png {
      let clip = try APNGFile(bytes, place: place)
      (durations, isTimed) = (clip.durations, clip.frames.count > 1)
      try clip.draw(FrameTimes.frames(frames, of: durations)) { found[$0] = resize($1) }
    } else if let folder = FrameFolder.frames(in: bytes) {
      (durations, isTimed) = ([Double](repeating: 1, count: folder.count), false)
      for frame in folder.frames {
        found[frame.number] = resize(
          try ImageFile(frame.file, place: "\(place), frame \(frame.number + 1)", atLeast: resize.side))
      }
    } else if ImageFile.Format(of: bytes) != nil {
      (durations, isTimed) = ([1], false)
      found[0] = resize(try ImageFile(bytes, place: place, atLeast: resize.side))
    } else {
      guard let program = VideoProgram(path: path) else {
        throw UserError(
          .data,
          "neither an animated GIF or PNG nor a folder of pictures; the program ffmpeg, which is not there, reads others",
          at: place, mend: "install the Debian package ffmpeg, or save it as one of them")
      }
      let read = try program.frames(frames, of: file, resize: resize)
      pixels = read.pixels.flatMap { $0 }
      (frameCount, milliseconds) = (read.count, 0)
      return
    }
    var all: [UInt8] = []
    for frame in FrameTimes.frames(frames, of: durations) {
      guard let values = found[frame] else {
        throw UserError(.data, "frame \(frame + 1) is missing", at: place, mend: "replace or remove it")
      }
      all += values
    }
    pixels = all
    frameCount = durations.count
    milliseconds = isTimed ? Int((1000 * durations.reduce(0, +)).rounded()) : 0
  }
}
