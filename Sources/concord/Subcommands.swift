import ArgumentParser

extension Concord {
  /// The commands, in the order of the help. `parity`, `doctor` and `data` join here, a file each.
  static let subcommands: [any ParsableCommand.Type] = [
    ListCommand.self, ShowCommand.self, RunCommand.self, ReportCommand.self, PlotCommand.self, RunSeedCommand.self,
  ]
}
