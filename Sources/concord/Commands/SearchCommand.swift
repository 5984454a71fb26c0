import ArgumentParser
import Datasets
import Diagnostics
import Foundation
import Kernels
import Search
import StrictYAML

/// `concord search`
struct SearchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "search",
    abstract: "Searches pictures by a text, or pictures and texts by a picture, with a trained run.",
    discussion: """
      Example:  concord search runs/fdt-emoji red fruit
      Example:  concord search runs/fdt-emoji --image apple.png --html apple.html
      Example:  concord search runs/fdt-emoji "a smiling face" --folder ~/Pictures

      Without --folder the observations of the side that the run reports are searched, in the data that it has learnt \
      from; with it the run alone is enough. Pictures are brought to the form \
      that the run learnt from; what is embedded once is kept in the cache folder.
      """)

  @OptionGroup var trained: TrainedRunArguments

  @Argument(help: "What to search for, in words of any kind; rare ones are said.")
  var text: [String] = []

  @Option(help: "A picture to search by, PNG, JPEG or WebP, instead of a text.")
  var image: String?

  @Option(help: "Search the PNG and JPEG files in this folder and those below it.")
  var folder: String?

  @Option(help: "How many hits to show.")
  var count = 10

  @Option(help: "Also write the hits, with their pictures, as a page that opens offline.")
  var html: String?

  @Flag(help: "Replace the file of --html where it is there already.")
  var force = false

  func validate() throws {
    if text.isEmpty == (image == nil) { throw ValidationError("give either a text or --image FILE") }
    guard (1...10_000).contains(count) else { throw ValidationError("--count must be 1 to 10000, not \(count)") }
    if force, html == nil { throw ValidationError("--force belongs to --html") }
  }

  func run() throws {
    if let html { try TrainedRunArguments.check(html, mayReplace: force) }
    let files = try folder.map { try PictureFolder($0) }
    let (run, search) = try trained.open(observations: folder == nil)
    let data = run.embedder.data
    let (query, vector) = try vector(by: search)
    var collections: [SearchCollection] = []
    if let files, let folder {
      collections.append(try search.pictures(in: files, path: folder))
    } else {
      collections.append(try search.pictures())
      if image != nil, data.captions.isEmpty {
        TrainedRunArguments.remark("the run knows no texts, so pictures alone are searched")
      } else if image != nil {
        collections.append(try search.texts(language: trained.language))
      }
    }
    TrainedRunArguments.remark(onAgreementOf: run)
    let report = SearchReport(
      run: run.name, query: query, form: data.form.description, vector: vector, collections: collections, count: count)
    if let html {
      let page = report.html(
        preview: search.preview, queryPreview: image.flatMap { search.preview(of: URL(fileURLWithPath: $0)) })
      try AtomicFile.write(page, to: URL(fileURLWithPath: html))
    }
    if trained.json { return say(report.json.json) }
    say(report.plain, terminator: "")
    if image != nil || folder != nil { say("\nPictures: \(data.form).") }
    if let html { say("page: \(html)") }
  }

  /// The query with its embedding.
  private func vector(by search: EmbeddingSearch) throws -> (SearchReport.Query, [Float]) {
    if let image {
      let file = URL(fileURLWithPath: image)
      return (.picture(file), try search.vectors(ofPictures: [file]).values)
    }
    let queries = try TextQuery.resolve(
      [text.joined(separator: " ")], language: trained.language, in: search.embedder.data)
    if let remark = queries[0].remark { TrainedRunArguments.remark(remark) }
    return (.text(queries[0]), try search.vectors(of: queries).values)
  }
}
