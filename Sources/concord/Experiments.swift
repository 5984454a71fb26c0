import FDT
import GMC
import Harness

/// The experiments whose recipes the command line knows.
let registeredExperiments: [any Experiment] = [GMCExperiment(), FDTExperiment()]

/// The recipes of all registered experiments.
let catalogue = RecipeCatalogue(registeredExperiments)
