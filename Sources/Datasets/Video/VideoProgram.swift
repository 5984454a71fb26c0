import Diagnostics
import Foundation

/// The program `ffmpeg`, which reads video files that nothing else here reads; it is looked for when one needs it.
struct VideoProgram {
  /// The program.
  let url: URL

  /// Finds the program on the search path.
  ///
  /// - Returns: nil where it is not there.
  init?(path: String? = ProcessInfo.processInfo.environment["PATH"]) {
    let folders = (path ?? "").split(separator: ":").map(String.init)
    guard
      let found = folders.map({ URL(fileURLWithPath: $0).appendingPathComponent("ffmpeg") }).first(where: {
        FileManager.default.isExecutableFile(atPath: $0.path) && !FrameFolder.isFolder($0)
      })
    else { return nil }
    url = found
  }

  /// Evenly spaced frames of a file's first video, brought to their size, and how many it has.
  ///
  /// Frames come at the file's own rate, one after another, and are kept at a stride that doubles while there are too many, so
  /// that no more than 64 for each wanted one are in memory; a moment is met to within a thirty-second of the distance
  /// of two.
  ///
  /// - Throws: `UserError` where the program fails or gives no frame.
  func frames(_ count: Int, of file: URL, resize: ImageResize) throws(UserError) -> (pixels: [[UInt8]], count: Int) {
    let place = file.relativePath
    let process = Process()
    process.executableURL = url
    process.environment = ChildEnvironment.own
    // The file is named as such, so that no protocol is read out of its name.
    process.arguments = [
      "-nostdin", "-v", "error", "-i", "file:\(file.path)", "-map", "0:v:0", "-f", "image2pipe", "-c:v", "ppm",
      "-pix_fmt",
      "rgb24", "-",
    ]
    let output = Pipe()
    let messages = FileManager.default.temporaryDirectory.appendingPathComponent("concord-\(UUID().uuidString).log")
    _ = FileManager.default.createFile(atPath: messages.path, contents: nil)
    defer { try? FileManager.default.removeItem(at: messages) }
    process.standardOutput = output
    process.standardError = (try? FileHandle(forWritingTo: messages)) ?? FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    guard (try? process.run()) != nil else {
      throw UserError(.inputOutput, "cannot be read, since \(url.path) does not start", at: place)
    }
    var stream = PortablePixmaps(output.fileHandleForReading, place: place)
    var (kept, step, number): ([[UInt8]], Int, Int) = ([], 1, 0)
    var failure: UserError?
    do throws(UserError) {
      while let picture = try stream.next() {
        if number % step == 0 {
          kept.append(resize(picture))
          if kept.count == 64 * count {
            kept = stride(from: 0, to: kept.count, by: 2).map { kept[$0] }
            step *= 2
          }
        }
        number += 1
      }
    } catch {
      failure = error
      // A program that still writes ends of it, also one that takes its time with signals.
      try? output.fileHandleForReading.close()
      process.terminate()
    }
    process.waitUntilExit()
    if let failure { throw failure }
    guard process.terminationStatus == 0, number > 0 else {
      let said = (try? String(contentsOf: messages, encoding: .utf8))?.split(whereSeparator: \.isNewline).last
      let reason = said.map { ": \($0.prefix(200).filter { !$0.isNewline })" } ?? ""
      throw UserError(.data, "ffmpeg reads no video in it\(reason)", at: place, mend: "replace or remove it")
    }
    let places = FrameTimes.frames(count, of: [Double](repeating: 1, count: number))
    return (places.map { kept[min($0 / step, kept.count - 1)] }, number)
  }
}

/// Pictures in the form of Netpbm's PPM, one after another from a pipe.
private struct PortablePixmaps {
  private let handle: FileHandle
  private let place: String

  init(_ handle: FileHandle, place: String) { (self.handle, self.place) = (handle, place) }

  /// The next picture; nil at the end.
  mutating func next() throws(UserError) -> ImageFile? {
    var fields: [Int] = []
    var field: [UInt8] = []
    // `P6`, width, height and greatest value, each followed by one white space.
    while fields.count < 4 {
      guard let byte = (try? handle.read(upToCount: 1))?.first else {
        if fields.isEmpty, field.isEmpty { return nil }
        throw fault
      }
      guard [0x20, 0x0a, 0x0d, 0x09].contains(byte) else {
        field.append(byte)
        guard field.count < 12 else { throw fault }
        continue
      }
      let text = String(decoding: field, as: UTF8.self)
      guard let number = fields.isEmpty ? (text == "P6" ? 6 : nil) : Int(text), number > 0 else { throw fault }
      fields.append(number)
      field = []
    }
    let (width, height) = (fields[1], fields[2])
    guard fields[3] == 255, width <= FrameCanvas.mostPixels, height <= FrameCanvas.mostPixels,
      width * height <= FrameCanvas.mostPixels
    else { throw fault }
    var pixels: [UInt8] = []
    pixels.reserveCapacity(3 * width * height)
    while pixels.count < 3 * width * height {
      guard let part = try? handle.read(upToCount: 3 * width * height - pixels.count), !part.isEmpty else {
        throw fault
      }
      pixels += part
    }
    return ImageFile(width: width, height: height, pixels: pixels)
  }

  private var fault: UserError {
    UserError(
      .data, "ffmpeg breaks off within a frame, or gives one that is too large", at: place, mend: "replace or remove it"
    )
  }
}
