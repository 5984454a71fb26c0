import Recipes
import Runs
import Testing
import Training

/// Every method of the comparison learns what it is for, in a short training on pictures that captions name.
///
/// The bounds lie between what the methods reach and what they reach with the sign of their loss turned, so that a loss
/// that is maximised fails. Seen on one processor, with the loss as it is and turned:
///
/// | aim | chance | untrained | as it is | turned |
/// | --- | --- | --- | --- | --- |
/// | retrieval | 0.08 | 0.03 … 0.11 | 0.74 … 1.00 | 0.00 … 0.07 |
/// | pictures | 0.25 | 0.33 | 0.84 … 0.88 | 0.25 … 0.29 |
/// | classes | 0.25 | 0.28 … 0.41 | 0.98 … 1.00 | 0.25 … 0.65 |
@Suite(.serialized) struct LearningTests {
  /// What a method is for, and the score that says how well it does it.
  enum Aim {
    /// Finding a held-out picture by its caption and the other way round: R@10, the mean of both.
    case retrieval
    /// Picture representations that tell colours apart: a short training of a classifier on them.
    case pictures
    /// Telling the shape by picture and caption.
    case classes

    /// What blind guessing reaches.
    var chance: Double {
      switch self {
      case .retrieval: 10 / Double(ShapeAlbum.kinds)
      case .pictures, .classes: 0.25
      }
    }

    /// What a method has to reach.
    var least: Double {
      switch self {
      case .retrieval: 0.5
      case .pictures: 0.6
      case .classes: 0.8
      }
    }

    func score(_ scores: [Score]) -> Double? {
      func mean(_ evaluator: String, _ subjects: [String], _ metric: String) -> Double? {
        let found = scores.filter {
          $0.evaluator == evaluator && subjects.contains($0.subject) && $0.metric == metric
        }
        return found.count == subjects.count ? found.map(\.value).reduce(0, +) / Double(found.count) : nil
      }
      switch self {
      case .retrieval: return mean("retrieval", ["picture → caption", "caption → picture"], "R@10")
      case .pictures: return mean("accuracy", ["picture"], "colour")
      case .classes: return mean("accuracy", ["complete"], "shape")
      }
    }
  }

  /// The aim of each recipe, and what it needs beside the common settings to get there in so little time.
  static let aims: [String: (aim: Aim, overrides: [String])] = [
    "clip": (.retrieval, []), "clip-strong-views": (.retrieval, []), "clip-tutorial": (.retrieval, []),
    "clip-noise": (.retrieval, []),
    "clip-noise-plain": (.retrieval, []), "siglip": (.retrieval, []), "triplet": (.retrieval, []),
    "vse-sum": (.retrieval, []), "vse-warmup": (.retrieval, []), "vicreg": (.retrieval, []),
    // The hardest negatives alone make all representations the same where steps are large.
    "vse-hardest": (.retrieval, ["training.learningRate=0.0005", "training.epochs=36"]),
    // So short a training needs a twin that remembers more of it.
    "mct": (.retrieval, ["training.epochs=20", "method.mct.momentumShare=0.2"]),
    "mct-strong-views": (.retrieval, ["training.epochs=20", "method.mct.momentumShare=0.2"]),
    "fdt": (.retrieval, []), "gmc": (.retrieval, []),
    "declip": (.retrieval, ["training.epochs=20"]), "declip-fdt": (.retrieval, ["training.epochs=20"]),
    // Post-norm blocks need smaller steps, and so short a training a twin that remembers little.
    "blip": (
      .retrieval, ["training.epochs=40", "method.blip.momentumShare=0.02", "training.learningRate=0.001"]
    ),
    "vq": (.retrieval, ["training.epochs=24"]), "vq-cross-modal": (.retrieval, ["training.epochs=24"]),
    "fsq": (.retrieval, []),
    // A code has to write its items first.
    "mvae": (.pictures, Self.generative),
    "mmvae": (.pictures, Self.generative + ["training.epochs=100", "method.vae.estimator=plain"]),
    "mopoe": (.pictures, Self.generative),
    "jmvae": (.pictures, Self.generative),
    "simclr": (.pictures, []), "moco": (.pictures, ["method.moco.momentumShare=0.2"]),
    "early-fusion": (.classes, ["training.epochs=24"]), "intermediate-fusion": (.classes, []),
    "late-fusion": (.classes, []), "fusion-dropout": (.classes, []), "gradient-blending": (.classes, []),
    "gradient-blending-equal": (.classes, []),
  ]

  private static let generative = [
    "method.vae.decoder.scale=0.1", "method.vae.beta=0.1", "method.vae.draws=4", "training.epochs=60",
    "method.vae.decoder.pictures=normal", "evaluation.accuracy.epochs=30",
    "method.vae.decoder.widths=[64]", "method.vae.decoder.pictureWidths=[16, 8]",
  ]

  private static let overrides = [
    "data.modalities=[picture, caption]", "training.epochs=12", "training.batchSize=32",
    "training.learningRate=0.003", "training.warmupSteps=10", "augmentation.isOn=false", "model.imageDropout=0",
    "model.textDropout=0",
    "model.imageDimensions=32", "model.imageLayers=2", "model.textDimensions=32", "model.dimensions=32",
    "evaluation.accuracy.epochs=10", "evaluation.accuracy.hidden=[32]", "evaluation.labellings=[shape, colour]",
    "method.declip.codebook.codes=64", "method.declip.queueSize=128", "method.declip.projectorDimensions=32",
    "method.declip.predictorDimensions=16",
    "method.fdt.codes=64", "method.moco.queueSize=128", "method.mct.queueSize=128", "method.blip.queueSize=128",
    "method.moco.headDimensions=32",
    "method.mct.headDimensions=32", "method.simclr.headDimensions=32", "method.gmc.headDimensions=[32]",
    "method.fusion.hidden=[32]", "method.vq.codes=64", "method.fusion.superEpoch=4", "method.fusion.labelling=shape",
  ]

  private func score(_ recipe: String, _ overrides: [String] = []) throws -> Double {
    let (aim, own) = try #require(Self.aims[recipe])
    let run = try Album().run(recipe, on: ShapeAlbum.dataset, overrides: Self.overrides + own + overrides)
    return try #require(aim.score(run.result.scores))
  }

  @Test func everyRecipeHasAnAim() throws {
    let known = try Album.catalogue.entries().map { String($0.name.dropFirst("compare/".count)) }
    // These are `clip` with other data and another evaluation; ViLBERT has no vectors, and `ViLBERTTests` train it.
    let others = ["clipart", "clipart-all", "clipart-raw", "shift", "coco", "coco-small", "vilbert"]
    #expect(known.filter { !others.contains($0) }.sorted() == Self.aims.keys.sorted())
  }

  @Test(arguments: aims.keys.sorted()) func everyMethodLearns(recipe: String) throws {
    let aim = try #require(Self.aims[recipe]).aim
    let reached = try score(recipe)
    #expect(reached >= aim.least, "chance is \(aim.chance)")
    if aim != .retrieval {
      // Random encoders tell something of pictures and words already, but much less.
      let untrained = try score(recipe, ["training.learningRate=1e-30", "training.epochs=1"])
      #expect(reached >= untrained + 0.3, "untrained encoders reach \(untrained)")
    }
  }
}
