import Foundation

extension CPU {
  /// What decides how libraries divide their work: the maker, family and model of the processor, and the sizes of its
  /// caches.
  ///
  /// Processors of one name may be of several generations, whose results differ in the last bits.
  public static let kind: String = {
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    func value(_ key: String) -> String? {
      text.split(separator: "\n").first { $0.split(separator: ":")[0].trimmingCharacters(in: .whitespaces) == key }?
        .split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) }
    }
    let maker = value("vendor_id") ?? value("CPU implementer") ?? "unknown"
    let family = value("cpu family") ?? value("CPU part") ?? "unknown"
    let caches = (0..<8).compactMap { index -> String? in
      let folder = "/sys/devices/system/cpu/cpu0/cache/index\(index)"
      func line(_ name: String) -> String? {
        (try? String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8))?.trimmingCharacters(in: .newlines)
      }
      return line("type") == "Instruction" ? nil : line("size")
    }
    return
      (["\(maker) family \(family) model \(value("model") ?? "unknown")"]
      + (caches.isEmpty ? [] : ["caches \(caches.joined(separator: "/"))"])).joined(separator: ", ")
  }()
}
