/// How a command line that the documentation shows is exercised.
enum CommandExercise {
  /// As it is.
  case asShown
  /// With further arguments that make it small.
  case with(String)
  /// By another line in its place.
  case instead(String, because: String)
  /// Not at all: only its command and options are looked up in the help of the program.
  case lookedUp(because: String)
}

/// Every command line of README.md and of the documentation catalogues, in the order in which they are run.
///
/// They are run one after another in one folder, see ``ShownCommandTests``: what one leaves behind, such as
/// `runs/gmc-emoji`, the next ones read.
enum ShownCommandTable {
  private static let littleEmoji =
    "data.emoji.imageSize=16 data.folds=1 data.emoji.validationFraction=0.85 data.emoji.testFraction=0.05 training.epochs=1"
  private static let smallGMC = """
    method.gmc.commonDimensions=16 model.dimensions=8 'method.gmc.headDimensions=[16]' 'model.imageWidths=[4]' \
    model.textDimensions=8 model.textLayers=1 model.textHeads=2 'model.tagDimensions=[8]' \
    evaluation.accuracy.epochs=1 'evaluation.accuracy.hidden=[8]' evaluation.shownObservations=20 \
    evaluation.delaunay.observations=20 evaluation.delaunay.rays=20 evaluation.delaunay.smallest=3
    """
  private static let smallFDT = """
    model.imageDimensions=8 model.imageLayers=1 model.imageHeads=2 model.textDimensions=8 model.textLayers=1 \
    model.textHeads=2 model.dimensions=8 method.fdt.codes=16 evaluation.trackedObservations=0 \
    evaluation.concepts.count=4 evaluation.concepts.shownCodes=4 evaluation.shownObservations=20
    """
  private static let smallCLIP = """
    model.imageDimensions=8 model.imageLayers=1 model.imageHeads=2 model.textDimensions=8 model.textLayers=1 \
    model.textHeads=2 model.dimensions=8 evaluation.accuracy.epochs=1 evaluation.shownObservations=20
    """
  private static let smallComparison = "\(smallCLIP) --threads 1"

  /// Runs that the documentation takes for granted, made before; with all emoji, so that its words are in the vocabulary.
  static let preparations = [
    "concord run fdt/emoji 'seeds=[0]' data.emoji.imageSize=16 training.epochs=1 \(smallFDT)"
  ]

