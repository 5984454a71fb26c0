import BLIPPaper
import CaptionPaper
import ComparisonRecipes
import DistilPaper
import FDTPaper
import GMCPaper
import MCTPaper
import PrefixPaper
import Recipes
import Runs
import TunePaper
import ViLBERTPaper

/// The experiments whose recipes the command line knows.
let registeredExperiments: [any Experiment] = [
  GMCExperiment(), MCTExperiment(), FDTExperiment(), CompareExperiment(),
  DistilExperiment(), TuneExperiment(), CaptionExperiment(), BLIPExperiment(), ViLBERTExperiment(),
  PrefixExperiment(),
]

/// The recipes of all registered experiments.
let catalogue = RecipeCatalogue(registeredExperiments)
