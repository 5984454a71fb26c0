import Autograd
import Kernels

/// Parameters side by side in one block, so that an optimiser updates neighbours in one pass.
///
/// Parameters of one group lie together; each begins at a multiple of 16 numbers.
public final class ParameterStore {
  /// Parameters that share their settings.
  struct Group {
    let name: String
    let entries: [Entry]
  }

  final class Entry {
    let path: String
    let parameter: Parameter
    let offset: Int
    /// Its length with padding up to the next parameter.
    let extent: Int
    /// How many times it has been updated; one whose first gradient comes late starts its own count, as in PyTorch.
    var updates = 0

    init(path: String, parameter: Parameter, offset: Int, extent: Int) {
      (self.path, self.parameter, self.offset, self.extent) = (path, parameter, offset, extent)
    }
  }

  var entries: [Entry] { groups.flatMap(\.entries) }

  let groups: [Group]
  let count: Int

  /// Moves the parameters of a module into one block, divided into groups by their path.
  ///
  /// - Parameter group: the group of a path; groups keep the order in which they first appear.
  public init(_ module: some Module, group: (_ path: String) -> String = { _ in "all" }) {
    var order: [String] = []
    var members: [String: [(String, Parameter)]] = [:]
    var seen: Set<ObjectIdentifier> = []
    for (path, parameter) in module.parameters where seen.insert(ObjectIdentifier(parameter)).inserted {
      let name = group(path)
      if members[name] == nil { order.append(name) }
      members[name, default: []].append((path, parameter))
    }
    var offset = 0
    groups = order.map { name in
      Group(
        name: name,
        entries: (members[name] ?? []).map { path, parameter in
          let extent = (parameter.count + 15) / 16 * 16
          defer { offset += extent }
          return Entry(path: path, parameter: parameter, offset: offset, extent: extent)
        })
    }
    count = offset
    let values = Storage(count: count)
    let gradients = Storage(count: count)
    // The padding takes part in updates, so it must be numbers.
    Elementwise.fill(values.pointer, with: 0, count: count)
    Elementwise.fill(gradients.pointer, with: 0, count: count)
    for entry in groups.flatMap(\.entries) {
      entry.parameter.move(into: values, gradients: gradients, at: entry.offset)
    }
    self.values = values
    self.gradients = gradients
  }

  let values: Storage
  let gradients: Storage

  /// Forgets all gradients.
  public func clearGradients() {
    for entry in entries { entry.parameter.clearGradient() }
  }

  /// The Euclidean norm of all gradients together.
  public var gradientNorm: Float {
    var total = 0.0
    for entry in entries where entry.parameter.hasGradient {
      total += Elementwise.sumOfSquares(entry.parameter.gradientPointer, count: entry.parameter.count)
    }
    return Float(total.squareRoot())
  }

  /// Counts an update of every parameter of a group that has a gradient, and joins neighbours of equal count.
  ///
  /// A parameter without a gradient rests.
  func stretches(of group: Group) -> [(offset: Int, count: Int, updates: Int)] {
    var result: [(offset: Int, count: Int, updates: Int)] = []
    for entry in group.entries where entry.parameter.hasGradient && entry.parameter.isTrainable {
      entry.updates += 1
      if let last = result.last, last.offset + last.count == entry.offset, last.updates == entry.updates {
        result[result.count - 1].count += entry.extent
      } else {
        result.append((entry.offset, entry.extent, entry.updates))
      }
    }
    return result
  }
}
