import Kernels
import Testing

/// The pool belongs to the process, so what it counts is looked at in processes of their own.
@Suite struct StoragePoolTests {
  @Test func aFreeBlockIsUsedAgain() async {
    await #expect(processExitsWith: .success) {
      var block: Storage? = Storage(count: 5000)
      let address = block?.pointer
      block = nil
      // 4900 and 5000 lie in the same size class.
      let again = Storage(count: 4900)
      #expect(again.pointer == address)
      #expect(again.count == 4900)
      let other = Storage(count: 4900)
      #expect(other.pointer != address)
      withExtendedLifetime((again, other)) {}
    }
  }

  @Test func blocksAreAligned() {
    let blocks = [0, 1, 15, 16, 17, 100, 1023, 4097, 100_000].map { Storage(count: $0) }
    for block in blocks { #expect(UInt(bitPattern: block.pointer) % 64 == 0, "\(block.count) numbers") }
    #expect(Set(blocks.map(\.pointer)).count == blocks.count)
  }

  @Test func atMostAQuarterIsWasted() async {
    await #expect(processExitsWith: .success) {
      for count in [64, 65, 100, 129, 257, 1000, 1025, 4097, 5121, 65_537, 1_000_001] {
        let before = StoragePool.bytesInUse.now
        let block = Storage(count: count)
        let taken = (StoragePool.bytesInUse.now - before) / 4
        #expect(taken >= count)
        // Blocks are multiples of 16 numbers, which weighs on small ones.
        #expect(Double(taken) <= max(1.25 * Double(count), Double(count + 15)), "\(taken) for \(count)")
        withExtendedLifetime(block) {}
      }
    }
  }

  @Test func bytesInUseFollowTheBlocks() async {
    await #expect(processExitsWith: .success) {
      let start = StoragePool.bytesInUse
      var blocks = [Storage(count: 1024), Storage(count: 1024)]
      #expect(StoragePool.bytesInUse.now == start.now + 8192)
      blocks.removeLast()
      #expect(StoragePool.bytesInUse.now == start.now + 4096)
      #expect(StoragePool.bytesInUse.peak == max(start.peak, start.now + 8192))
      StoragePool.releaseFreeBlocks()
      #expect(StoragePool.bytesInUse.now == start.now + 4096)
      blocks[0].pointer[1023] = 5
      #expect(blocks[0].pointer[1023] == 5)
      blocks = []
      #expect(StoragePool.bytesInUse.now == start.now)
    }
  }

  @Test func aNegativeCountIsRefused() async {
    await #expect(processExitsWith: .failure) { _ = Storage(count: -1) }
  }
}
