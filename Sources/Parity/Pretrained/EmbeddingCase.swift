import Datasets
import Diagnostics
import Foundation
import Interchange
import Kernels
import Pretrained

/// Inputs of a published model with its embeddings, computed by the library it is from.
///
/// Arrays: `in.pixel_values.<n>` `[n, 3, side, side]`, `in.input_ids.<kind>` `[…, tokens]`; `out.image_embeds.<n>`,
/// `out.text_embeds.<kind>`, `out.logits_per_image.<n>` for the texts `padded`, `out.prompt_embeds` for `in.input_ids`;
/// positions of another grid as `out.<library>.<grid>` and `out.image_embeds.<library>.<grid>`.
struct EmbeddingCase {
  private let reference: SafetensorsFile
  private let place: String
  private let folder: URL

  /// Whether a file is of this kind.
  static func matches(_ file: SafetensorsFile) -> Bool {
    file.metadata["case"] == nil
      && file.arrays.keys.contains { key in
        ["in.pixel_values", "in.input_ids", "in.positional_embedding"].contains { key.hasPrefix($0) }
      }
  }

  init(_ reference: SafetensorsFile, url: URL, folder: URL) {
    (self.reference, place, self.folder) = (reference, url.lastPathComponent, folder)
  }

  /// Compares embeddings and logits; those of logits are divided by what multiplies cosines.
  func compare() throws -> ParityResult {
    var errors: [String: Float] = [:]
    var unsupported: [String] = []
    if let positions = reference.arrays["in.positional_embedding"] {
      try compareResized(positions, &errors, &unsupported)
    } else {
      let model = try PretrainedModel(folder: folder)
      var images: [String: Matrix] = [:]
      var texts: [String: Matrix] = [:]
      for key in reference.arrays.keys.sorted() where key.hasPrefix("in.") && !key.hasSuffix(".trace") {
        if key.hasPrefix("in.pixel_values.") {
          let name = String(key.dropFirst("in.pixel_values.".count))
          images[name] = try pictures(key, model)
          errors["out.image_embeds.\(name)"] = try difference(images[name], "out.image_embeds.\(name)")
        } else if key.hasPrefix("in.input_ids") {
          let name = String(key.dropFirst("in.input_ids".count).drop { $0 == "." })
          texts[name] = try tokens(key, model)
          let output = name.isEmpty ? "out.prompt_embeds" : "out.text_embeds.\(name)"
          errors[output] = try difference(texts[name], output)
        }
      }
      if let padded = texts["padded"] {
        for (name, own) in images where reference.arrays["out.logits_per_image.\(name)"] != nil {
          let bias = model.model.logitBias ?? 0
          let logits = own.multiplied(by: padded, transposingOther: true).values.map { $0 * model.scale + bias }
          let matrix = Matrix(rows: own.rows, columns: padded.rows, values: logits)
          errors["out.logits_per_image.\(name)"] =
            try difference(matrix, "out.logits_per_image.\(name)") / model.scale
        }
      }
      if let prompts = texts[""], reference.arrays["out.class_weights"] != nil {
        try compareClasses(prompts, &errors)
      }
      if reference.metadata["images"] != nil { unsupported.append("pictures, whose files it does not hold") }
    }
    guard !errors.isEmpty else { throw UserError(.data, "no embeddings to compare", at: place) }
    return ParityResult(
      file: place, name: "embeddings", errors: errors,
      unsupported: unsupported.isEmpty ? nil : unsupported.joined(separator: ", "))
  }

  /// Class weights: unit means over templates.
  private func compareClasses(_ prompts: Matrix, _ errors: inout [String: Float]) throws {
    guard let shape = reference.arrays["in.input_ids"]?.shape, shape.count == 3 else { return }
    var rows: [Float] = []
    for row in 0..<shape[0] {
      var mean = [Float](repeating: 0, count: prompts.columns)
      for template in 0..<shape[1] {
        for (i, value) in prompts[row: row * shape[1] + template].enumerated() { mean[i] += value / Float(shape[1]) }
      }
      rows += mean
    }
    let weights = Matrix(rows: shape[0], columns: prompts.columns, values: rows).normalisingRows()
    errors["out.class_weights"] = try difference(weights, "out.class_weights")
  }

