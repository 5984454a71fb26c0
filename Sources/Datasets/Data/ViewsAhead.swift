import Diagnostics
import Foundation
import Kernels

/// Random views of the next batch's pictures, made while a step computes.
///
/// A step asks for what the one before it asked for, further along the same random streams, so what a batch was asked for
/// says what the batch after the next will be. A view depends on its picture and on its place in the stream alone, and one
/// that was not foreseen is made when it is asked for: the numbers are the same however many threads there are.
final class ViewsAhead: @unchecked Sendable {
  /// Views that are asked for of each picture of a batch, picture i from `position + i · draws` on.
  struct Request: Hashable, Sendable {
    /// Whether pictures are changed as those of methods that contrast modalities are.
    var isMild: Bool
    /// The key of the random stream.
    var key: UInt64
    /// Where the stream stands.
    var position: UInt64
  }

  /// The views of one picture, each from a place of its own.
  struct Job: Hashable, Sendable {
    let picture: Picture
    let requests: [Request]
  }

  /// A picture of a batch.
  struct Picture: Hashable, Sendable {
    /// The number of its item.
    let item: Int32
    /// Whether it is never flipped where two views are made.
    let keepsSide: Bool
  }

  private struct Foreseen {
    let pictures: [Picture]
    let requests: [Request]
    let jobs: [Job]
  }

  private let made: MadeAhead<Job, [[Float]]>
  private let viewBytes: Int
  private let memory: Int
  /// Guards everything below.
  private let lock = NSLock()
  private var pictures: [Picture] = []
  private var requests: [Request] = []
  private var asksForPictures = false
  private var current: Foreseen?
  private var upcoming: Foreseen?

  /// - Parameters:
  ///   - elementCount: how many numbers a view has.
  ///   - memory: the most bytes of views that are made ahead.
  ///   - make: makes all views of one picture.
  init(elementCount: Int, memory: Int = 1 << 28, make: @escaping MadeAhead<Job, [[Float]]>.Make) {
    viewBytes = max(1, elementCount * MemoryLayout<Float>.size)
    self.memory = memory
    made = MadeAhead(mostItems: Int.max, make: make)
  }

  /// How many pictures' views are held.
  var heldCount: Int { made.heldCount }

  /// Begins a batch, and with the views of the next one where they are foreseen.
  ///
  /// - Returns: whether all that the next batch needs of its pictures is being made.
  func begin(_ batch: [Picture], next: [Picture]?, readers: Int) -> Bool {
    let jobs: [Job]? = lock.withLock {
      let isSteady = pictures.count == batch.count && next?.count == batch.count && !requests.isEmpty
      let asked = requests
      let mayNeedPictures = asksForPictures
      pictures = batch
      requests = []
      asksForPictures = false
      current = upcoming.flatMap { $0.pictures == batch ? $0 : nil }
      upcoming = nil
      guard isSteady, readers > 0, let next else { return nil }
      let foreseen = foresee(next, like: asked)
      upcoming = foreseen
      return mayNeedPictures || foreseen.jobs.count < next.count ? nil : foreseen.jobs
    }
    made.prepare(lock.withLock { upcoming?.jobs ?? [] }, readers: readers)
    return jobs != nil
  }

  private func foresee(_ next: [Picture], like asked: [Request]) -> Foreseen {
    let draws = UInt64(next.count) &* ImageViews.draws
    var requests = asked
    for place in requests.indices {
      let ofStream = UInt64(asked.count { $0.key == asked[place].key })
      requests[place].position &+= 2 &* ofStream &* draws
    }
    let most = max(1, memory / (viewBytes * requests.count))
    let jobs = next.prefix(most).enumerated().map { place, picture in
      Job(picture: picture, requests: requests.map { Self.request($0, of: place) })
    }
    return Foreseen(pictures: next, requests: requests, jobs: jobs)
  }

  private static func request(_ request: Request, of place: Int) -> Request {
    var own = request
    own.position &+= UInt64(place) &* ImageViews.draws
    return own
  }

  /// The views of a batch's first pictures, one after another, as many as were foreseen.
  ///
  /// - Throws: the error of the first picture that cannot be read.
  func views(of batch: [Picture], _ request: Request) throws(UserError) -> [Float] {
    let foreseen: Foreseen? = lock.withLock {
      guard batch == pictures else { return nil }
      requests.append(request)
      return current
    }
    guard let foreseen, let place = foreseen.requests.firstIndex(of: request) else { return [] }
    var views: [Float] = []
    views.reserveCapacity(foreseen.jobs.count * viewBytes / MemoryLayout<Float>.size)
    for found in try made.items(at: foreseen.jobs) { views += found[place] }
    return views
  }

  /// Remembers that a batch was asked for its pictures as they are.
  func noteUnchanged() { lock.withLock { asksForPictures = true } }

  /// Waits for what was foreseen of the batch that began; whether that is all of its pictures.
  ///
  /// - Throws: the error of the first picture that cannot be read.
  func load() throws(UserError) -> Bool {
    guard let current = lock.withLock({ current }) else { return false }
    _ = try made.items(at: current.jobs)
    return current.jobs.count == current.pictures.count
  }
}
