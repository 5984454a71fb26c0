import Datasets
import Diagnostics
import Kernels
import Testing

private func images(_ count: Int, side: Int = 12, channels: Int = 3) -> [Float] {
  var stream = RandomStream(seed: 5, name: "images")
  return (0..<count * side * side * channels).map { _ in stream.uniform() }
}

/// Nothing happens unless it is asked for.
private func still(_ change: (inout ImageAugmentation.Options) -> Void = { _ in }) -> ImageAugmentation.Options {
  var options = ImageAugmentation.Options()
  options.minimumArea = 1
  options.maximumAspect = 1
  (options.flipProbability, options.jitterProbability) = (0, 0)
  (options.greyProbability, options.blurProbability) = (0, 0)
  change(&options)
  return options
}

private func views(
  _ options: ImageAugmentation.Options, of pixels: [Float], side: Int = 12, channels: Int = 3, rows: [Int32] = [0],
  keepsSide: [Bool]? = nil, seed: UInt64 = 0
) -> [Float] {
  var stream = RandomStream(seed: seed, name: "views")
  return ImageAugmentation(options, height: side, width: side, channels: channels)
    .views(of: pixels, rows: rows, keepsSide: keepsSide, stream: &stream)
}

/// The largest difference; infinite where one is not a number.
private func distance(_ a: some Sequence<Float>, _ b: some Sequence<Float>) -> Float {
  zip(a, b).map { abs($0 - $1) }.reduce(0) { $1.isNaN ? .infinity : max($0, $1) }
}

@Suite struct ImageAugmentationTests {
  @Test(arguments: [1, 3]) func withoutChangesAViewIsTheImage(channels: Int) {
    let pixels = images(3, channels: channels)
    let size = 144 * channels
    let same = views(still(), of: pixels, channels: channels, rows: [2, 0])
    let expected: [Float] = Array(pixels[(2 * size)...]) + Array(pixels[..<size])
    #expect(distance(same, expected) < 1e-6)
    #expect(same.count == 2 * size)
  }

  @Test func flipsMirrorUnlessTheSideIsKept() {
    let pixels = images(1)
    let flip = still { $0.flipProbability = 1 }
    let mirrored = (0..<432).map { i -> Float in
      let (row, column, channel) = (i / 36, i % 36 / 3, i % 3)
      return pixels[row * 36 + (11 - column) * 3 + channel]
    }
    #expect(distance(views(flip, of: pixels), mirrored) < 1e-6)
    let both = views(flip, of: pixels, rows: [0, 0], keepsSide: [true, false])
    #expect(distance(both, pixels + mirrored) < 1e-6)
  }

  @Test func greyIsLuma() {
    let pixels = images(1)
    let grey = views(still { $0.greyProbability = 1 }, of: pixels)
    for i in stride(from: 0, to: 432, by: 3) {
      let luma: Float = 0.299 * pixels[i] + 0.587 * pixels[i + 1] + 0.114 * pixels[i + 2]
      #expect(abs(grey[i] - luma) < 1e-6 && grey[i] == grey[i + 1] && grey[i] == grey[i + 2])
    }
  }

  /// A view of one colour change whose factor is not known: what must hold whatever it is.
  private func changed(_ change: (inout ImageAugmentation.Options) -> Void, seed: UInt64) -> ([Float], [Float]) {
    // Away from 0 and 1, where values are cut.
    let pixels = images(1).map { 0.4 + 0.2 * $0 }
    let options = still {
      $0.jitterProbability = 1
      ($0.brightness, $0.contrast, $0.saturation, $0.hue) = (0, 0, 0, 0)
      change(&$0)
    }
    return (pixels, views(options, of: pixels, seed: seed))
  }

