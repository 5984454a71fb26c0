import ArgumentParser

extension Concord {
  /// The commands, in the order of the help.
  static let subcommands: [any ParsableCommand.Type] = [
    ListCommand.self, ShowCommand.self, RunCommand.self, RunsCommand.self, CompareCommand.self, ReportCommand.self,
    PublishCommand.self,
    DiffCommand.self,
    ExportCommand.self, PlotCommand.self, VerifyCommand.self, SearchCommand.self, ClassifyCommand.self,
    MatchCommand.self, EmbedCommand.self, ImagineCommand.self, CaptionCommand.self, AskCommand.self,
    ImportCommand.self,
    ParityCommand.self,
    BenchCommand.self,
    DataCommand.self,
    DoctorCommand.self, HelpCommand.self, RunSeedCommand.self, RunTeamCommand.self,
    FingerprintCommand.self, TeamCheckCommand.self,
  ]
}
