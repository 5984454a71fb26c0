extension ScoreSummary {
  static func estimate(_ values: [Double]) -> (mean: Double, halfWidth: Double?) {
    (values.reduce(0, +) / Double(max(1, values.count)), nil)
  }
}