  @Test(arguments: 0..<4 as Range<UInt64>) func coloursChangeAsTheirFormulasSay(seed: UInt64) {
    let (pixels, brighter) = changed({ $0.brightness = 0.4 }, seed: seed)
    let factor = brighter[0] / pixels[0]
    #expect(factor > 0.599 && factor < 1.401 && abs(factor - 1) > 1e-3)
    #expect(distance(brighter, pixels.map { factor * $0 }) < 1e-5)

    func luma(_ x: [Float], _ i: Int) -> Float { 0.299 * x[i] + 0.587 * x[i + 1] + 0.114 * x[i + 2] }
    let starts = Array(stride(from: 0, to: 432, by: 3))
    let mean = starts.reduce(0) { $0 + luma(pixels, $1) } / 144
    let contrasted = changed({ $0.contrast = 0.4 }, seed: seed).1
    let slope = (contrasted[0] - contrasted[1]) / (pixels[0] - pixels[1])
    #expect(distance(contrasted, pixels.map { slope * $0 + (1 - slope) * mean }) < 1e-4)

    let saturated = changed({ $0.saturation = 0.4 }, seed: seed).1
    let pull = (saturated[0] - saturated[1]) / (pixels[0] - pixels[1])
    for i in starts {
      for c in 0..<3 {
        let expected: Float = pull * pixels[i + c] + (1 - pull) * luma(pixels, i)
        #expect(abs(saturated[i + c] - expected) < 1e-4)
      }
    }

    // A turned hue keeps the greatest and the least of the channels.
    let turned = changed({ $0.hue = 0.5 }, seed: seed).1
    #expect(distance(turned, pixels) > 1e-3)
    for i in starts {
      #expect(abs(turned[i..<i + 3].max()! - pixels[i..<i + 3].max()!) < 1e-5)
      #expect(abs(turned[i..<i + 3].min()! - pixels[i..<i + 3].min()!) < 1e-5)
    }
  }

  @Test func pureColoursTurnAroundTheCircle() {
    // Red turned by a share s of the circle: at s = 1/3 it would be green; what comes is red with some green or blue.
    let red = (0..<432).map { i -> Float in i % 3 == 0 ? 1 : 0 }
    let options = still {
      $0.jitterProbability = 1
      ($0.brightness, $0.contrast, $0.saturation, $0.hue) = (0, 0, 0, 0.1)
    }
    let turned = views(options, of: red)
    #expect(abs(turned[0] - 1) < 1e-5 && min(turned[1], turned[2]) < 1e-5)
    #expect(max(turned[1], turned[2]) > 0 && max(turned[1], turned[2]) < 0.601)
  }

  @Test func blurIsAGaussianThatKeepsTheMean() {
    // A single bright pixel in the middle of 13.
    var pixels = [Float](repeating: 0, count: 13 * 13)
    pixels[6 * 13 + 6] = 1
    let options = still {
      $0.blurProbability = 1
      ($0.minimumBlur, $0.maximumBlur) = (1, 1)
    }
    let blurred = views(options, of: pixels, side: 13, channels: 1)
    #expect(abs(blurred.reduce(0, +) - 1) < 1e-5)
    // e^−½ and e^−1 of the middle, one step along one axis and along both.
    #expect(abs(blurred[6 * 13 + 7] / blurred[6 * 13 + 6] - 0.60653066) < 1e-5)
    #expect(abs(blurred[7 * 13 + 7] / blurred[6 * 13 + 6] - 0.36787944) < 1e-5)
    let flat = [Float](repeating: 0.3, count: 169)
    #expect(distance(views(options, of: flat, side: 13, channels: 1), flat) < 1e-6)
  }

  @Test func cropsLieInsideTheImageAndHaveTheirArea() {
    // A ramp in both directions tells where a crop is: its extremes are a pixel's centre from its borders.
    let side = 32
    let ramp = (0..<side * side).map { Float($0 % side) / 100 }
    let options = still {
      $0.minimumArea = 0.25
      $0.maximumAspect = 4.0 / 3
    }
    let rows = [Int32](repeating: 0, count: 200)
    let all = views(options, of: ramp, side: side, channels: 1, rows: rows)
    var widths: [Float] = []
    let size = side * side
    for view in 0..<200 {
      let pixels = all[(view * size)..<((view + 1) * size)]
      let low: Float = pixels.min()! * 100
      let high: Float = pixels.max()! * 100
      #expect(low >= 0 && high <= Float(side - 1) && low == low.rounded() && abs(high - high.rounded()) < 1e-3)
      widths.append(high - low + 1)
    }
    // √(¼ · ¾) and all of the side, and much between.
    #expect(widths.min()! >= 13.4 && widths.max()! <= 32.01 && Set(widths.map { $0.rounded() }).count > 8)
  }

