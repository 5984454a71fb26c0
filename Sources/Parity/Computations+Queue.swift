import Autograd
import Interchange
import Objectives

extension ParityCheck {
  static func momentumContrast(_ inputs: CaseInputs) throws -> [String: Tensor] {
    let (query, key, queue) = try contrasted(inputs)
    let method = MoCo(temperature: try inputs.reference.number("temperature"))
    return ["loss": method.loss(query: query, key: key, queue: queue)]
  }

  static func tagContrast(_ inputs: CaseInputs) throws -> [String: Tensor] {
    let reference = inputs.reference
    let (query, key, queue) = try contrasted(inputs)
    let (tags, queueTags) = (try tensor(reference, "tags"), try tensor(reference, "queue_tags"))
    try reference.require(
      tags.shape[0] == query.shape[0] && queueTags.shape == [queue.shape[0], tags.shape[1]],
      "tags of shapes \(tags.shape) and \(queueTags.shape) do not fit")
    let method = TagContrast(
      .init(temperature: try reference.number("temperature"), threshold: try reference.number("threshold")))
    return ["loss": method.loss(query: query, key: key, tags: tags, queue: queue, queueTags: queueTags)]
  }

  static func queueHinge(_ inputs: CaseInputs) throws -> [String: Tensor] {
    let (query, key, queue) = try contrasted(inputs)
    // The file says, for one, "mean over the queue, then over the batch".
    let named = inputs.reference.file.metadata["reduction"] ?? QueueHinge.Reduction.mean.rawValue
    guard let reduction = QueueHinge.Reduction.allCases.first(where: { named.hasPrefix($0.rawValue) }) else {
      try inputs.reference.require(false, "unknown reduction \"\(named)\"")
      return [:]
    }
    let method = QueueHinge(.init(margin: try inputs.reference.number("margin"), reduction: reduction))
    return ["loss": method.loss(query: query, key: key, queue: queue)]
  }

  private static func contrasted(_ inputs: CaseInputs) throws -> (query: Tensor, key: Tensor, queue: Tensor) {
    let (query, key) = (try inputs["query", rank: 2], try inputs["key", rank: 2])
    let queue = try inputs["queue", rank: 2]
    try inputs.reference.require(
      query.shape == key.shape && queue.shape[1] == query.shape[1], "in.query, in.key and in.queue do not fit")
    return (query.l2Normalised(), key.l2Normalised(), queue.l2Normalised())
  }

  private static func tensor(_ reference: ReferenceCase, _ name: String) throws -> Tensor {
    let (values, shape) = try reference.integers(name)
    try reference.require(shape.count == 2 && !values.isEmpty, "in.\(name) has shape \(shape), not 2 axes")
    return Tensor(values.map(Float.init), shape: shape)
  }
}
