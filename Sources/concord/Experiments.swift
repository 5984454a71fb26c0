import ComparisonRecipes
import FDTPaper
import GMCPaper
import MCTPaper
import Recipes
import Runs

/// The experiments whose recipes the command line knows.
let registeredExperiments: [any Experiment] = [GMCExperiment(), MCTExperiment(), FDTExperiment(), CompareExperiment()]

/// The recipes of all registered experiments.
let catalogue = RecipeCatalogue(registeredExperiments)