  @Test func aViewDependsOnItsPlaceInTheStreamAlone() {
    let pixels = images(4)
    let augmentation = ImageAugmentation(height: 12, width: 12, channels: 3)
    let before = Parallel.threads
    defer { Parallel.threads = before }
    var streams = [RandomStream](repeating: RandomStream(seed: 9, name: "views"), count: 3)
    Parallel.threads = 1
    let together = augmentation.views(of: pixels, rows: [0, 1, 2, 3, 0, 1, 2, 3], stream: &streams[0])
    Parallel.threads = 2
    let parallel = augmentation.views(of: pixels, rows: [0, 1, 2, 3, 0, 1, 2, 3], stream: &streams[1])
    let parts =
      augmentation.views(of: pixels, rows: [0, 1, 2], stream: &streams[2])
      + augmentation.views(of: pixels, rows: [3, 0, 1, 2, 3], stream: &streams[2])
    #expect(together == parallel && together == parts)
    #expect(streams[0] == streams[1] && streams[0] == streams[2] && streams[0].position == 8 * 64)
    #expect(together.allSatisfy { $0 >= 0 && $0 <= 1 })
    // Two views of an image differ.
    let (first, second) = (together[..<432], together[1728..<2160])
    #expect(distance(first, second) > 1e-2)
  }

  @Test func aChunkOfABatchHasTheViewsOfTheWhole() {
    let (pixels, rows) = (images(4), [3, 1, 0, 2, 2, 1].map { Int32($0) })
    let augmentation = ImageAugmentation(height: 12, width: 12, channels: 3)
    var stream = RandomStream(seed: 8, name: "views")
    let whole = augmentation.views(of: pixels, rows: rows, stream: &stream)
    let size = 432
    for range in [0..<2, 2..<4, 4..<6, 5..<6] {
      var own = RandomStream(seed: 8, name: "views")
      own.window = RowWindow(range, of: 6)
      let views = augmentation.views(of: pixels, rows: Array(rows[range]), stream: &own)
      #expect(views == Array(whole[range.lowerBound * size..<range.upperBound * size]))
      #expect(own.position == stream.position)
    }
  }

  @Test func noImagesGiveNoViews() {
    var stream = RandomStream(seed: 0, name: "views")
    let none = ImageAugmentation(height: 4, width: 4, channels: 3).views(of: [], rows: [], stream: &stream)
    #expect(none.isEmpty && stream.position == 0)
  }

  @Test func brokenOptionsAreNamed() {
    let broken: [(String, (inout ImageAugmentation.Options) -> Void)] = [
      ("flipProbability", { $0.flipProbability = 1.5 }), ("minimumArea", { $0.minimumArea = 0 }),
      ("maximumAspect", { $0.maximumAspect = 0.5 }), ("hue", { $0.hue = 0.6 }),
      ("minimumBlur", { $0.minimumBlur = 3 }), ("brightness", { $0.brightness = .nan }),
    ]
    for (key, change) in broken {
      var options = ImageAugmentation.Options()
      change(&options)
      let error = #expect(throws: UserError.self) { try options.validate() }
      #expect(error?.place == key)
    }
  }
}

@Suite struct CaptionAugmentationTests {
  // begin, 504, 505, 506, 507, end, padding; begin, 508, end; begin, end.
  let english: [Int32] = [1, 504, 505, 506, 507, 2, 0, 1, 508, 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0]
  let korean: [Int32] = [1, 514, 515, 2, 0, 0, 0, 1, 518, 2, 0, 0, 0, 0, 1, 519, 2, 0, 0, 0, 0]

  private func views(
    _ rows: [Int], _ captions: [[Int32]], _ change: (inout CaptionAugmentation.Options) -> Void, seed: UInt64 = 0
  ) -> [[Int32]] {
    var options = CaptionAugmentation.Options()
    (options.alternativeProbability, options.deletionProbability, options.exchangeProbability) = (0, 0, 0)
    change(&options)
    var stream = RandomStream(seed: seed, name: "views")
    let views = CaptionAugmentation(options).views(
      of: captions, length: 7, rows: rows, beginsWord: { $0 < 600 }, stream: &stream)
    return (0..<rows.count).map { Array(views[$0 * 7..<($0 + 1) * 7]) }
  }

  @Test func withoutChangesAViewIsTheFirstCaption() {
    let same = views([1, 0, 2], [english, korean]) { _ in }
    #expect(same == [Array(english[7..<14]), Array(english[..<7]), Array(english[14...])])
  }

