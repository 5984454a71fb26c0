import Foundation
import Recipes

/// What is wrong with a file of a run's record, in a few words.
enum RecordFault {
  /// The words for an error of the decoder.
  static func words(for error: any Error) -> String {
    guard let error = error as? DecodingError else { return "\(error)" }
    func dotted(_ path: [any CodingKey]) -> String {
      path.reduce("") { text, key in
        key.intValue.map { "\(text)[\($0)]" } ?? (text.isEmpty ? key.stringValue : "\(text).\(key.stringValue)")
      }
    }
    switch error {
    case .keyNotFound(let key, let context): return "`\(dotted(context.codingPath + [key]))` is missing"
    case .valueNotFound(_, let context): return "`\(dotted(context.codingPath))` is null"
    case .typeMismatch(_, let context):
      return context.codingPath.isEmpty ? "it is no object" : "`\(dotted(context.codingPath))` is of another type"
    case .dataCorrupted(let context):
      return context.codingPath.isEmpty ? "it is not JSON" : "`\(dotted(context.codingPath))` has an unknown value"
    @unknown default: return "\(error)"
    }
  }
}

extension RunResult {
  /// What a result that was read says against itself; `nil` where nothing is.
  var contradiction: String? {
    guard !seeds.isEmpty, Set(seeds).count == seeds.count, seeds.allSatisfy({ $0 >= 0 }) else {
      return "`seeds` are not different whole numbers from 0"
    }
    guard wallSeconds.count == seeds.count, wallSeconds.allSatisfy({ $0.isFinite && $0 >= 0 }) else {
      return "`wallSeconds` are not the times of \(seeds.count) seeds"
    }
    guard parameterCount ?? 0 >= 0 else { return "`parameterCount` is negative" }
    var known: Set<[String]> = []
    for score in scores {
      let name = "\(score.evaluator), \(score.subject), \(score.metric)"
      guard known.insert([score.evaluator, score.subject, score.metric]).inserted else {
        return "the score `\(name)` stands there twice"
      }
      guard score.values.count == seeds.count else {
        return "the score `\(name)` has \(score.values.count) values for \(seeds.count) seeds"
      }
      let own = ScoreSummary(
        evaluator: score.evaluator, subject: score.subject, metric: score.metric, values: score.values)
      guard Self.agree(own.mean, score.mean), Self.agree(own.halfWidth ?? 0, score.halfWidth ?? 0),
        (own.halfWidth == nil) == (score.halfWidth == nil)
      else { return "the mean of the score `\(name)` is not that of its values" }
    }
    guard expected.allSatisfy({ $0.value.isFinite && ($0.tolerance.map { $0.isFinite && $0 >= 0 } ?? true) }) else {
      return "an expected value or its tolerance is not a number that can be met"
    }
    return nil
  }

  /// Whether two numbers are the same but for rounding.
  private static func agree(_ first: Double, _ second: Double) -> Bool {
    first == second || first.isNaN && second.isNaN || abs(first - second) <= 1e-9 * max(abs(first), abs(second), 1e-3)
  }
}

extension Manifest {
  /// What a manifest that was read says against itself; `nil` where nothing is.
  var contradiction: String? {
    guard !seeds.isEmpty, Set(seeds).count == seeds.count, seeds.allSatisfy({ $0 >= 0 }) else {
      return "`seeds` are not different whole numbers from 0"
    }
    guard jobs >= 1, (1...1024).contains(threads) else { return "`jobs` or `threads` is out of range" }
    return nil
  }
}
