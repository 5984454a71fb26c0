import Foundation
import Testing

/// What is said of each kind of bad input: the command, the exit code, and the one line on standard error.
///
/// `HERE` stands for a folder of bad input, see `BadInputFolder`.
@Suite struct BadInputTests {
  static let snapshot = #"""
    $ concord run gmc/emojis
    64 concord: there is no recipe `gmc/emojis`; did you mean `gmc/emoji`?
    $ concord run nothing/like-it-at-all
    64 concord: there is no recipe `nothing/like-it-at-all`; `concord list` shows all recipes
    $ concord run gmc/emoji --profile quik
    64 concord: the recipe gmc/emoji has no profile `quik`; did you mean `quick`?
    $ concord show HERE/key.yaml
    65 concord: HERE/key.yaml:4:3: unknown key `training.bachSize`; did you mean `training.batchSize`?
    $ concord show HERE/place.yaml
    65 concord: HERE/place.yaml:2:1: unknown key `epochs`; did you mean `training.epochs`?
    $ concord show HERE/type.yaml
    65 concord: HERE/type.yaml:3:11: `training.epochs` must be a whole number, not `many`
    $ concord show HERE/text.yaml
    65 concord: HERE/text.yaml:4:16: every item of `data.emoji.languages` must be text, not `[en, 5]`
    $ concord show HERE/range.yaml
    65 concord: HERE/range.yaml:2:24: `training.batchSize` must be 2 to 1000000
    $ concord show HERE/huge.yaml
    65 concord: HERE/huge.yaml:2:21: `training.epochs` must be a whole number, not `1e+20`
    $ concord show HERE/fraction.yaml
    65 concord: HERE/fraction.yaml:4:21: `method.gmc.headDimensions` cannot be `[512, 1.5]`
    $ concord show HERE/infinite.yaml
    65 concord: HERE/infinite.yaml:2:27: `training.learningRate` must be finite, not `.inf`
    $ concord show HERE/choice.yaml
    65 concord: HERE/choice.yaml:3:9: `method.name` cannot be `fussion`; did you mean `fusion`?
    $ concord show HERE/former.yaml
    65 concord: HERE/former.yaml:3:3: unknown key `method.objective`; it is `method.name` now
    $ concord show gmc/digits data.digits.trainingPairs=0
    64 concord: `data.digits.trainingPairs=0`: `data.digits.trainingPairs` cannot be 0; give 1 to 1000000
    $ concord show gmc/folder data.folder.imageSize=4
    64 concord: `data.folder.imageSize=4`: `data.folder.imageSize` cannot be 4; give 8 to 512
    $ concord show gmc/emoji data.shards.imageSize=4
    64 concord: `data.shards.imageSize=4`: `data.shards.imageSize` must be 8 to 1024
    $ concord show gmc/emoji evaluation.probe.epochs=3
    64 concord: `evaluation.probe.epochs=3`: unknown key `evaluation.probe`; it is `evaluation.accuracy` now
    $ concord show mct/emoji evaluation.evaluators=[retrieval,neighbors]
    64 concord: `evaluation.evaluators=[retrieval,neighbors]`: `evaluation.evaluators` has no evaluator `neighbors`; did you mean `neighbours`?
    $ concord show HERE/twice.yaml
    65 concord: HERE/twice.yaml:2:1: `training` stands twice in one section; keep one
    $ concord show HERE/quote.yaml
    65 concord: HERE/quote.yaml:3:1: not YAML: found unexpected end of stream; look for a missing quote, bracket or space there or before
    $ concord show HERE/deep.yaml
    65 concord: HERE/deep.yaml:2:9: nested deeper than 32 levels; write it flatter
    $ concord show HERE/alias.yaml
    65 concord: HERE/alias.yaml:1:10: an anchor, which such a file cannot have; write the value out where it is used
    $ concord show HERE/list.yaml
    65 concord: HERE/list.yaml:1:1: a recipe is a set of `key: value` lines; for example `extends: gmc/emoji`
    $ concord show HERE/none.yaml
    65 concord: HERE/none.yaml: `experiment` is missing; write `experiment:` with one of gmc, mct, fdt, compare, distil, tune, caption, blip, vilbert, prefix
    $ concord show HERE/latin.yaml
    65 concord: HERE/latin.yaml: the recipe is not UTF-8 text; save it as UTF-8
    $ concord show HERE/circle.yaml
    65 concord: HERE/circle.yaml:1:10: the recipe extends itself: HERE/circle.yaml → circle.yaml; remove one `extends`
    $ concord show HERE/orphan.yaml
    65 concord: HERE/orphan.yaml:1:10: there is no recipe `gmc/emojy`; did you mean `gmc/emoji`?
    $ concord show HERE/seeds.yaml
    65 concord: HERE/seeds.yaml:2:8: seed 1 stands twice in `seeds`
    $ concord show HERE/profile.yaml
    65 concord: HERE/profile.yaml:4:5: a profile cannot set `title`; move it out of the profile
    $ concord show HERE/expected.yaml
    65 concord: HERE/expected.yaml:3:5: an expected value lacks `source`
    $ concord show HERE/missing.yaml
    74 concord: there is no file `HERE/missing.yaml`; see the path
    $ concord show HERE/empty
    64 concord: there is no recipe `HERE/empty`; the name of a file of your own ends with .yaml
    $ concord run gmc/emoji seeds=0
    64 concord: `seeds=0`: `seeds` must be a list, not `0`; put it in brackets: [0]
    $ concord run gmc/emoji seeds=[]
    64 concord: `seeds=[]`: `seeds` is empty; for example [0, 1, 2]
    $ concord run gmc/emoji seeds=[0,-1]
    64 concord: `seeds=[0,-1]`: `seeds` must be whole numbers from 0, not `-1`
    $ concord run gmc/emoji seeds=[0
    64 concord: `seeds=[0`: the value is not YAML: did not find expected ',' or ']'; quote it for the shell as it is
    $ concord run gmc/emoji threads=0
    64 concord: `threads=0`: `threads` must be a whole number from 1 to 1024, not `0`
    $ concord run gmc/emoji training.learningRate=fast
    64 concord: `training.learningRate=fast`: `training.learningRate` must be a number, not `fast`
    $ concord run gmc/emoji title=mine
    64 concord: `title=mine`: `title` cannot be overridden; write a recipe of your own
    $ concord run HERE/good.yaml --runs HERE/key.yaml
    74 concord: HERE/key.yaml/good: the folder cannot be made: Not a directory; choose another with --runs
    $ concord run HERE/good.yaml --data-root HERE/nowhere
    74 concord: HERE/nowhere: there is no such folder; see --data-root
    $ concord run HERE/good.yaml --jobs none
    64 concord: The value 'none' is invalid for '--jobs <jobs>'; see `concord run --help`
    $ concord report HERE/nowhere
    74 concord: HERE/nowhere: there is no such folder; name a folder such as runs/gmc-emoji/<time>-<hash>
    $ concord report HERE/empty
    74 concord: HERE/empty: this is not the folder of a run; name a folder such as runs/gmc-emoji/<time>-<hash>
    $ concord report HERE/unfinished
    74 concord: HERE/unfinished/results.json: there is no such file; the run has not finished
    $ concord report HERE/manifest
    65 concord: HERE/manifest/manifest.json: the file is damaged: `jobs` is missing; run again
    $ concord report HERE/cut
    65 concord: HERE/cut/results.json: the file is damaged: it is not JSON; run again
    $ concord report HERE/type
    65 concord: HERE/type/results.json: the file is damaged: `wallSeconds` is of another type; run again
    $ concord report HERE/mean
    65 concord: HERE/mean/results.json: the file is damaged: the mean of the score `accuracy, image, accuracy` is not that of its values; run again
    $ concord plot HERE/log
    65 concord: HERE/log/seed-0/metrics.jsonl:2: is not an event of Concord; remove the line or run again
    $ concord plot HERE/array
    65 concord: HERE/array/seed-0/embeddings.npz: is not a zip archive, or its end is missing; the file is damaged or of another format; write it again
    $ concord parity HERE/nowhere.safetensors
    74 concord: HERE/nowhere.safetensors: there is no such file; check its name and folder
    $ concord parity HERE/cut.safetensors
    65 concord: HERE/cut.safetensors: array 'out.loss' ends beyond the file; the file is damaged or of another format; write it again
    $ concord parity HERE/text.safetensors
    65 concord: HERE/text.safetensors: has a header of 8367736964726416744 bytes, beyond its end; the file is damaged or of another format; write it again
    $ concord parity HERE/giant.safetensors
    65 concord: HERE/giant.safetensors: array 'a' ends beyond the file; the file is damaged or of another format; write it again
    $ concord parity HERE/type.safetensors
    65 concord: HERE/type.safetensors: array 'a' has the unknown type 'F4'; store it as one of F64, F32, F16, BF16, I64, I32, I16, I8, U32, U16, U8, BOOL
    $ concord parity HERE/case.safetensors
    65 concord: case.safetensors: no reference case: the metadata names none; add the key "case"
    $ concord parity HERE/shapes.safetensors
    65 concord: shapes.safetensors: in.x and in.w differ in shape
    $ concord parity HERE
    74 concord: HERE: is a folder, not a file; name a file
    $ concord bench gmc-digit
    64 concord: there is no case "gmc-digit"; did you mean gmc-digits?
    $ concord bench --steps 0
    64 concord: --steps must be 1 to 1000000, not 0; see `concord bench --help`
    $ concord data digits
    65 concord: digits: digits-mnist/train-images-idx3-ubyte.gz of MNIST (LeCun, Cortes, Burges) is missing under the data root HERE/data; published: the MNIST page as IDX files, and as PNG by GitHub rasbt/mnist-pngs; name the data root by --data-root or CONCORD_DATA
    $ concord data emojis
    64 concord: there is no built-in data set `emojis`; did you mean `emoji`?
    $ concord data stamps-of-the-world
    64 concord: there is no built-in data set `stamps-of-the-world`; choose of emoji, stamps, clipart, digits, cifar, nlvr, nlvrScenes, sentiment, coco, flickr30k, pendulum, mhd
    $ concord doctor --jsn
    64 concord: Unknown option '--jsn'. Did you mean '--json'?; see `concord doctor --help`
    $ concord doctor --runs
    64 concord: Missing value for '--runs <runs>'; see `concord doctor --help`
    """#

  /// A row of the snapshot.
  struct Row: CustomTestStringConvertible, Sendable {
    let command: String
    let exitCode: Int32
    let message: String

    var testDescription: String { command }
  }

  /// The rows: a line that begins with `$`, and under it the exit code and the message.
  static let rows: [Row] = {
    let lines = snapshot.split(separator: "\n").map(String.init)
    return stride(from: 0, to: lines.count - 1, by: 2).map { index in
      let answer = lines[index + 1].split(separator: " ", maxSplits: 1)
      return Row(
        command: String(lines[index].dropFirst(2)), exitCode: Int32(answer[0]) ?? -1, message: String(answer[1]))
    }
  }()

  @Test(arguments: rows) func isToldOnOneLine(row: Row) throws {
    let folder = try BadInputFolder()
    let words = row.command.split(separator: " ").dropFirst().map { String($0).replacing("HERE", with: folder.path) }
    let outcome = try Program.run(
      words, environment: ["CONCORD_DATA": "\(folder.path)/data", "CONCORD_CACHE": folder.path])
    let errors = outcome.errors.replacing(folder.path, with: "HERE")
    #expect(errors == row.message + "\n")
    #expect(outcome.exitCode == row.exitCode)
    #expect(outcome.output.isEmpty)
  }

  @Test func thereAreAtLeastTwentyKinds() {
    #expect(Self.rows.count >= 20)
    #expect(Set(Self.rows.map(\.message)).count == Self.rows.count)
  }
}