  @Test func anotherCaptionStandsForTheFirst() {
    let always = views([0, 1, 2], [english, korean]) { $0.alternativeProbability = 1 }
    #expect(always.flatMap { $0 } == korean)
    // An observation without another one keeps its own.
    let none = [Int32](repeating: 0, count: 21)
    #expect(views([0], [english, none]) { $0.alternativeProbability = 1 }[0] == Array(english[..<7]))
    // With one caption there is no other.
    #expect(views([0], [english]) { $0.alternativeProbability = 1 }[0] == Array(english[..<7]))
    let half = views([Int](repeating: 0, count: 400), [english, korean]) { $0.alternativeProbability = 0.5 }
    #expect(abs(half.count { $0 == Array(korean[..<7]) } - 200) < 50)
  }

  @Test func wordsAreLeftOutButNeverAll() {
    for view in views([Int](repeating: 0, count: 50), [english], { $0.deletionProbability = 1 }) {
      #expect(view[0] == 1 && (504...507).contains(view[1]) && view[2...] == [2, 0, 0, 0, 0])
    }
    #expect(views([2], [english]) { $0.deletionProbability = 1 }[0] == [1, 2, 0, 0, 0, 0, 0])
    let some = views([Int](repeating: 0, count: 500), [english]) { $0.deletionProbability = 0.1 }
    let words = some.reduce(0) { $0 + $1.count { $0 > 500 } }
    #expect(abs(words - 1800) < 60)
    #expect(some.allSatisfy { view in view.filter { $0 > 500 } == view.filter { $0 > 500 }.sorted() })
  }

  @Test func neighboursChangePlaces() {
    #expect(views([0], [english]) { $0.exchangeProbability = 1 }[0] == [1, 505, 504, 507, 506, 2, 0])
    #expect(views([1], [english]) { $0.exchangeProbability = 1 }[0] == Array(english[7..<14]))
  }

  @Test func aWordKeepsItsPiecesAndItsWriting() {
    // A capital and two pieces; a joined word of one; a word of a piece and two bytes.
    let pieces: [Int32] = [1, 3, 500, 600, 5, 501, 2]
    #expect(views([0], [pieces]) { $0.exchangeProbability = 1 }[0] == [1, 5, 501, 3, 500, 600, 2])
    for view in views([Int](repeating: 0, count: 20), [pieces], { $0.deletionProbability = 1 }) {
      #expect([[1, 3, 500, 600, 2, 0, 0], [1, 5, 501, 2, 0, 0, 0]].contains(view))
    }
  }

  @Test func aViewDependsOnItsPlaceInTheStreamAlone() {
    let augmentation = CaptionAugmentation()
    var (one, two) = (RandomStream(seed: 1, name: "views"), RandomStream(seed: 1, name: "views"))
    let together = augmentation.views(
      of: [english, korean], length: 7, rows: [0, 1, 0, 2], beginsWord: { _ in true }, stream: &one)
    let apart = [0, 1, 0, 2].flatMap {
      augmentation.views(of: [english, korean], length: 7, rows: [$0], beginsWord: { _ in true }, stream: &two)
    }
    #expect(together == apart && one == two)
  }

  @Test func aChunkOfABatchHasTheViewsOfTheWhole() {
    let captions = [(0..<6).flatMap { (row: Int32) -> [Int32] in [1, 4 + row, 5 + row, 6 + row, 7 + row, 2] }]
    func views(_ rows: Range<Int>, _ stream: inout RandomStream) -> [Int32] {
      CaptionAugmentation().views(
        of: captions, length: 6, rows: Array(rows), beginsWord: { _ in true }, stream: &stream)
    }
    var stream = RandomStream(seed: 3, name: "views")
    let whole = views(0..<6, &stream)
    #expect(whole != captions[0])
    for range in [0..<3, 3..<6, 2..<3] {
      var own = RandomStream(seed: 3, name: "views")
      own.window = RowWindow(range, of: 6)
      #expect(views(range, &own) == Array(whole[range.lowerBound * 6..<range.upperBound * 6]))
      #expect(own.position == stream.position)
    }
  }

  @Test func brokenOptionsAreNamed() {
    var options = CaptionAugmentation.Options()
    options.deletionProbability = -0.1
    let error = #expect(throws: UserError.self) { try options.validate() }
    #expect(error?.description == "deletionProbability: must be in 0...1")
  }
}
