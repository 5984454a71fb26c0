import Foundation

/// How long idle threads of the OpenMP pool look out for work before they sleep.
///
/// GNU OpenMP lets them spin for milliseconds. Where another program needs a core meanwhile, every fork and join then
/// waits for the scheduler, and a training step was seen to take thirty times as long; a short spin costs nothing on a
/// quiet machine. The library reads its settings when it is loaded, so the program starts itself anew with them.
enum ThreadWaiting {
  /// The spins that are set unless the environment says otherwise.
  static let spins = "2000"

  /// Starts the program anew with a short spin, unless the environment has its own settings.
  static func shorten() {
    guard getenv("GOMP_SPINCOUNT") == nil, getenv("OMP_WAIT_POLICY") == nil else { return }
    setenv("GOMP_SPINCOUNT", spins, 1)
    // It returns only where it fails; then all goes on as it is.
    execv("/proc/self/exe", CommandLine.unsafeArgv)
  }
}
