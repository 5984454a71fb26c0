// `JSONValue` is part of the harness's own interface: recipes and events are written with it.
@_exported import StrictYAML
