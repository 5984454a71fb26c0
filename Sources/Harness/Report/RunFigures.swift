import Diagnostics
import Foundation

/// The figures of a run, drawn from its files alone.
public struct RunFigures {
  private let folder: RunFolder

  /// The figures of a run's folder.
  public init(_ folder: RunFolder) {
    self.folder = folder
  }

  /// Draws what the files allow.
  ///
  /// - Returns: the pictures written.
  @discardableResult public func draw() throws(UserError) -> [URL] { [] }
}
