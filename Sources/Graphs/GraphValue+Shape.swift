extension GraphValue {
  /// The same numbers with another shape: 0 keeps an axis, and one −1 takes what is left.
  public func reshaped(to shape: [Int]) -> GraphValue {
    let input = channelsLast
    return builder.apply("Reshape", [input, builder.constant(GraphConstant(shape))])
  }

  /// All axes but the first joined.
  public func flattened() -> GraphValue {
    let input = channelsLast
    return builder.apply("Flatten", [input], ["axis": .int(1)])
  }

  /// Axes in another order.
  public func transposed(_ order: [Int]) -> GraphValue {
    let input = channelsLast
    return builder.apply("Transpose", [input], ["perm": .ints(order)])
  }

  /// An axis of extent 1 more.
  public func unsqueezed(_ axis: Int) -> GraphValue {
    builder.apply("Unsqueeze", [self, builder.constant(GraphConstant([axis]))])
  }

  /// Rows and columns as an image of one channel, `[batch, rows, columns]`.
  public var asImage: GraphValue {
    builder.apply("Unsqueeze", [self, builder.constant(GraphConstant([1]))], isChannelsFirst: true)
  }

  /// An axis of extent 1 less.
  public func squeezed(_ axis: Int) -> GraphValue {
    builder.apply("Squeeze", [self, builder.constant(GraphConstant([axis]))])
  }

  /// One place of an axis, which goes away.
  public func selecting(_ place: Int, axis: Int) -> GraphValue {
    builder.apply(
      "Gather", [self, builder.constant(GraphConstant(.int64([Int64(place)]), shape: []))], ["axis": .int(axis)])
  }

  /// A part of an axis; an open end where `range` has none.
  public func slice(axis: Int, from start: Int, to end: Int? = nil) -> GraphValue {
    builder.apply(
      "Slice",
      [
        self, builder.constant(GraphConstant([start])), builder.constant(GraphConstant([end ?? Int(Int32.max)])),
        builder.constant(GraphConstant([axis])),
      ])
  }

  /// Values behind one another along an axis.
  public static func concatenated(_ values: [GraphValue], axis: Int) -> GraphValue {
    let values = values.map(\.channelsLast)
    return values[0].builder.apply("Concat", values, ["axis": .int(axis)])
  }

  /// Numbers that do not change in front of each item's rows, `[batch, n, d]` → `[batch, 1 + n, d]`.
  ///
  /// - Parameter row: `[1, 1, d]`.
  public func prepending(_ row: GraphConstant) -> GraphValue {
    let batch = builder.apply("Shape", [self], ["end": .int(1)])
    let rest = builder.constant(GraphConstant([1, row.count]))
    let shape = builder.apply("Concat", [batch, rest], ["axis": .int(0)])
    let rows = builder.apply("Expand", [builder.constant(row, named: "token"), shape])
    return .concatenated([rows, self], axis: 1)
  }

  /// Rows of a table that do not change, by whole numbers.
  public func rows(of table: GraphConstant) -> GraphValue {
    builder.apply("Gather", [builder.constant(table, named: "table"), self], ["axis": .int(0)])
  }

  /// For each vector the nearest row of a table by Euclidean distance, the first of equally near ones.
  ///
  /// Shapes: `[…, d]` and a table `[rows, d]` → `[…, d]`.
  public func nearestRows(of table: GraphConstant) -> GraphValue {
    let width = table.shape[1]
    let halfSquares = stride(from: 0, to: table.count, by: width).map { start in
      table.floats[start..<start + width].reduce(0) { $0 - 0.5 * $1 * $1 }
    }
    // The greatest of x · e − ½ ‖e‖² is the least of ‖x − e‖².
    return multiplied(by: table.transposed, named: "codes")
      .adding(GraphConstant(halfSquares, shape: [halfSquares.count]), named: "lengths")
      .firstGreatest(isInteger: false).rows(of: table)
  }

  /// Where the greatest number of each row is, the first of equal ones: `[…, n]` → `[…]`.
  ///
  /// Whole numbers are compared in 32 bits, since older programs know no other.
  public func firstGreatest(isInteger: Bool) -> GraphValue {
    let compared = isInteger ? unary("Cast", ["to": .int(6)]) : self
    return builder.apply("ArgMax", [compared], ["axis": .int(-1), "keepdims": .int(0), "select_last_index": .int(0)])
  }

  /// One row of each item, `[batch, n, d]` → `[batch, d]`.
  ///
  /// - Parameter places: `[batch]`.
  public func gathering(_ places: GraphValue) -> GraphValue {
    builder.apply("GatherND", [self, places.unsqueezed(1)], ["batch_dims": .int(1)])
  }
}
