import Foundation
import Kernels

extension Examination {
  /// The cores, the memory and what the system allows of them.
  func limits() -> [Finding] {
    let online = sysconf(Int32(_SC_NPROCESSORS_ONLN))
    let allowed = ProcessInfo.processInfo.activeProcessorCount
    let threads = Parallel.threads
    var findings = [Finding("threads", "\(threads)")]
    if threads > allowed {
      findings[0] = Finding(
        "threads", "\(threads) on \(allowed) cores", .odd, mend: "slow: set OMP_NUM_THREADS to \(allowed) or less")
    } else if threads < allowed {
      findings[0] = Finding("threads", "\(threads) of \(allowed) cores", .odd, mend: "unset OMP_NUM_THREADS to use all")
    }
    findings.append(
      allowed < online
        ? Finding(
          "cores", "\(allowed) of \(online) by affinity", .odd,
          mend: "start it without taskset, or in a container with more cores, to use all")
        : Finding("cores", "\(allowed)"))
    let group = ControlGroup()
    if let cores = group.cores {
      let text = String(format: "%.4g cores", cores)
      let isLess = cores < Double(threads) - 0.01
      findings.append(
        Finding(
          "cgroup's processor", text, isLess ? .odd : .well,
          mend: isLess
            ? "slow: threads wait for each other while they are held up; set OMP_NUM_THREADS=\(max(1, Int(cores)))"
            : nil)
      )
    }
    findings.append(memory(group))
    var load = 0.0
    if getloadavg(&load, 1) == 1 {
      let isBusy = load > 0.5 * Double(allowed)
      findings.append(
        Finding(
          "load", String(format: "%.1f", load), isBusy ? .odd : .well,
          mend: isBusy ? "other programs are at work, so times are not to be trusted" : nil))
    }
    return findings + userLimits()
  }

  private func memory(_ group: ControlGroup) -> Finding {
    func text(_ bytes: UInt64) -> String { String(format: "%.1f GiB", Double(bytes) / Double(1 << 30)) }
    let physical = ProcessInfo.processInfo.physicalMemory
    let limit = min(physical, group.memory ?? .max)
    let words = limit < physical ? "\(text(limit)) of \(text(physical)) by cgroup" : text(physical)
    return limit < 2 << 30
      ? Finding("memory", words, .odd, mend: "the larger recipes need 2 GiB; run them with --profile quick")
      : Finding("memory", words)
  }

  /// What `ulimit` forbids.
  private func userLimits() -> [Finding] {
    func limit(_ resource: __rlimit_resource) -> UInt64? {
      var limit = rlimit()
      guard getrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0, limit.rlim_cur != rlim_t(bitPattern: -1)
      else { return nil }
      return UInt64(limit.rlim_cur)
    }
    var findings: [Finding] = []
    if let bytes = limit(RLIMIT_AS), bytes < 16 << 30 {
      findings.append(
        Finding("address space", "\(bytes >> 20) MiB", .odd, mend: "memory may run out early: ulimit -v unlimited"))
    }
    if let bytes = limit(RLIMIT_FSIZE), bytes < 1 << 30 {
      findings.append(
        Finding("file size", "\(bytes >> 20) MiB", .odd, mend: "a checkpoint may not fit: ulimit -f unlimited"))
    }
    if let count = limit(RLIMIT_NOFILE), count < 256 {
      findings.append(Finding("open files", "\(count)", .odd, mend: "seeds side by side need more: ulimit -n 1024"))
    }
    return findings
  }

  /// The variables that make things slow or change what is computed with.
  func variables() -> [Finding] {
    var findings: [Finding] = []
    func odd(_ name: String, _ mend: String, where isOdd: (String) -> Bool = { _ in true }) {
      guard let value = environment[name], !value.isEmpty, isOdd(value) else { return }
      findings.append(Finding(name, value, .odd, mend: mend))
    }
    func isSet(_ value: String) -> Bool { !["0", "false", "FALSE"].contains(value) }
    let cores = ProcessInfo.processInfo.activeProcessorCount
    for name in ["OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"] {
      odd(name, "it is not followed; \(BLAS.coreVariable) names the kernels of OpenBLAS")
    }
    for name in ["OPENBLAS_NUM_THREADS", "OPENBLAS_DEFAULT_NUM_THREADS", "GOTO_NUM_THREADS"] {
      odd(
        name, "products of matrices may run on other threads than the rest; unset it, OMP_NUM_THREADS says it for all")
    }
    odd("OMP_NUM_THREADS", "give one whole number of at most \(cores)") { (Int($0) ?? 0) < 1 || (Int($0) ?? 0) > cores }
    odd("OMP_THREAD_LIMIT", "fewer than the \(cores) cores can be used; unset it") { (Int($0) ?? 0) < cores }
    odd("OMP_DYNAMIC", "the number of threads changes, and with it the results' last digits; unset it", where: isSet)
    for name in ["OMP_PROC_BIND", "OMP_PLACES", "GOMP_CPU_AFFINITY"] {
      odd(name, "slow: seeds that run side by side share the same cores; unset it", where: isSet)
    }
    odd("OMP_WAIT_POLICY", "slow beside other programs: idle threads hold their core; unset it") {
      $0.lowercased() == "active"
    }
    odd("GOMP_SPINCOUNT", "slow beside other programs: idle threads hold their core; unset it") {
      (Int($0) ?? .max) > 100_000
    }
    for name in ["DNNL_MAX_CPU_ISA", "ONEDNN_MAX_CPU_ISA"] { odd(name, "slow: it forbids instructions; unset it") }
    for name in ["DNNL_VERBOSE", "ONEDNN_VERBOSE", "DNNL_JIT_DUMP", "ONEDNN_JIT_DUMP"] {
      odd(name, "slow, and it mixes with the output; unset it", where: isSet)
    }
    for name in ["MALLOC_CHECK_", "MALLOC_PERTURB_"] { odd(name, "slow: memory is checked; unset it", where: isSet) }
    odd("LD_PRELOAD", "it may put other libraries in the place of those examined here; unset it")
    return findings.isEmpty ? [Finding("environment", "no variable that slows things")] : findings
  }
}
