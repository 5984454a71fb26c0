import Kernels

extension Tensor {
  /// A 1-D convolution along time (cross-correlation, as the field has it).
  ///
  ///     y[b, t, o] = bias[o] + Σ_j Σ_c weight[o, j, c] · x[b, t · stride + j · dilation − before, c]
  ///
  /// with zeros outside the series. A convolution with `before = (kernel − 1) · dilation` and `after = 0` is causal: a
  /// step sees itself and earlier ones (van den Oord et al., 2016).
  ///
  /// Shapes: `[batch, time, in]`, weight `[out, kernel, in]`, bias `[out]` → `[batch, time′, out]` with
  /// `time′ = (time + before + after − (kernel − 1) · dilation − 1) / stride + 1`, rounded down.
  public func convolvedInTime(
    weight: Tensor, bias: Tensor? = nil, stride: Int = 1, dilation: Int = 1, padding: (before: Int, after: Int) = (0, 0)
  ) -> Tensor {
    precondition(
      rank == 3 && weight.rank == 3 && weight.shape[2] == shape[2],
      "convolvedInTime: series of shape \(shape) and kernels of shape \(weight.shape) do not fit")
    let (filters, kernel, channels) = (weight.shape[0], weight.shape[1], weight.shape[2])
    let windows = TimeWindows(
      time: shape[1], channels: channels, kernel: kernel, stride: stride, dilation: dilation, before: padding.before,
      after: padding.after)
    let rows = windowed(windows).reshaped(to: [shape[0], windows.count, kernel * channels])
    return rows.linear(weight: weight.reshaped(to: [filters, kernel * channels]), bias: bias)
  }

  /// What each window of a convolution sees, `[batch, windows, kernel, channels]`.
  private func windowed(_ windows: TimeWindows) -> Tensor {
    let result = Tensor(uninitialized: [shape[0], windows.count, windows.kernel, windows.channels])
    Elementwise.fill(result.pointer, with: 0, count: result.count)
    let batch = shape[0]
    for observation in 0..<batch {
      let series = pointer + observation * windows.seriesCount
      let seen = result.pointer + observation * windows.windowCount
      windows.forEachTap { run in
        ArrayMoves.copyRuns(
          series + run.series, pitch: windows.stride * windows.channels, to: seen + run.window,
          pitch: windows.kernel * windows.channels, rows: run.count, length: windows.channels, adding: false)
      }
    }
    return result.recorded(from: self) { gradient in
      self.node?.accumulate { target, adding in
        if !adding { Elementwise.fill(target, with: 0, count: self.count) }
        for observation in 0..<batch {
          let series = target + observation * windows.seriesCount
          let seen = gradient.pointer + observation * windows.windowCount
          windows.forEachTap { run in
            ArrayMoves.copyRuns(
              seen + run.window, pitch: windows.kernel * windows.channels, to: series + run.series,
              pitch: windows.stride * windows.channels, rows: run.count, length: windows.channels, adding: true)
          }
        }
      }
    }
  }
}

/// The windows of a convolution along time.
private struct TimeWindows {
  let time, channels, kernel, stride, dilation, before: Int
  /// The number of windows.
  let count: Int

  init(time: Int, channels: Int, kernel: Int, stride: Int, dilation: Int, before: Int, after: Int) {
    precondition(
      kernel > 0 && stride > 0 && dilation > 0 && before >= 0 && after >= 0,
      "convolvedInTime: kernel \(kernel), stride \(stride), dilation \(dilation), padding \(before) and \(after)")
    let reach = (kernel - 1) * dilation + 1
    precondition(
      time + before + after >= reach,
      "convolvedInTime: windows of \(reach) steps for series of \(time) with padding \(before) and \(after)")
    (self.time, self.channels, self.kernel, self.stride) = (time, channels, kernel, stride)
    (self.dilation, self.before) = (dilation, before)
    count = (time + before + after - reach) / stride + 1
  }

  var seriesCount: Int { time * channels }
  var windowCount: Int { count * kernel * channels }

  /// For each step of the kernel the windows whose step lies within the series: where the first stands in a series and in
  /// what the windows see, and how many they are.
  func forEachTap(_ body: (_ run: (series: Int, window: Int, count: Int)) -> Void) {
    for tap in 0..<kernel {
      let shift = tap * dilation - before
      let first = shift < 0 ? (-shift + stride - 1) / stride : 0
      let last = Swift.min(count - 1, (time - 1 - shift) / stride)
      guard time - 1 - shift >= 0, first <= last else { continue }
      body(
        (
          series: (first * stride + shift) * channels, window: (first * kernel + tap) * channels,
          count: last - first + 1
        ))
    }
  }
}
