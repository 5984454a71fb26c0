import Autograd
import Datasets
import Encoders
import Kernels
import Layers
import Training

/// The encoders, which are the same for every method of a seed, and the method that trains them.
struct CompareModel: Module {
  let encoders: EncoderSet
  let method: any ComparedMethod

  init(settings: CompareSettings, data: CompareData, seed: Int) {
    func stream(_ name: String) -> RandomStream {
      RandomStream(seed: UInt64(bitPattern: Int64(seed)), name: name)
    }
    // The encoders have a stream by themselves, so that no method changes their initial values.
    var initial = stream("init")
    let encoders = EncoderSet(data.modalities, settings: settings.model, stream: &initial)
    self.encoders = encoders
    var setting = MethodSetting(
      encoders: encoders, data: data, model: settings.model, stream: stream("init of the method"),
      furtherEncoders: { EncoderSet(data.modalities, settings: settings.model, stream: &$0) })
    method = settings.method.make(&setting)
  }

  var parts: [ModulePart] {
    (method.usesEncoders ? [.module("encoders", encoders)] : []) + [.module("method", method)]
  }

  /// How many numbers the loss can change.
  var trainedParameterCount: Int {
    parameters.reduce(0) { $0 + ($1.parameter.isTrainable ? $1.parameter.count : 0) }
  }

  /// One row for each observation of a side, by what `represent` makes of the items of a batch; nil where it makes none.
  func matrix(
    of split: MultimodalSplit, data: CompareData, batchSize: Int = 256, context: SeedContext,
    _ represent: ([ModalityInput]) -> Tensor?
  ) throws -> Matrix? {
    var values: [Float] = []
    for start in stride(from: 0, to: split.count, by: batchSize) {
      try context.checkInterruption()
      let inputs = data.inputs(start..<min(start + batchSize, split.count), of: split)
      guard let found = Tape.withoutRecording({ represent(inputs) }) else { return nil }
      values += found.values
    }
    return Matrix(rows: split.count, columns: values.count / max(split.count, 1), values: values)
  }
}
