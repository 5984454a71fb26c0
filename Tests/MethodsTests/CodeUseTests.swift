import Autograd
import Methods
import Testing

@Suite struct CodeUseTests {
  @Test func codesStayUsed() {
    let use = CodeUse(codes: 4)
    #expect(use.share == 0)
    use.add(Tensor([0, 0.5, 0, 0.5], shape: [1, 4]))
    use.add(Tensor([1, 0, 0, 0, 0, 1, 0, 0], shape: [2, 4]))
    #expect(use.share == 0.75)
    use.add([2, 0, 2])
    #expect(use.share == 1)
    #expect(CodeUse(codes: 0).share == 0)
  }
}
