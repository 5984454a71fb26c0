import Autograd
import Diagnostics
import Foundation
import Interchange
import Layers

/// Named places for tensors: the numbers of modules that a file holds, filled from it only where all of them fit.
struct TensorPlaces {
  private struct Place {
    let name: String
    let value: () -> Tensor
    let assign: (Tensor) -> Void
  }

  private var places: [Place] = []

  /// Adds parameters and buffers of a module, each under the prefix and its path.
  mutating func add(_ module: any Module, prefix: String = "") {
    for (path, parameter) in module.parameters {
      places.append(Place(name: prefix + path, value: { parameter.value }, assign: { parameter.assign($0) }))
    }
    for (path, buffer) in module.buffers {
      places.append(Place(name: prefix + path, value: { buffer.value }, assign: { buffer.value = $0 }))
    }
  }

  /// The numbers now.
  var arrays: [String: NumericArray] {
    var arrays: [String: NumericArray] = [:]
    for place in places {
      let value = place.value()
      arrays[place.name] = NumericArray(value.values, shape: value.shape)
    }
    return arrays
  }

  /// The tensors of a file for all places, in their order.
  ///
  /// - Throws: an error naming the first tensor that is missing, left over or of another shape.
  func tensors(in arrays: [String: NumericArray], of url: URL) throws(UserError) -> [Tensor] {
    func refused(_ what: String) -> UserError {
      UserError(.data, what, at: url.path, mend: "it belongs to another model")
    }
    var tensors: [Tensor] = []
    for place in places {
      guard let array = arrays[place.name], let values = array.floats else {
        throw refused("holds no tensor \(place.name)")
      }
      let shape = place.value().shape
      guard array.shape == shape else {
        throw refused("\(place.name) has shape \(array.shape), the model's is \(shape)")
      }
      tensors.append(Tensor(values, shape: shape))
    }
    let known = Set(places.map(\.name))
    if let extra = arrays.keys.sorted().first(where: { !known.contains($0) }) {
      throw refused("holds \(extra), which the model has not")
    }
    return tensors
  }

  /// Puts tensors of ``tensors(in:of:)`` into their places.
  func fill(with tensors: [Tensor]) {
    for (place, tensor) in zip(places, tensors) { place.assign(tensor) }
  }
}
