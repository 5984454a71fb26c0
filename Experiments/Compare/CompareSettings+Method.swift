import Objectives

extension CompareSettings {
  /// The method, and the options of each; those of the others are not used.
  public struct MethodSettings: Codable, Equatable, Sendable {
    /// The methods there are.
    public enum Name: String, Codable, CaseIterable, Sendable {
      /// Symmetric cross-entropy between every two modalities.
      case clip
      /// A logistic loss for every pair.
      case siglip
      /// A margin to one negative.
      case triplet
      /// Hinges to all negatives or to the hardest.
      case vse
      /// Variance, invariance and covariance, without negatives.
      case vicreg
      /// Two views of an image against the batch.
      case simclr
      /// Two views of an image against a queue.
      case moco
      /// Intra-modal, inter-modal and tag contrast against queues.
      case mct
      /// A codebook that all modalities share.
      case fdt
      /// Each modality against the joint representation.
      case gmc
      /// A classifier on all modalities.
      case fusion
    }

    /// The method.
    public var name = Name.clip
    /// The options of `clip`.
    var clip = CLIPMethod.Options()
    /// The options of `siglip`.
    var siglip = SigLIPMethod.Options()
    /// The options of `triplet`.
    var triplet = TripletMethod.Options()
    /// The options of `vse`.
    var vse = VSEMethod.Options()
    /// The options of `vicreg`.
    var vicreg = VICRegMethod.Options()
    /// The options of `simclr`.
    var simclr = SimCLRMethod.Options()
    /// The options of `moco`.
    var moco = MoCoMethod.Options()
    /// The options of `mct`.
    var mct = MCTMethod.Options()
    /// The options of `fdt`.
    var fdt = FDTMethod.Options()
    /// The options of `gmc`.
    var gmc = GMCMethod.Options()
    /// The options of `fusion`.
    var fusion = FusionMethod.Options()

    /// The defaults.
    public init() {}

    /// Builds the method that is named.
    func make(_ setting: inout MethodSetting) -> any ComparedMethod {
      switch name {
      case .clip: PairwiseAlignment(CLIPMethod(clip), &setting)
      case .siglip: PairwiseAlignment(SigLIPMethod(siglip), &setting)
      case .triplet: PairwiseAlignment(TripletMethod(triplet), &setting)
      case .vse: PairwiseAlignment(VSEMethod(vse), &setting)
      case .vicreg: PairwiseAlignment(VICRegMethod(vicreg), &setting)
      case .simclr: SimCLRMethod(simclr, &setting)
      case .moco: MoCoMethod(moco, &setting)
      case .mct: MCTMethod(mct, &setting)
      case .fdt: FDTMethod(fdt, &setting)
      case .gmc: GMCMethod(gmc, &setting)
      case .fusion: FusionMethod(fusion, &setting)
      }
    }

    /// What the options of the method that is named need to make sense.
    var requirements: [OptionRequirement] {
      switch name {
      case .clip: clip.requirements
      case .siglip: siglip.requirements
      case .triplet: triplet.requirements
      case .vse: vse.requirements
      case .vicreg: vicreg.requirements
      case .simclr: simclr.requirements
      case .moco: moco.requirements
      case .mct: mct.requirements
      case .fdt: fdt.requirements
      case .gmc: gmc.requirements
      case .fusion: fusion.requirements
      }
    }
  }
}

/// Something that an option must be.
struct OptionRequirement {
  /// The option's name in its section.
  let key: String
  /// Whether it is so.
  let holds: Bool
  /// What it must be, to go on from the name.
  let what: String

  init(_ key: String, _ holds: Bool, _ what: String) { (self.key, self.holds, self.what) = (key, holds, what) }

  static func positive(_ key: String, _ value: Double) -> OptionRequirement {
    OptionRequirement(key, value > 0 && value.isFinite, "must be positive")
  }

  static func notNegative(_ key: String, _ value: Double) -> OptionRequirement {
    OptionRequirement(key, value >= 0 && value.isFinite, "must not be negative")
  }

  static func share(_ key: String, _ value: Double) -> OptionRequirement {
    OptionRequirement(key, (0..<1).contains(value), "must be in 0..<1")
  }

  static func count(_ key: String, _ value: Int, atLeast least: Int = 1) -> OptionRequirement {
    OptionRequirement(key, (least...1_000_000).contains(value), "must be \(least) to 1000000")
  }
}
