import Datasets
import Foundation
import Runs

/// The first episode on every code as pictures: a strip of frames for each.
struct PolicyFigures {
  let codes: [PendulumCode]
  /// The episodes on each code.
  let courses: [[PendulumEpisode]]
  let folder: URL

  private static let most = 10

  /// Writes the strips, and the course of the angles for the animation.
  func write() throws {
    let episodes = courses.compactMap(\.first)
    guard let length = episodes.first?.rewards.count, length > 0 else { return }
    // Swinging up takes the first seconds, so that these are shown in more detail.
    let steps = (0..<Self.most).map { Int(Double(length - 1) * pow(Double($0) / Double(Self.most - 1), 1.7)) }
    let shown = steps.indices.filter { $0 == 0 || steps[$0] > steps[$0 - 1] }.map { steps[$0] }
    var pictures: [Float] = []
    var rows: [PictureGridFile.Row] = []
    for (code, episode) in zip(codes, episodes) {
      for step in shown {
        pictures += PendulumPicture.pixels(angle: episode.moments[step].now.angle).map { $0 ? 0.25 : 1 }
      }
      rows.append(
        PictureGridFile.Row(
          name: code.subject.text,
          captions: shown.map { String(format: "%.2f", episode.rewards[$0]).replacing("-", with: "−") }))
    }
    let side = PendulumPicture.side
    try PictureGridFile(
      title: "an episode with what the policy sees",
      caption:
        "Each row is the episode from the same beginning, with a policy that sees what stands before the row; under each "
        + "frame the reward of its step.", rows: rows,
      columnNames: shown.map { String(format: "%.1f s", Double($0) * Pendulum.seconds) }
    ).write(pictures: pictures, shape: [rows.count, shown.count, side, side, 1], name: "policy", to: folder)
    try PendulumAnimationFile(
      title: "the pendulum with what the policy sees",
      caption:
        "The same episodes as in the strips, in real time; the rod is upright where the policy has succeeded.",
      secondsPerStep: Pendulum.seconds,
      rods: zip(codes, episodes).map { code, episode in
        .init(name: code.subject.text, angles: episode.moments.map(\.now.angle))
      }
    ).write(name: "policy", to: folder)
  }
}
