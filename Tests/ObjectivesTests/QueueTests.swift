import Autograd
import Kernels
import Layers
import Objectives
import Testing

@Suite struct NegativeQueueTests {
  private func queue(size: Int, tagCount: Int = 0) -> NegativeQueue {
    var stream = RandomStream(seed: 1, name: "queue")
    return NegativeQueue(size: size, dimensions: 2, tagCount: tagCount, stream: &stream)
  }

  private func keys(_ first: Int, _ count: Int) -> Tensor {
    Tensor((first..<(first + count)).flatMap { [Float($0), -Float($0)] }, shape: [count, 2])
  }

  private func firsts(_ queue: NegativeQueue) -> [Float] {
    stride(from: 0, to: 2 * queue.size, by: 2).map { queue.keys.values[$0] }
  }

  @Test func startsWithKeysOfLengthOneThatDependOnTheStream() {
    let queue = queue(size: 5)
    for row in 0..<5 {
      let key = queue.keys.matrix[row: row]
      #expect(abs(key.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
    }
    var other = RandomStream(seed: 2, name: "queue")
    #expect(NegativeQueue(size: 5, dimensions: 2, stream: &other).keys.values != queue.keys.values)
    #expect(queue.position == 0 && queue.filled == 0)
  }

  @Test func wrapsWhereTheBatchDoesNotDivideTheSize() {
    let queue = queue(size: 5)
    queue.enqueue(keys(1, 3))
    #expect(queue.position == 3 && queue.filled == 3)
    queue.enqueue(keys(4, 3))
    #expect(firsts(queue) == [6, 2, 3, 4, 5])
    #expect(queue.position == 1 && queue.filled == 5)
    queue.enqueue(keys(7, 4))
    #expect(firsts(queue) == [6, 7, 8, 9, 10])
    #expect(queue.position == 0)
  }

  @Test(arguments: [5, 6, 7, 10, 13]) func largeBatchLeavesWhatOneByOneWould(batch: Int) {
    let (together, apart) = (queue(size: 5), queue(size: 5))
    together.enqueue(keys(1, 2))
    apart.enqueue(keys(1, 2))
    together.enqueue(keys(10, batch))
    for i in 0..<batch { apart.enqueue(keys(10 + i, 1)) }
    #expect(together.keys.values == apart.keys.values)
    #expect(together.position == apart.position)
  }

  @Test func emptyBatchChangesNothing() {
    let queue = queue(size: 3)
    let before = queue.keys.values
    queue.enqueue(Tensor([], shape: [0, 2]))
    #expect(queue.keys.values == before && queue.position == 0)
  }

  @Test func tagsStayBesideTheirKeys() throws {
    let queue = queue(size: 3, tagCount: 1)
    #expect(try #require(queue.tags).values == [0, 0, 0])
    queue.enqueue(keys(1, 2), tags: Tensor([1, 2], shape: [2, 1]))
    queue.enqueue(keys(3, 2), tags: Tensor([3, 4], shape: [2, 1]))
    #expect(try #require(queue.tags).values == [4, 2, 3])
    #expect(firsts(queue) == [4, 2, 3])
  }

  @Test func keysThatAreStillUsedDoNotChange() {
    let queue = queue(size: 4)
    queue.enqueue(keys(1, 4))
    let used = queue.keys
    queue.enqueue(keys(9, 1))
    #expect(used.values[0] == 1 && queue.keys.values[0] == 9)
    // The gradient is that of the keys at the time of the loss, also where they are replaced before it is computed.
    let query = Tensor([1, 2], shape: [1, 2])
    let product = { (tensors: [Tensor]) in tensors[0].products(own: tensors[0].detached, others: queue.keys).sum() }
    let expected = Tape.gradients(at: [query], of: product).gradients[0].values
    let gradients = Tape.gradients(at: [query]) { tensors in
      let value = product(tensors)
      queue.enqueue(keys(50, 4))
      return value
    }.gradients
    #expect(gradients[0].values == expected)
  }

  @Test func buffersRestoreTheQueue() {
    let queue = queue(size: 4, tagCount: 2)
    queue.enqueue(keys(1, 3), tags: Tensor([1, 0, 0, 1, 1, 1], shape: [3, 2]))
    let other = self.queue(size: 4, tagCount: 2)
    #expect(queue.buffers.map(\.path) == ["keys", "progress", "tags"])
    for (own, saved) in zip(other.buffers, queue.buffers) { own.buffer.value = saved.buffer.value }
    other.enqueue(keys(8, 2), tags: Tensor([0, 0, 0, 0], shape: [2, 2]))
    queue.enqueue(keys(8, 2), tags: Tensor([0, 0, 0, 0], shape: [2, 2]))
    #expect(other.keys.values == queue.keys.values && other.tags?.values == queue.tags?.values)
    #expect(other.position == queue.position && other.filled == 4)
  }

