import Datasets
import Objectives
import Options

/// The methods that there are; a new one is a line here.
public enum MethodCatalogue: OptionCatalogue {
  /// Their options.
  public static let all: [any OptionSection.Type] = [
    CLIPOptions.self, SigLIPOptions.self, Triplet.Options.self, VSE.Options.self, VICRegOptions.self,
    MCTOptions.self, MoCoOptions.self, SimCLROptions.self, FDTOptions.self, DeCLIPOptions.self, GMCOptions.self,
    FusionOptions.self, VAEOptions.self, VectorQuantisedOptions.self, DistillationOptions.self, CaptionOptions.self,
    BLIPOptions.self, ViLBERTOptions.self, VisualPrefixOptions.self,
  ]
}

/// The method and the options of each; those of the others are not used: the section `method` of every recipe.
public typealias MethodSettings = Sectioned<MethodChoice, MethodCatalogue>

/// What the section `method` says beside the options of the methods.
public struct MethodChoice: SectionBase {
  /// The method.
  public var name = EntryName<MethodCatalogue>(CLIPOptions.self)

  /// The defaults.
  public init() {}
}

extension Sectioned<MethodChoice, MethodCatalogue> {
  /// The options of every method.
  public var options: OptionSections<MethodCatalogue> {
    get { sections }
    set { sections = newValue }
  }

  /// The options of the method that is named.
  public var chosen: any MethodOptions {
    guard let chosen = options[self.name] as? any MethodOptions else {
      preconditionFailure("MethodSettings: \(self.name.rawValue) is no method")
    }
    return chosen
  }
}
