import CKernels

/// Work divided among the threads of the one OpenMP pool.
public enum Parallel {
  /// The number of threads of the pool.
  public static var threads: Int {
    get { Int(ck_threads()) }
    set { ck_set_threads(Int32(newValue)) }
  }

  /// Runs `body` on contiguous parts of `0..<count`, one a thread, each at least `grain` long, and waits for all.
  public static func run(count: Int, grain: Int = 1, _ body: (Range<Int>) -> Void) {
    withoutActuallyEscaping(body) { body in
      var body = body
      withUnsafeMutablePointer(to: &body) { context in
        ck_parallel(
          count, grain,
          { context, begin, end in
            guard let context else { return }
            context.assumingMemoryBound(to: ((Range<Int>) -> Void).self).pointee(begin..<end)
          }, context)
      }
    }
  }
}
