import Compare
import FDT
import GMC
import Harness
import MCT

/// The experiments whose recipes the command line knows.
let registeredExperiments: [any Experiment] = [GMCExperiment(), MCTExperiment(), FDTExperiment(), CompareExperiment()]

/// The recipes of all registered experiments.
let catalogue = RecipeCatalogue(registeredExperiments)
