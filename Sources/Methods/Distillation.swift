import Autograd
import Datasets
import Diagnostics
import Encoders
import Graphs
import Kernels
import Layers
import Options

/// Captions of other languages learn the representations that a teacher has for captions of the first: knowledge distillation
/// on parallel texts (Reimers & Gurevych, EMNLP 2020), as it was done for CLIP's text encoder (Carlsson et al., LREC 2022).
///
///     L = mean over students s and texts i of ‖z_s(x_i^s) − z_t(x_i^t)‖²,   both of length 1
///
/// The teacher's encoder and projection get no gradient; pictures are not looked at. What stands in the teacher's space, such
/// as pictures of the model that it is from, is found by the student's captions afterwards.
///
/// *Deviation*: the sources let the student imitate the teacher's own texts as well, since one multilingual network reads
/// both; here each language has an encoder of its own.
public struct DistillationOptions: MethodOptions {
  /// `distil`
  public static var key: String { "distil" }
  /// In a few words.
  public static var summary: String { "captions learn the representations of another language's" }
  /// The publication.
  public static var source: String { "Reimers & Gurevych, EMNLP 2020; for CLIP: Carlsson et al., LREC 2022" }
  /// The file.
  public static var file: String? { #fileID }

  /// The modality of captions that teaches; the first where it is empty.
  public var teacher = ""

  /// The defaults.
  public init() {}

  /// The place of the teacher; nil where there is none.
  func place(in data: AlignedData) -> Int? { data.captionPlace(named: teacher) }

  /// A teacher, and captions that learn from it.
  public func needs(of data: AlignedData) -> [MethodNeed] {
    [
      MethodNeed("captions of two languages", data.captions.count > 1),
      .captions(named: teacher, "a teacher", at: "method.distil.teacher", in: data),
    ]
  }

  /// A pair that an observation does not have is left out.
  public func indispensable(in data: AlignedData) -> [Int] { [] }

  /// The teacher with each student.
  public func contrasted(in data: AlignedData) -> [(first: Int, second: Int)] {
    guard let teacher = place(in: data) else { return [] }
    return data.captions.filter { $0 != teacher }.map { (teacher, $0) }
  }

  /// Its halves are apart.
  public var indivisibility: String? { nil }

  /// Builds the method.
  public func make(_ parts: inout MethodParts) -> any AlignmentMethod { Distillation(self, &parts) }
}

/// See ``DistillationOptions``.
struct Distillation: AlignmentMethod {
  let encoders: EncoderSet?
  private let source: EncoderSet
  private let projections: Projections
  private let data: AlignedData
  private let teacher: Int
  private let students: [Int]

  init(_ options: DistillationOptions, _ parts: inout MethodParts) {
    guard let teacher = options.place(in: parts.data) else { preconditionFailure("Distillation: no teacher") }
    (encoders, source, data, self.teacher) = (parts.encoders, parts.encoders, parts.data, teacher)
    students = parts.data.captions.filter { $0 != teacher }
    projections = Projections(parts.encoders, dimensions: parts.dimensions, stream: &parts.stream)
  }

  var parts: [ModulePart] { [.module("projections", projections)] }

  private func representation(of place: Int, _ input: ModalityInput, in pass: ForwardPass) -> Tensor {
    projections(source.encoding(of: place, input, in: pass).vector, of: place, in: pass).l2Normalised()
  }

  /// The teacher's representations without a gradient, and the students'; nil for the other modalities.
  func representations(of batch: TrainingBatch, in pass: ForwardPass) throws -> [Tensor?] {
    let inputs = try batch.presentInputs(among: Set([teacher] + students))
    return inputs.enumerated().map { place, input in
      guard let input else { return nil }
      if place == teacher { return Tape.withoutRecording { representation(of: place, input, in: .evaluation) } }
      return representation(of: place, input, in: pass)
    }
  }

  func loss(of representations: [Tensor?], keys: [Tensor?], batch: TrainingBatch) throws -> LossTerms {
    let presence = batch.presence
    let terms = students.map { student -> (String, Tensor) in
      let name = "\(data.modalities[student].name) – \(data.modalities[teacher].name)"
      guard let own = representations[student], let other = representations[teacher] else { return (name, Tensor(0)) }
      guard let presence else { return (name, Self.distance(own, other)) }
      let common = Set(presence[student]).intersection(presence[teacher])
      guard !common.isEmpty else { return (name, Tensor(0)) }
      func kept(_ tensor: Tensor, _ places: [Int32]) -> Tensor {
        tensor.gatheringRows(places.indices.filter { common.contains(places[$0]) }.map(Int32.init))
      }
      return (name, Self.distance(kept(own, presence[student]), kept(other, presence[teacher])))
    }
    return LossTerms(summing: terms.map { ($0, $1 * (1 / Float(students.count))) })
  }

  /// The mean squared distance of rows.
  private static func distance(_ own: Tensor, _ other: Tensor) -> Tensor {
    let difference = own - other
    return (difference * difference).sum() * (1 / Float(max(own.shape[0], 1)))
  }

  func representation(of members: [MemberInput]) -> Tensor? {
    averaged(members.map { representation(of: $0.place, $0.input, in: .evaluation) })
  }

  func described(of place: Int, _ input: GraphValue) throws(UserError) -> GraphValue {
    projections.described(source.described(place, input).vector, of: place).l2Normalised()
  }

  func features(of place: Int, _ input: ModalityInput) -> Tensor? {
    source.encoding(of: place, input, in: .evaluation).vector
  }

  var similarityScale: SimilarityScale? {
    source.startingScale.map { SimilarityScale($0.factor, bias: $0.bias, origin: "the teacher's") }
  }
}
