import Foundation

/// The time that processors have spent on this process.
enum ProcessorTime {
  /// Of all threads since the process began, in seconds, what the system did for it among it.
  static var seconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