  static let entries: [(line: String, exercise: CommandExercise)] = [
    ("concord list", .asShown),
    ("concord doctor", .asShown),
    ("concord <command> --help", .instead("concord run --help", because: "<command> stands for any")),
    ("concord list --methods", .asShown),
    ("concord list --evaluators", .asShown),
    ("concord list --data", .asShown),
    ("concord help", .asShown),
    ("concord help run", .asShown),
    ("concord help recipes", .asShown),
    ("concord help keys", .asShown),
    ("concord help data", .asShown),
    ("concord help own-data", .asShown),
    ("concord help methods", .asShown),
    ("concord help evaluators", .asShown),
    ("concord help memory", .asShown),
    ("concord help machines", .asShown),
    ("concord help run-folders", .asShown),
    ("concord help commands", .asShown),
    ("concord help environment", .asShown),
    ("concord help architecture", .asShown),
    ("concord help extending", .asShown),
    ("concord show gmc/emoji training.epochs=5", .asShown),
    ("concord show gmc/emoji training.epochs=5 --profile quick", .asShown),
    ("concord show mine.yaml", .asShown),

    ("concord run gmc/emoji --profile quick", .with("\(littleEmoji) \(smallGMC)")),
    (
      "concord run mine.yaml --profile quick 'seeds=[0,1,2]' training.batchSize=64",
      .with("\(littleEmoji) \(smallGMC)")
    ),
    ("concord run mine.yaml", .with("'seeds=[1]' \(littleEmoji) \(smallGMC)")),
    (
      "concord run gmc/digits 'seeds=[0,1]' --jobs 2 --data-root data",
      .with(
        """
        data.digits.source=generated data.digits.trainingPairs=40 data.digits.validationPairs=10 \
        data.digits.testPairs=20 training.epochs=1 training.batchSize=20 'model.vectorDimensions=[16]' \
        'method.gmc.headDimensions=[16]' evaluation.accuracy.epochs=1 evaluation.delaunay.observations=20 \
        evaluation.delaunay.rays=20 evaluation.delaunay.smallest=3
        """)
    ),

    (
      "concord run mct/emoji --profile quick 'evaluation.evaluators=[linearProbe,linearSVM,fewLabels]'",
      .with(
        """
        \(littleEmoji) training.warmupSteps=0 training.batchSize=150 'model.imageWidths=[4]' model.textDimensions=8 \
        model.textLayers=1 model.textHeads=2 method.mct.headDimensions=8 method.mct.queueSize=70 model.dimensions=8 \
        'evaluation.labellings=[group]' evaluation.shownObservations=20
        """)
    ),

    ("concord report runs/gmc-emoji", .asShown),
    (
      "concord runs 'method.name == clip and training.batchSize >= 128' --sort 'retrieval R@1'",
      .instead(
        "concord runs 'method.name == gmc and training.batchSize >= 64' --sort 'retrieval R@1'",
        because: "no run of CLIP is made here")
    ),
    ("concord diff runs/gmc-emoji runs/mine", .asShown),
    ("concord export runs/gmc-emoji --to npz", .asShown),
    ("concord export runs/gmc-emoji --to onnx", .asShown),
    ("concord plot runs/gmc-emoji --only loss-curves --format pdf", .asShown),
    ("concord search runs/fdt-emoji red fruit", .asShown),
    ("concord search runs/fdt-emoji red fruit --int8", .asShown),
    ("concord classify runs/fdt-emoji picture.png --labels dog,cat", .asShown),
    ("concord match runs/fdt-emoji pairs.tsv --figure pairs.svg", .asShown),
    (
      "concord imagine runs/compare-mvae \"red heart\" --output heart.png",
      .lookedUp(because: "the model must be trained")
    ),

    (
      "concord caption runs/caption-emoji picture.png",
      .lookedUp(because: "the model must be trained")
    ),
    (
      "concord ask runs/prefix-emoji picture.png \"What is it?\"",
      .lookedUp(because: "the model must be trained")
    ),

    (
      "concord import clip-vit-base-patch32 --output models/clip",
      .lookedUp(because: "the model must be fetched")
    ),

    (
      "concord embed models/clip photos --output photos.npz",
      .lookedUp(because: "the model must be fetched")
    ),
    (
      "concord embed models/clip photos --output photos.npz --precision bfloat16",
      .lookedUp(because: "the model must be fetched")
    ),

    ("concord compare emoji --profile quick --jobs 2", .with("\(littleEmoji) \(smallComparison)")),
    ("concord compare emoji", .with("--plan")),
    ("concord compare emoji --plan", .asShown),
    ("concord compare emoji folds=5", .with("--plan")),
    ("concord compare emoji --plan --jobs 8", .asShown),
    ("concord compare emoji --cells", .asShown),
    (
      "concord compare emoji --threads 2 --join",
      .lookedUp(because: "it prints no report; a test of its own runs two at once")
    ),
    ("concord compare emoji --threads 2 --runs local --cell 0-8", .lookedUp(because: "nine cells take minutes")),
    (
      "concord compare emoji --threads 2 --collect from-a from-b",
      .lookedUp(because: "the folders are of other machines")
    ),
    (
      "concord compare emoji --threads 1 --collect Results/Compare/emoji",
      .lookedUp(because: "the committed rows change; a test of its own collects a published comparison")
    ),
    ("concord run fdt/emoji seeds=[0,1,2]", .lookedUp(because: "three seeds take minutes")),
    (
      "concord run fdt/emoji seeds=[0,1,2,3,4] --collect Results/FDT/emoji from-b",
      .lookedUp(because: "the folder is of another machine; tests of their own collect seeds")
    ),
    (
      "concord run compare/clip training.batchSize=512 training.chunks=8 --ranks 4",
      .lookedUp(because: "it needs Open MPI and four cores; tests of its own run several ranks")
    ),
    (
      "concord run compare/clip training.batchSize=512 training.chunks=8 --ranks 8 --hosts a:4,b:4",
      .lookedUp(because: "it needs two hosts; a test of its own makes them")
    ),
    ("concord run --ranks", .lookedUp(because: "no recipe is named")),
    ("concord compare mine.yaml", .lookedUp(because: "mine.yaml is a suite there and a recipe elsewhere")),

    ("concord runs --sort 'retrieval R@1'", .asShown),
    ("concord run compare/clip", .lookedUp(because: "its seeds take many minutes")),
    (
      "concord run compare/clip training.batchSize=1024 training.chunks=8",
      .with("'seeds=[0]' training.batchSize=64 training.chunks=4 \(littleEmoji) \(smallCLIP)")
    ),
    ("concord verify --run runs/compare-clip", .lookedUp(because: "no run of CLIP is made here")),
    ("concord publish runs/compare-emoji-1a2b3c4d", .lookedUp(because: "the hash is another one")),
    ("concord publish runs/gmc-emoji", .lookedUp(because: "it would replace the results that are committed")),
    ("concord verify --write-index", .lookedUp(because: "it would replace the index that is committed")),
    ("concord verify --before ../before", .lookedUp(because: "it needs another checkout")),
    ("concord report --output", .lookedUp(because: "no run is named")),
    ("concord export --what checkpoint", .lookedUp(because: "no run is named")),
    ("concord export --to onnx", .lookedUp(because: "no run is named")),
    ("concord verify", .asShown),
    ("concord verify --paper GMC", .asShown),
    ("concord verify --power", .asShown),
    ("concord parity gmc.safetensors", .asShown),
    ("concord bench", .lookedUp(because: "it times every case, for minutes")),
    ("concord bench clip-vit --threads 1", .with("--steps 1 --batch 8")),
    ("concord bench --operations", .lookedUp(because: "it times every operation, for minutes")),
    ("concord bench --inference", .lookedUp(because: "it embeds with a large network, for a minute")),
    ("concord bench --reading", .lookedUp(because: "it times a step of a large network, for a minute")),
    ("concord bench --retrieval", .with("--pictures 40 --steps 2 --batch 4")),
    ("concord bench --growth", .lookedUp(because: "it times every size, for many minutes")),

    ("concord data emoji", .asShown),
    ("concord data pendulum", .asShown),
    ("concord data stamps", .lookedUp(because: "a Debian package must be installed")),
    ("concord data clipart", .lookedUp(because: "a Debian package must be installed")),
    ("concord data nlvr", .lookedUp(because: "the files must be fetched")),
    ("concord data cifar", .lookedUp(because: "the files must be fetched")),
    ("concord data init birds", .asShown),
    ("concord data describe birds", .asShown),
    ("concord data init FOLDER", .asShown),
    ("concord data describe FOLDER", .asShown),
    (
      "concord run gmc/folder data.folder.path=FOLDER",
      .with("'seeds=[0]' training.epochs=1 training.batchSize=10 'model.vectorDimensions=[16]' \(smallGMC)")
    ),
  ]
}
