import Datasets
import Diagnostics
import Foundation
import SampleFolders
import Testing

/// Clips of folders, animated pictures and other programs.
@Suite struct VideoTests {
  private static let colors: [[UInt8]] = [[0, 0, 0], [255, 0, 0], [0, 255, 0], [0, 0, 255]]

  /// The frames of a clip in its own size, the first channels that are named.
  private func frames(
    _ bytes: [UInt8], _ count: Int, width: Int = 4, height: Int = 2, path: String? = nil
  ) throws -> [[[UInt8]]] {
    let resize = ImageResize(height: height, width: width, fit: .stretch)
    let clip = try VideoClip(bytes, file: URL(filePath: "clip"), frames: count, resize: resize, path: path)
    return (0..<count).map { frame in
      (0..<width * height).map { pixel in
        let start = 3 * (frame * width * height + pixel)
        return Array(clip.pixels[start..<start + 3])
      }
    }
  }

  private func gif(_ frames: [SampleClips.GIFFrame], colors: [[UInt8]] = colors) -> [UInt8] {
    SampleClips.gif(width: 4, height: 2, colors: colors, frames: frames)
  }

  private func fault(_ bytes: [UInt8], path: String? = nil) -> String {
    do {
      _ = try frames(bytes, 2, path: path)
      return ""
    } catch {
      return "\(error)"
    }
  }

  @Test func framesOfAGIFAreDrawnOneOverTheOther() throws {
    let (black, red, green, white) =
      ([0, 0, 0], [255, 0, 0], [0, 255, 0], [255, 255, 255]) as ([UInt8], [UInt8], [UInt8], [UInt8])
    var part = SampleClips.GIFFrame(width: 2, pixels: [1, 2])
    (part.left, part.top, part.transparent) = (1, 1, 2)
    let whole = SampleClips.GIFFrame(width: 4, pixels: [0, 0, 0, 0, 0, 0, 0, 0])
    let plain = try frames(gif([whole, part]), 2)
    #expect(plain[0] == [[UInt8]](repeating: black, count: 8))
    // Colour 2 is not drawn.
    #expect(plain[1] == [black, black, black, black, black, red, black, black])
    var third = SampleClips.GIFFrame(width: 1, pixels: [2])
    third.left = 3
    part.disposal = 2
    #expect(try frames(gif([whole, part, third]), 3)[2] == [black, black, black, green, black, white, white, black])
    part.disposal = 3
    #expect(try frames(gif([whole, part, third]), 3)[2] == [black, black, black, green, black, black, black, black])
  }

  @Test func localColoursAndInterlacedRows() throws {
    var frame = SampleClips.GIFFrame(width: 1, pixels: (0..<12).map { UInt8($0 % 2) })
    frame.colors = [[9, 9, 9], [200, 100, 50]]
    frame.isInterlaced = true
    let file = SampleClips.gif(width: 1, height: 12, colors: [], frames: [frame])
    let found = try frames(file, 1, width: 1, height: 12)[0]
    #expect(found == (0..<12).map { $0 % 2 == 0 ? [9, 9, 9] : [200, 100, 50] })
  }