  /// Positions brought to other grids by both libraries' rules, and pictures of another size by the model's own.
  private func compareResized(
    _ positions: NumericArray, _ errors: inout [String: Float], _ unsupported: inout [String]
  ) throws {
    guard let table = positions.floats, positions.shape.count == 2, positions.shape[1] > 0,
      let grid = reference.metadata["grid"].flatMap({ Int($0) }), (1...256).contains(grid),
      let patch = reference.metadata["patch"].flatMap({ Int($0) }), (1...256).contains(patch),
      positions.shape[0] == grid * grid + 1
    else { throw UserError(.data, "the positions are of no grid", at: place) }
    for key in reference.arrays.keys.sorted() where key.hasPrefix("out.") {
      let parts = key.dropFirst(4).split(separator: ".").map(String.init)
      guard let last = parts.last, let other = Int(last), (1...256).contains(other), parts[0] != "text" else {
        unsupported.append(key)
        continue
      }
      let rule: PositionResize.Rule = parts.contains("transformers") ? .transformers : .openCLIP
      if parts[0] == "image_embeds" {
        let model = try PretrainedModel(folder: folder, side: other * patch)
        guard model.resizeRule == rule else {
          unsupported.append("\(key), the other library's rule")
          continue
        }
        errors[key] = try difference(pictures("in.pixel_values.\(other)", model), key)
      } else {
        let width = positions.shape[1]
        let own = PositionResize.resize(table, width: width, from: grid, to: other, rule: rule)
        errors[key] = try difference(Matrix(rows: other * other + 1, columns: width, values: own), key)
      }
    }
  }

  private func pictures(_ key: String, _ model: PretrainedModel) throws -> Matrix {
    let side = model.model.configuration.picture.side
    guard let array = reference.arrays[key], let values = array.floats, array.shape.count == 4,
      array.shape.dropFirst() == [3, side, side]
    else { throw UserError(.data, "\(key) is not [n, 3, \(side), \(side)]", at: place) }
    let (count, area) = (array.shape[0], side * side)
    var pixels = [Float](repeating: 0, count: values.count)
    for picture in 0..<count {
      for channel in 0..<3 {
        for pixel in 0..<area {
          pixels[(picture * area + pixel) * 3 + channel] = values[(picture * 3 + channel) * area + pixel]
        }
      }
    }
    return model.images(pixels, count: count)
  }

  private func tokens(_ key: String, _ model: PretrainedModel) throws -> Matrix {
    let configuration = model.model.configuration
    guard let array = reference.arrays[key], let values = array.integers, let length = array.shape.last,
      (1...configuration.length).contains(length), values.allSatisfy((0..<configuration.vocabulary).contains)
    else { throw UserError(.data, "\(key) holds no tokens of the model", at: place) }
    let rows = stride(from: 0, to: values.count, by: length).map { values[$0..<$0 + length].map { Int32($0) } }
    return model.texts(rows)
  }

  private func difference(_ own: Matrix?, _ key: String) throws -> Float {
    guard let own, let array = reference.arrays[key], let expected = array.floats else {
      throw UserError(.data, "no array \(key)", at: place)
    }
    guard expected.count == own.values.count else {
      throw UserError(
        .data, "\(key) has the shape \(array.shape), computed is [\(own.rows), \(own.columns)]", at: place)
    }
    return zip(own.values, expected).reduce(0) { largest, pair in
      let distance = abs(pair.0 - pair.1)
      return distance.isNaN ? .infinity : max(largest, distance)
    }
  }
}
