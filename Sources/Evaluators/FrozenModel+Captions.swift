import Datasets
import Encoders
import Foundation
import Kernels
import Methods
import TextGeneration

/// A caption that a model has written.
public struct WrittenCaption: Equatable, Sendable {
  /// The words.
  public let text: String
  /// The tokens, without begin and end.
  public let tokens: [Int32]
  /// ln p of the tokens, and of the end where it was written; see ``TextGeneration/WrittenText/score``.
  public let score: Double
  /// Whether the end was written.
  public let isFinished: Bool
}

extension FrozenModel {
  /// The method where it writes captions; nil for one that does not, or whose settings leave writing out.
  public var captioner: (any CaptioningMethod)? {
    guard let method = method as? any CaptioningMethod, !method.writtenModalities.isEmpty else { return nil }
    return method
  }

  /// The captions that a captioning method writes for pictures, ``TextGeneration/DecodingOptions/textsPerRow`` of each; nil where
  /// it is none, or the modality is not one that it writes.
  ///
  /// - Parameters:
  ///   - pixels: of the pictures, one after another, in 0…1.
  ///   - place: the modality of captions; nil for the first that is written.
  public func captions(
    forPictures pixels: [Float], in place: Int? = nil, options: DecodingOptions
  ) -> [[WrittenCaption]]? {
    guard let method = captioner,
      let place = place ?? method.writtenModalities.first, method.writtenModalities.contains(place)
    else { return nil }
    var stream = options.stream
    let size = data.modalities[method.describedModality].kind.elementCount
    // Each row's words are drawn from a stream of its own, so that blocks change none.
    return stride(from: 0, to: pixels.count, by: Self.writtenRows * size).flatMap { start in
      captions(
        for: inputs(
          .numbers(Array(pixels[start..<min(start + Self.writtenRows * size, pixels.count)])),
          of: method.describedModality), in: place, by: method, options: options, using: &stream)
    }
  }

  /// How many pictures are written about together.
  package static let writtenRows = 64

  /// The same of items as encoders take them.
  public func captions(
    for pictures: ModalityInput, in place: Int, by method: any CaptioningMethod, options: DecodingOptions,
    using stream: inout RandomStream
  ) -> [[WrittenCaption]] {
    guard let caption = data.vocabulary.caption(named: names[place]) else { return [] }
    let found = method.captions(
      for: pictures, in: place, banned: data.vocabulary.foreignTokens(to: caption), options: options, using: &stream)
    let count = options.textsPerRow
    return stride(from: 0, to: found.count, by: count).map { start in
      found[start..<start + count].map { text in
        WrittenCaption(
          text: data.vocabulary.text(of: text.tokens, in: caption), tokens: text.tokens, score: text.score,
          isFinished: text.isFinished)
      }
    }
  }
}