  /// A table of codes that is filled and begun anew several times.
  @Test func manyPixels() throws {
    let side = 160
    var state: UInt32 = 7
    let pixels = (0..<side * side).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return UInt8(state >> 24)
    }
    let file = SampleClips.gif([pixels, pixels.reversed()], side: side)
    let found = try frames(file, 2, width: side, height: side)
    #expect(found[0].map { $0[0] } == pixels && found[1].map { $0[1] } == pixels.reversed())
  }

  @Test func framesStandAtEvenlySpacedMoments() throws {
    func clip(_ delays: [Int]) -> [UInt8] {
      gif(
        delays.enumerated().map { number, delay in
          var frame = SampleClips.GIFFrame(width: 4, pixels: [UInt8](repeating: UInt8(number), count: 8))
          frame.delay = delay
          return frame
        }, colors: (0..<16).map { [UInt8($0), 0, 0] })
    }
    func shown(_ delays: [Int], _ count: Int) throws -> [UInt8] { try frames(clip(delays), count).map { $0[0][0] } }
    #expect(try shown([10, 10, 10], 2) == [0, 2])
    #expect(try shown([10, 10, 10, 10], 4) == [0, 1, 2, 3])
    #expect(try shown([10, 10], 4) == [0, 0, 1, 1])
    // The first is on screen most of the time.
    #expect(try shown([80, 10, 10], 4) == [0, 0, 0, 1])
    // A frame without a duration counts as a tenth of a second.
    #expect(try shown([0, 30], 4) == [0, 1, 1, 1])
    let clip = try VideoClip(
      clip([80, 10, 10]), file: URL(filePath: "f"), frames: 1, resize: ImageResize(side: 8))
    #expect(clip.frameCount == 3 && clip.milliseconds == 1000)
  }

  @Test func framesOfAPNGAreDrawnOneOverTheOther() throws {
    func color(_ values: [UInt8], _ count: Int = 8) -> [UInt8] { (0..<count).flatMap { _ in values } }
    let black: [UInt8] = [0, 0, 0]
    let whole = SampleClips.PNGFrame(width: 4, pixels: color([0, 0, 0, 255]))
    var part = SampleClips.PNGFrame(width: 2, pixels: color([200, 100, 0, 128], 2))
    (part.left, part.top, part.isBlended) = (1, 1, true)
    let blended = try frames(SampleClips.apng(width: 4, height: 2, frames: [whole, part]), 2)[1]
    #expect(blended == [black, black, black, black, black, [100, 50, 0], [100, 50, 0], black])
    part.isBlended = false
    let replaced = try frames(SampleClips.apng(width: 4, height: 2, frames: [whole, part]), 2)[1]
    #expect(replaced[5] == [227, 177, 127])
    var last = SampleClips.PNGFrame(width: 1, pixels: [0, 9, 0, 255])
    part.disposal = 1
    var found = try frames(SampleClips.apng(width: 4, height: 2, frames: [whole, part, last]), 3)[2]
    #expect(found[0] == [0, 9, 0] && found[5] == [255, 255, 255] && found[4] == black)
    part.disposal = 2
    found = try frames(SampleClips.apng(width: 4, height: 2, frames: [whole, part, last]), 3)[2]
    #expect(found[5] == black)
    // The picture for viewers without animation is no frame.
    last = SampleClips.PNGFrame(width: 4, pixels: color([7, 7, 7, 255]))
    let still = SampleClips.apng(width: 4, height: 2, frames: [last, whole], still: color([9, 9, 9, 255]))
    #expect(try frames(still, 2).map { $0[0] } == [[7, 7, 7], [0, 0, 0]])
    // A PNG without animation is one frame.
    let plain = try PNGFile(width: 4, height: 2, pixels: color([1, 2, 3])).encoded()
    #expect(
      try frames([UInt8](plain), 2) == [
        [[UInt8]](repeating: [1, 2, 3], count: 8), [[UInt8]](repeating: [1, 2, 3], count: 8),
      ])
  }

  /// Where programs differ, the formats' own texts decide: before the first frame there is nothing to bring back, and what
  /// is put over a transparent pixel keeps its opacity.
  @Test func whatLiesUnderTheFirstFrameIsNothing() throws {
    let (white, red) = ([255, 255, 255], [255, 0, 0]) as ([UInt8], [UInt8])
    var first = SampleClips.GIFFrame(width: 4, pixels: [0, 0, 0, 0, 0, 0, 0, 0])
    var next = SampleClips.GIFFrame(width: 1, pixels: [1])
    (first.disposal, next.disposal, next.left) = (3, 3, 2)
    let drawn = try frames(gif([first, next, next]), 3)
    #expect(drawn[1] == [white, white, red, white, white, white, white, white] && drawn[2] == drawn[1])
    var whole = SampleClips.PNGFrame(width: 4, pixels: (0..<8).flatMap { _ in [9, 9, 9, 255] as [UInt8] })
    var half = SampleClips.PNGFrame(width: 1, pixels: [0, 0, 255, 128])
    (whole.disposal, half.isBlended, half.left) = (2, true, 2)
    var found = try frames(SampleClips.apng(width: 4, height: 2, frames: [whole, half]), 2)[1]
    #expect(found == [white, white, [127, 127, 255], white, white, white, white, white])
    // What a frame that brings back covered is there again for the one behind it.
    half.disposal = 2
    var other = SampleClips.PNGFrame(width: 4, pixels: (0..<8).flatMap { _ in [0, 0, 0, 0] as [UInt8] })
    other.isBlended = true
    found = try frames(SampleClips.apng(width: 4, height: 2, frames: [whole, half, other]), 3)[2]
    #expect(found == [[UInt8]](repeating: white, count: 8))
    // Blue of opacity 128 over red of 128: 192, of which 85 of 255 are red and 170 blue; over white as if drawn in turn.
    var below = SampleClips.PNGFrame(width: 4, pixels: (0..<8).flatMap { _ in [255, 0, 0, 128] as [UInt8] })
    below.disposal = 0
    found = try frames(SampleClips.apng(width: 4, height: 2, frames: [below, half]), 2)[1]
    #expect(found[2] == [127, 63, 191] && found[0] == [255, 127, 127])
  }

  /// What no clip may be, each with one line that names the file.
  @Test func faultsAreNamed() throws {
    let frame = SampleClips.GIFFrame(width: 4, pixels: [UInt8](repeating: 0, count: 8))
    let good = gif([frame, frame])
    #expect(fault(Array(good.dropLast())) == "clip: the GIF is damaged: the file is cut short; replace or remove it")
    var wide = good
    wide[7] = 0xff
    #expect(fault(wide).hasPrefix("clip: ") == false, "frames may be smaller than the canvas")
    #expect(fault(gif([])) == "clip: the GIF is damaged: it has no frame; replace or remove it")
    var none = SampleClips.GIFFrame(width: 4, pixels: [UInt8](repeating: 3, count: 8))
    none.colors = [[0, 0, 0], [1, 1, 1]]
    #expect(fault(gif([none])) == "clip: the GIF is damaged: frame 1 has colour 3 of 2; replace or remove it")
    #expect(
      fault(SampleClips.gif(width: 4, height: 2, colors: [], frames: [frame]))
        == "clip: the GIF is damaged: frame 1 has no colours; replace or remove it")
    var beyond = SampleClips.PNGFrame(width: 4, pixels: [UInt8](repeating: 5, count: 32))
    beyond.left = 1
    let outside = SampleClips.apng(width: 4, height: 2, frames: [beyond])
    #expect(fault(outside) == "clip: the PNG is damaged: frame 1 stands beyond the canvas; replace or remove it")
    let fine = SampleClips.apng(width: 4, height: 2, frames: [SampleClips.PNGFrame(width: 4, pixels: beyond.pixels)])
    #expect(fault(fine) == "")
    let part = SampleClips.apng(
      width: 4, height: 2, frames: [SampleClips.PNGFrame(width: 2, pixels: [UInt8](repeating: 5, count: 16))])
    #expect(fault(part) == "clip: the PNG is damaged: frame 1 is not the whole picture; replace or remove it")
    var changed = fine
    changed[changed.count - 20] ^= 1
    #expect(fault(changed) == "clip: the PNG is damaged: a chunk IDAT has another checksum; replace or remove it")
    #expect(
      fault(Array("no clip".utf8), path: "/nowhere")
        == "clip: neither an animated GIF or PNG nor a folder of pictures; the program ffmpeg, which is not there, "
        + "reads others; install the Debian package ffmpeg, or save it as one of them")
  }

  /// Writes a program that stands for ffmpeg.
  private func program(_ script: String, in folder: URL) throws -> String {
    let file = folder.appending(path: "ffmpeg")
    try Data("#!/bin/sh\n\(script)\n".utf8).write(to: file)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
    return folder.path
  }

  /// The frames that the program prints are those of the clip, however many there are.
  @Test func otherFilesAreReadByAProgram() throws {
    try withTemporaryFolder { folder in
      let path = try program(
        """
        for a in "$@"; do [ "$before" = "-i" ] && file="$a"; before="$a"; done
        [ "$file" = "file:/tmp/some clip" ] || exit 3
        i=0; while [ $i -lt 200 ]; do
          printf 'P6\\n2 1\\n255\\n'; printf '%b' "\\0$(printf %03o $i)aaaaa"; i=$((i + 1))
        done
        """, in: folder)
      let resize = ImageResize(height: 1, width: 2, fit: .stretch)
      let clip = try VideoClip(
        Array("RIFF".utf8), file: URL(filePath: "/tmp/some clip"), frames: 2, resize: resize, path: path)
      #expect(clip.frameCount == 200)
      #expect(clip.pixels.count == 12 && abs(Int(clip.pixels[0]) - 50) <= 4 && abs(Int(clip.pixels[6]) - 150) <= 4)
      func message(_ script: String) throws -> String {
        let path = try program(script, in: folder)
        do {
          _ = try VideoClip(
            Array("RIFF".utf8), file: URL(filePath: "clip"), frames: 2, resize: resize, path: path)
          return ""
        } catch { return "\(error)" }
      }
      #expect(
        try message("echo 'Invalid data found' >&2; exit 1")
          == "clip: ffmpeg reads no video in it: Invalid data found; replace or remove it")
      #expect(
        try message("printf 'P6\\n2 1\\n255\\nabc'").hasPrefix("clip: ffmpeg breaks off within a frame"))
      #expect(try message("printf 'P6\\n99999999 99999999\\n255\\n'").contains("too large"))
      #expect(try message("exit 0") == "clip: ffmpeg reads no video in it; replace or remove it")
    }
  }

  /// A data set of one's own: animated pictures and folders of frames beside each other, in one size.
  @Test func aFolderOfClips() throws {
    try withTemporaryFolder { folder in
      var lines = ["clip,caption,way,split"]
      for index in 0..<12 {
        let step = index % 2 == 0 ? 2 : -2
        let frames = SampleClips.disc(side: 8, frames: 4, x: index, y: index / 2, step: step)
        let name: String
        switch index % 3 {
        case 0:
          name = "\(index).gif"
          try Data(SampleClips.gif(frames, side: 8)).write(to: folder.appending(path: name))
        case 1:
          name = "\(index).png"
          try Data(SampleClips.apng(frames, side: 8)).write(to: folder.appending(path: name))
        default:
          name = "clip \(index)"
          let place = folder.appending(path: name)
          try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
          for (number, frame) in frames.enumerated() {
            try PNGFile(width: 8, height: 8, channels: 1, pixels: frame).write(
              to: place.appending(path: "\(number + 8).png"))
          }
        }
        let way = step > 0 ? "right" : "left"
        lines.append("\(name),a disc goes \(way),\(way),\(["train", "val", "test"][index / 4])")
      }
      try Data(lines.joined(separator: "\n").utf8).write(to: folder.appending(path: "clips.csv"))
      func write(_ text: String) throws { try Data(text.utf8).write(to: folder.appending(path: "dataset.yaml")) }
      let settings = """
        table: clips.csv
        modalities:
          clip: { kind: video, frames: 4, size: 8, channels: 1 }
          caption: { kind: text, column: caption }
        labels: [way]
        split: { column: split }

        """
      try write(settings)
      let cache = DatasetCache(folder: folder.appending(path: "cache"))
      let set = try FolderDataset.load(folder: folder, cache: cache)
      #expect(set.modalities[0].kind == .video(frames: 4, height: 8, width: 8, channels: 1))
      guard case .numbers(let values) = set.train.items(of: "clip", at: 0..<4) else {
        Issue.record("no numbers")
        return
      }
      for index in 0..<4 {
        let frames = SampleClips.disc(side: 8, frames: 4, x: index, y: index / 2, step: index % 2 == 0 ? 2 : -2)
        let own = values[index * 256..<(index + 1) * 256].map { UInt8(($0 * 255).rounded()) }
        #expect(own == frames.flatMap { $0 }, "clip \(index)")
      }
      #expect(set.card.description.contains("modality clip: video [4, 8, 8, 1]"))
      let identity = try FolderDataset.identity(folder: folder)
      #expect(identity.checksum == set.checksum)
      let card = try FolderCard(folder: folder, cache: cache)
      #expect(card.description.contains("files of clip: 4 to 4 frames, 400 to 400 ms where they say so"))
      #expect(card.samples.contains { $0.value == "0.gif, 4 frames, 400 ms" })
      // What a frame is called does not matter but for the order, so that equal clips are one item.
      try FileManager.default.moveItem(
        at: folder.appending(path: "clip 2/10.png"), to: folder.appending(path: "clip 2/0010.png"))
      #expect(try FolderDataset.identity(folder: folder).checksum == identity.checksum)
      // A frame of a folder that changes makes another data set.
      try PNGFile(width: 8, height: 8, channels: 1, pixels: [UInt8](repeating: 3, count: 64)).write(
        to: folder.appending(path: "clip 2/9.png"))
      #expect(try FolderDataset.identity(folder: folder).checksum != identity.checksum)
      // The order is that of numbers: 8, 9, 10, 11.
      let changed = try FolderDataset.load(folder: folder, cache: cache)
      guard case .numbers(let others) = changed.train.items(of: "clip", at: 2..<3) else { return }
      #expect(others[64..<128].allSatisfy { abs($0 - 3.0 / 255) < 1e-6 })
      // One damaged clip is one line.
      try Data("GIF89a".utf8).write(to: folder.appending(path: "0.gif"))
      let error = #expect(throws: UserError.self) { try FolderDataset.load(folder: folder, cache: cache) }
      #expect(error?.description.contains("the GIF is damaged: the file is cut short") == true)
      try write(settings.replacing("frames: 4", with: "frames: 1000"))
      let many = #expect(throws: UserError.self) { try FolderDataset.load(folder: folder, cache: cache) }
      #expect(many?.description.contains("modalities.clip.frames") == true)
    }
  }

  /// `concord data init` finds clips by their names, and folders of pictures.
  @Test func aDraftFindsClips() throws {
    try withTemporaryFolder { folder in
      var (named, listed) = (["clip,way"], ["frames,way"])
      for index in 0..<6 {
        let frames = SampleClips.disc(side: 8, frames: 2, x: index, y: 1, step: 1)
        try Data(SampleClips.gif(frames, side: 8)).write(to: folder.appending(path: "\(index).gif"))
        named.append("\(index).gif,\(index % 2 == 0 ? "left" : "right")")
        listed.append("clip-\(index),\(index % 2 == 0 ? "left" : "right")")
        let place = folder.appending(path: "clip-\(index)")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        try PNGFile(width: 8, height: 8, channels: 1, pixels: frames[0]).write(to: place.appending(path: "1.png"))
      }
      let table = folder.appending(path: "table.csv")
      try Data(named.joined(separator: "\n").utf8).write(to: table)
      #expect(
        try FolderDraft(folder: folder).text.contains(
          "clip: { kind: video, frames: 8, size: 32 }  # 6 of 6 clips exist"))
      try Data(listed.joined(separator: "\n").utf8).write(to: table)
      #expect(
        try FolderDraft(folder: folder).text.contains("frames: { kind: video, frames: 8, size: 32 }  # 6 of 6 clips"))
    }
  }
}
