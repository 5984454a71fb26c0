import Diagnostics
import Foundation
import Training

/// What a stage of a course tells: remarks under its name in place of steps and epochs, which are not those of the course.
struct StageEvents: EventSink {
  /// How often a stage says how far it is.
  private static let reports = 5

  let sink: any EventSink
  let stage: String
  let epochs: Int

  func receive(_ event: TrainingEvent) throws(UserError) {
    switch event {
    case .note(let text): try tell(text)
    case .epoch(let record):
      guard record.epoch == epochs || record.epoch % max(1, epochs / Self.reports) == 0 else { return }
      let terms = record.terms.map { String(format: "\($0.name) %.3f", $0.value) }.joined(separator: ", ")
      try tell("epoch \(record.epoch) of \(epochs), \(terms)")
    case .began, .step, .evaluated, .timed, .finished: break
    }
  }

  private func tell(_ text: String) throws(UserError) { try sink.receive(.note("\(stage): \(text)")) }

  func mark() throws(UserError) -> Int? { try sink.mark() }

  func resume(at mark: Int) throws(UserError) { try sink.resume(at: mark) }
}
