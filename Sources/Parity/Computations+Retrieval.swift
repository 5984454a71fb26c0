import Autograd
import Diagnostics
import Evaluation
import Foundation
import Interchange
import Kernels

extension ParityCheck {
  /// Ranks and recalls of pictures that have several captions each, and of their captions, from given similarities.
  static func groupedRetrieval(_ inputs: CaseInputs) throws -> [String: Tensor] {
    let reference = inputs.reference
    let scores = try inputs["scores", rank: 2]
    let (owners, ownersShape) = try reference.integers("caption_image")
    let (images, captions) = (scores.shape[0], scores.shape[1])
    let most = 4_096
    try reference.require(images <= most && captions <= most, "more than \(most) images or captions")
    try reference.require(
      ownersShape == [captions] && Set(owners) == Set((0..<images).map { Int32($0) }),
      "in.caption_image must name an image of \(images) for each of \(captions) captions, and all of them")
    let values = Matrix(rows: images, columns: captions, values: scores.values)
    try reference.require(values.values.allSatisfy(\.isFinite), "in.scores has what is no number")
    var own = [[Int]](repeating: [], count: images)
    for (caption, image) in owners.enumerated() { own[Int(image)].append(caption) }
    let ofImages = retrieval(values, relevant: own)
    let ofCaptions = retrieval(
      Matrix(
        rows: captions, columns: images,
        values: (0..<captions).flatMap { caption in (0..<images).map { values[$0, caption] } }),
      relevant: owners.map { [Int($0)] })
    let cutoffs = try cutoffs(reference)
    func recalls(_ retrieval: Retrieval) -> Tensor {
      Tensor(cutoffs.map { Float(retrieval.recall(at: $0) ?? 0) })
    }
    return [
      "image_rank": Tensor(ofImages.ranks.map { Float($0) }), "image_to_text": recalls(ofImages),
      "caption_rank": Tensor(ofCaptions.ranks.map { Float($0) }), "text_to_image": recalls(ofCaptions),
    ]
  }

  /// Ranks by similarities that are given, tied where they are equal, `[queries, candidates]`.
  private static func retrieval(_ scores: Matrix, relevant: [[Int]]) -> Retrieval {
    // A score's place among the different ones of its row has its order and its ties, and lies as far from the next as any, so
    // that none are tied since they are near. Candidate c is the unit vector of axis c.
    var places = scores
    for row in 0..<scores.rows {
      let ascending = Set(scores[row: row]).sorted()
      let known = Dictionary(uniqueKeysWithValues: zip(ascending, ascending.indices))
      for column in 0..<scores.columns { places[row, column] = Float(known[scores[row, column]] ?? 0) }
    }
    var candidates = Matrix(rows: scores.columns, columns: scores.columns)
    for column in 0..<scores.columns { candidates[column, column] = 1 }
    return Retrieval(queries: places, candidates: candidates, relevant: relevant, by: .dot)
  }

  /// `1,5,10` as numbers.
  private static func cutoffs(_ reference: ReferenceCase) throws -> [Int] {
    let text = reference.file.metadata["cutoffs"] ?? ""
    let found = text.split(separator: ",", omittingEmptySubsequences: false).map {
      Int($0.trimmingCharacters(in: .whitespaces))
    }
    guard !found.contains(where: { $0.map { $0 < 1 } ?? true }) else {
      throw UserError(
        .data, "no positive whole numbers under cutoffs in the metadata, but \"\(text)\"", at: reference.place,
        mend: "write them as 1,5,10")
    }
    return found.compactMap { $0 }
  }
}
