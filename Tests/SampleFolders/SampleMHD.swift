import Foundation
import Interchange
import Kernels

/// Files of the form that GMC's own digits have after their conversion, with few observations.
public enum SampleMHD {
  /// The arrays of a file; observation `i` is of class `i mod 10`, and every modality tells it, with noise.
  public static func arrays(count: Int, seed: UInt64 = 0) -> [String: NumericArray] {
    var stream = RandomStream(seed: seed, name: "sample/mhd")
    func numbers(_ shape: [Int]) -> NumericArray {
      let size = shape.reduce(1, *)
      let values = (0..<count * size).map { place -> Float in
        let (digit, part) = (place / size % 10, place % size * 10 / size)
        return (digit == part ? 0.7 : 0.1) + 0.2 * stream.uniform()
      }
      return NumericArray(values, shape: [count] + shape)
    }
    return [
      "label": NumericArray((0..<count).map { Int32($0 % 10) }, shape: [count]), "image": numbers([1, 28, 28]),
      "sound": numbers([1, 32, 128]), "trajectory": numbers([200]),
      "limits": NumericArray([-1.5, 1.5, -80, 0] as [Float], shape: [4]),
    ]
  }

  /// Writes `mhd_train.npz` and `mhd_test.npz` into a folder.
  public static func write(to folder: URL, train: Int, test: Int) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (part, count, seed) in [("train", train, UInt64(0)), ("test", test, 1)] {
      try NumpyArchive(arrays: arrays(count: count, seed: seed))
        .write(to: folder.appending(path: "mhd_\(part).npz"))
    }
  }
}
