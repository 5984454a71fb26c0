import Layers

/// A model some of whose parameters have a weight decay of their own.
public protocol DecayExceptions: Module {
  /// The weight decay by the parameter's path.
  var weightDecays: [String: Double] { get }
}