  @Test func wrongShapeIsRefused() async {
    await #expect(processExitsWith: .failure) {
      var stream = RandomStream(seed: 1, name: "queue")
      NegativeQueue(size: 3, dimensions: 2, stream: &stream).enqueue(Tensor([1, 2, 3], shape: [1, 3]))
    }
  }
}

@Suite struct MomentumTwinTests {
  private func network(seed: UInt64) -> ResNet {
    var stream = RandomStream(seed: seed, name: "init")
    return ResNet(widths: [3, 5], blocksPerStage: 1, stream: &stream)
  }

  private func values(_ module: some Module) -> [[Float]] { module.parameters.map { $0.parameter.value.values } }

  private func expectMoved(_ twin: [[Float]], from before: [[Float]], to source: [[Float]], momentum: Float) {
    for i in twin.indices {
      for j in twin[i].indices {
        let expected = before[i][j] + (1 - momentum) * (source[i][j] - before[i][j])
        #expect(abs(twin[i][j] - expected) < 1e-6)
      }
    }
  }

  @Test(arguments: [false, true]) func movesByItsPartOfTheDifference(isFlat: Bool) {
    let source = network(seed: 1)
    let twin = MomentumTwin(of: source, into: network(seed: 2))
    #expect(values(twin) == values(source))
    let optimiser =
      isFlat ? Optimiser(.sgd(), for: source, group: { $0.hasSuffix("bias") ? "biases" : "others" }) : nil
    #expect((optimiser == nil) != isFlat)
    for momentum: Float in [0.99, 0.5] {
      let before = values(twin)
      for (_, parameter) in source.parameters { parameter.assign(randomTensor(parameter.shape, "\(momentum)")) }
      twin.update(momentum: momentum)
      expectMoved(values(twin), from: before, to: values(source), momentum: momentum)
    }
    #expect(values(source)[0] == randomTensor(source.parameters[0].parameter.shape, "0.5").values)
  }

  @Test func momentumZeroCopiesAndOneRests() {
    let source = network(seed: 1)
    let twin = MomentumTwin(of: source, into: network(seed: 2))
    for (_, parameter) in source.parameters { parameter.assign(randomTensor(parameter.shape)) }
    let before = values(twin)
    twin.update(momentum: 1)
    #expect(values(twin) == before)
    twin.update(momentum: 0)
    #expect(values(twin) == values(source))
  }

  @Test func followsASourceThatIsPartOfALargerStore() {
    var stream = RandomStream(seed: 3, name: "init")
    let source = MLP(widths: [3, 4, 2], activation: .relu, stream: &stream)
    let other = MLP(widths: [2, 2], activation: .relu, stream: &stream)
    let twin = MomentumTwin(of: source, into: MLP(widths: [3, 4, 2], activation: .relu, stream: &stream))
    let optimiser = Optimiser(.sgd(), for: Sequential(other, source, other))
    let untouched = values(other)
    for (_, parameter) in source.parameters { parameter.assign(randomTensor(parameter.shape)) }
    let before = values(twin)
    twin.update(momentum: 0.9)
    expectMoved(values(twin), from: before, to: values(source), momentum: 0.9)
    #expect(values(other) == untouched && optimiser.updates == 0)
  }

  @Test func hasItsOwnBuffersAndNoGradient() {
    let source = network(seed: 1)
    let twin = MomentumTwin(of: source, into: network(seed: 2))
    let images = randomTensor([2, 4, 4, 3])
    let pass = ForwardPass(dropout: RandomStream(seed: 1, name: "dropout"))
    let loss = Tape.backpropagate { () -> Tensor in
      let key = twin(images, in: pass)
      #expect(!key.isRecorded)
      #expect(!twin { $0(images, in: .evaluation) }.isRecorded)
      return (source(images, in: .evaluation) * key).sum()
    }
    #expect(loss.isFinite)
    #expect(twin.parameters.allSatisfy { $0.parameter.gradient == nil })
    #expect(source.parameters.contains { $0.parameter.gradient != nil })
    #expect(twin.buffers[0].buffer.value.values != source.buffers[0].buffer.value.values)
  }

  @Test func otherStructureIsRefused() async {
    await #expect(processExitsWith: .failure) {
      var stream = RandomStream(seed: 1, name: "init")
      let source = MLP(widths: [2, 2], activation: .relu, stream: &stream)
      _ = MomentumTwin(of: source, into: MLP(widths: [2, 2, 2], activation: .relu, stream: &stream))
    }
  }
}
