import Datasets
import Options

/// The settings of a method that learns from pictures with captions of one modality and writes words about them.
public protocol CaptionedPictureOptions: MethodOptions {
  /// The modality of captions; the first where it is empty.
  var captions: String { get }
}

extension CaptionedPictureOptions {
  /// The place of the captions; nil where there is none.
  func place(in data: AlignedData) -> Int? { data.captionPlace(named: captions) }

  /// Pictures, and captions that are read by the data's own vocabulary.
  ///
  /// - Parameters:
  ///   - use: what is done by them, such as `write`.
  ///   - done: the same of a caption, such as `written`.
  func captionNeeds(of data: AlignedData, to use: String, done: String) -> [MethodNeed] {
    let own = place(in: data).flatMap { data.vocabulary.caption(named: data.modalities[$0].name) }
    return [
      .images(data), .captions(data),
      .captions(named: captions, "captions to \(use)", at: "method.\(Self.key).captions", in: data),
      MethodNeed(
        "captions of the data's own vocabulary", own?.reader == nil, at: "init.take",
        message: "reads captions by an imported model's vocabulary, in which nothing can be \(done)",
        mend: "set init.take=image"),
    ]
  }

  /// Only pictures and the captions.
  public func indispensable(in data: AlignedData) -> [Int] { [] }

  /// The picture with its caption.
  public func contrasted(in data: AlignedData) -> [(first: Int, second: Int)] {
    guard let image = data.image, let place = place(in: data) else { return [] }
    return [(image, place)]
  }

  /// Pictures are read and texts written row by row; words are weighed against those of the whole batch afterwards.
  public var indivisibility: String? { nil }
}

extension AlignedData {
  /// The place of the captions of a name, or of the first where it is empty; nil where there is none.
  func captionPlace(named name: String) -> Int? {
    name.isEmpty ? captions.first : captions.first { modalities[$0].name == name }
  }
}

extension MethodNeed {
  /// An aligned modality of captions of a name, or any where it is empty.
  ///
  /// - Parameters:
  ///   - title: what it is to the method.
  ///   - key: the key that names it.
  static func captions(named name: String, _ title: String, at key: String, in data: AlignedData) -> MethodNeed {
    let names = data.captions.map { data.modalities[$0].name }
    return MethodNeed(
      title, data.captionPlace(named: name) != nil, at: key,
      message: "names `\(name)`, which is no aligned modality of captions",
      mend: "aligned are \(names.joined(separator: ", "))")
  }
}
