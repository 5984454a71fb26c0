import Figures
import Foundation
import Testing

@Suite struct PendulumAnimationTests {
  @Test func rodsTurnClockwiseInDegreesOfAnSVG() throws {
    let animation = PendulumAnimation(
      title: "a & b", secondsPerStep: 0.5,
      rods: [("picture", [0, .pi / 2, .pi]), ("<sound>", [0, -Double.pi / 2, 0])])
    let svg = animation.svg
    #expect(svg.contains("values=\"0;-90;-180\"") && svg.contains("values=\"0;90;0\""))
    #expect(svg.contains("dur=\"1s\"") && svg.contains("a &amp; b") && svg.contains("&lt;sound&gt;"))
    #expect(svg.ranges(of: "<animateTransform ").count == 2)
  }
}
