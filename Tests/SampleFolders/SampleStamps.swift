import Datasets
import Foundation

/// A small folder of stamps as Tux Paint keeps them: a picture, captions, spoken captions and sounds under one name.
public enum SampleStamps {
  /// The folders of the stamps and what they show.
  private static let kinds = [
    ("animals/birds", "bird", "새", [UInt8(200), 60, 40]), ("animals/fish", "fish", "물고기", [40, 90, 210]),
    ("food/fruit", "apple", "사과", [60, 180, 60]), ("vehicles", "car", "자동차", [220, 200, 40]),
  ]

  /// Writes some stamps: all have a picture and an English caption, most a Korean one and French speech (Ogg Vorbis), half
  /// Spanish speech (WAV), every tenth a sound.
  ///
  /// Stamps 0 and 4 share a picture, 1 and 5 a caption, 2 and 6 their French speech.
  public static func write(to folder: URL, count: Int) throws {
    for index in 0..<count {
      let (path, name, korean, colour) = kinds[index % kinds.count]
      let place = folder.appending(path: path)
      try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
      func file(_ ending: String) -> URL { place.appending(path: "\(name)_\(index)\(ending)") }
      let shade = (index == 4 ? 0 : index) % 30
      var pixels: [UInt8] = []
      for pixel in 0..<20 * 12 {
        let isMargin = pixel % 20 < 5 + index / 30
        for channel in colour { pixels.append(isMargin ? 255 : channel + UInt8(shade)) }
      }
      try PNGFile(width: 20, height: 12, pixels: pixels).write(to: file(".png"))
      let number = index == 5 ? 1 : index
      var text = "A \(name), number \(number).\nfr.utf8=Numéro \(number), \(name).\n"
      if index % 5 != 3 { text += "ko.utf8=\(korean) \(number)\n" }
      try Data(text.utf8).write(to: file(".txt"))
      func speak(_ frequency: Double, to url: URL, format: SampleFiles.SoundFormat) throws {
        try SampleFiles.writeSound(
          SampleFiles.tone(frequency: frequency, rate: 8000, seconds: 0.15), to: url, rate: 8000, format: format)
      }
      let pitch = Double(200 * (1 + index % kinds.count) + (index == 6 ? 2 : index))
      if index % 7 != 5 { try speak(pitch, to: file("_desc_fr.ogg"), format: .vorbis) }
      if index % 2 == 0 { try speak(2 * pitch, to: file("_desc_es.wav"), format: .wav) }
      if index % 10 == 0 { try speak(3 * pitch, to: file(".wav"), format: .wav) }
    }
    guard count > 6 else { return }
    // Each stream of Ogg has a serial number of its own, so that equal sounds are equal files only as copies.
    let spoken = [2, 6].map { index in
      folder.appending(path: kinds[index % kinds.count].0)
        .appending(path: "\(kinds[index % kinds.count].1)_\(index)_desc_fr.ogg")
    }
    try FileManager.default.removeItem(at: spoken[1])
    try FileManager.default.copyItem(at: spoken[0], to: spoken[1])
  }
}
