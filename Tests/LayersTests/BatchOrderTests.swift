import Autograd
import Kernels
import Layers
import ModuleGradients
import SampleTensors
import Testing

@Suite struct BatchOrderTests {
  @Test func restoringUndoesShuffling() {
    var stream = RandomStream(seed: 3, name: "order")
    let order = BatchOrder(count: 9, stream: &stream)
    let batch = example([9, 2, 2, 3])
    let shuffled = order.shuffled(batch)
    #expect(shuffled.shape == batch.shape && shuffled.values != batch.values)
    #expect(distance(order.restored(shuffled), batch) == 0)
    #expect(shuffled.values.sorted() == batch.values.sorted())
    // What is computed item by item goes back to its item.
    let sums = shuffled.reshaped(to: [9, 12]).sum(axis: 1, keepingAxis: true)
    #expect(distance(order.restored(sums), batch.reshaped(to: [9, 12]).sum(axis: 1, keepingAxis: true)) < 1e-6)
    #expect(BatchOrder(count: 9, stream: &stream) != order)
  }

  @Test func aLayerThatMixesPartsTellsThemApart() {
    // With parts of two, neighbours share statistics; in another order other items do.
    var stream = RandomStream(seed: 3, name: "order")
    let order = BatchOrder(count: 8, stream: &stream)
    let norm = BatchNorm(2, groups: 4)
    let pass = ForwardPass(dropout: initialStream())
    let batch = example([8, 2])
    #expect(distance(order.restored(norm(order.shuffled(batch), in: pass)), norm(batch, in: pass)) > 1e-3)
    let whole = BatchNorm(2)
    #expect(distance(order.restored(whole(order.shuffled(batch), in: pass)), whole(batch, in: pass)) < 1e-5)
  }

  @Test func anotherCountIsRefused() async {
    await #expect(processExitsWith: .failure) {
      var stream = RandomStream(seed: 0, name: "order")
      _ = BatchOrder(count: 3, stream: &stream).shuffled(Tensor([1, 2], shape: [2, 1]))
    }
  }
}
