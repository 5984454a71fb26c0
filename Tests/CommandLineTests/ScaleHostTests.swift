import ComparisonRecipes
import Foundation
import Recipes
import Runs
import Testing

/// Two hosts on one machine: network namespaces with a cable between them and names of their own. They share the disk.
struct TwoHosts {
  /// Whether this machine has such, which needs root and `ip`.
  static let areThere: Bool = {
    guard geteuid() == 0 else { return false }
    let trial =
      "n=cc$$-try; ip netns add $n && ip netns exec $n unshare --uts true; code=$?; ip netns del $n; exit $code"
    let outcome = try? Program.run(program: URL(fileURLWithPath: "/bin/sh"), ["-c", trial])
    return outcome?.exitCode == 0
  }()

  /// Makes the hosts, runs a command on the first, and removes them with whatever is at work on them.
  ///
  /// An agent stands for ssh and, like it, hands no environment on.
  private static let script = """
    set -eu
    id=cc$$ a=cc$$-a b=cc$$-b work=$(mktemp -d)
    clean() {
      for space in $a $b; do
        for process in $(ip netns pids $space); do kill -KILL $process || true; done
        ip netns del $space || true
      done 2>/dev/null
      rm -rf "$work"
    }
    trap clean EXIT
    trap 'exit 130' INT TERM
    ip netns add $a
    ip netns add $b
    ip link add name $id-0 netns $a type veth peer name $id-1 netns $b
    ip -n $a addr add 10.77.0.1/24 dev $id-0
    ip -n $b addr add 10.77.0.2/24 dev $id-1
    ip -n $a link set lo up
    ip -n $a link set $id-0 up
    ip -n $b link set lo up
    ip -n $b link set $id-1 up
    cat > "$work/agent" <<AGENT
    #!/bin/sh
    shift
    exec ip netns exec $b unshare --uts env -i PATH="$PATH" HOME="$HOME" sh -c 'hostname second; exec sh -c "\\$*"' sh "\\$*"
    AGENT
    chmod +x "$work/agent"
    export OMPI_MCA_plm_rsh_agent="$work/agent" OMPI_MCA_btl=tcp,self OMPI_MCA_pml=ob1
    export OMPI_MCA_btl_tcp_if_include=10.77.0.0/24 OMPI_MCA_oob_tcp_if_include=10.77.0.0/24
    ip netns exec $a unshare --uts sh -c 'hostname first; exec "$@"' sh "$@" &
    if [ -n "${CUT:-}" ]; then
      while [ ! -s "$CUT" ]; do sleep 0.05; done
      ip -n $a link set $id-0 down
    fi
    wait $!
    """

  /// Runs a command on the first host; with a file to wait for, the cable is cut when that has something in it.
  static func run(
    _ command: [String], environment: [String: String], cutAfter file: URL? = nil
  ) throws -> Program.Outcome {
    var environment = environment
    if let file { environment["CUT"] = file.path }
    return try Program.run(
      program: URL(fileURLWithPath: "/bin/bash"), ["-c", script, "two-hosts"] + command, environment: environment)
  }
}

extension ScaleTests {
  /// Hosts that are several, or unlike.
  @Suite(.serialized) struct ScaleHostTests {
    private let trial: TeamTrial

    init() throws { trial = try TeamTrial() }

    @Test(.enabled(if: TwoHosts.areThere, "no network namespaces: they need root and iproute2"))
    func twoHostsGiveTheSameBytes() throws {
      let recipe = trial.recipe("mct", TeamTrial.groups + ["method.mct.shufflesKeys=true"])
      #expect(try trial.run("one", recipe: recipe, ranks: 1).exitCode == 0)
      var environment = trial.environment
      environment["PATH"] = ProcessInfo.processInfo.environment["PATH"]
      let outcome = try TwoHosts.run(
        [Program.url.path, "run"] + recipe
          + ["--runs", trial.runs("two").path, "--ranks", "4", "--hosts", "10.77.0.1:2,10.77.0.2:2"],
        environment: environment)
      #expect(outcome.exitCode == 0, "\(outcome.errors)")
      let faults = trial.faults(of: "two", beside: "one")
      #expect(faults.isEmpty, "\(faults)")
      #expect(trial.files("two").text("manifest.json").contains("\"hosts\" : \"10.77.0.1:2,10.77.0.2:2\""))
    }

    @Test(.enabled(if: TwoHosts.areThere, "no network namespaces: they need root and iproute2"))
    func aCableThatIsCutEndsTheRun() throws {
      let recipe = trial.recipe("clip", ["training.epochs=100000"])
      var environment = trial.environment
      environment["PATH"] = ProcessInfo.processInfo.environment["PATH"]
      for (name, value) in [("time", "3"), ("intvl", "1"), ("probes", "2")] {
        environment["OMPI_MCA_oob_tcp_keepalive_\(name)"] = value
      }
      let flag = trial.folder.url.appending(path: "cut")
      let files = trial.files("cut")
      let watch = Thread {
        while files.lines(ofSeed: 0) < 5 { usleep(10_000) }
        try? Data("now".utf8).write(to: flag)
      }
      watch.start()
      let outcome = try TwoHosts.run(
        [Program.url.path, "run"] + recipe
          + ["--runs", trial.runs("cut").path, "--ranks", "2", "--hosts", "10.77.0.1:1,10.77.0.2:1"],
        environment: environment, cutAfter: flag)
      #expect(outcome.exitCode != 0 && outcome.exitCode != 130, "\(outcome.exitCode): \(outcome.errors)")
      #expect(outcome.errors.split(separator: "\n").last?.hasPrefix("concord: seed 0: ") ?? false, "\(outcome.errors)")
    }

    /// A run folder that no process works in.
    private func madeFolder(_ recipe: [String]) throws -> RunFolder {
      let catalogue = RecipeCatalogue([CompareExperiment()])
      let resolved = try catalogue.recipe(recipe[0], overrides: Array(recipe.dropFirst()))
      let run = RunFolder(trial.folder.url.appending(path: "made", directoryHint: .isDirectory))
      try FileManager.default.createDirectory(at: run.seed(0), withIntermediateDirectories: true)
      try Data(resolved.yamlWithOrigins.utf8).write(to: run.recipe)
      let machine = Machine(commit: nil, processor: "one", memory: 1)
      try run.write(
        Manifest(recipe: resolved, jobs: 1, threads: 1, dataRoot: nil, machine: machine, versions: [:], start: Date()))
      return run
    }

    private func refused(_ outcome: Program.Outcome, _ what: String) {
      #expect(outcome.exitCode == 65, "\(outcome.errors)")
      let host = OpenMPI.host
      #expect(outcome.errors.contains("concord: \(host): \(what): "), "\(outcome.errors)")
      #expect(outcome.errors.contains(" for rank 1, "), "\(outcome.errors)")
    }

    @Test func otherThreadsAreRefused() throws {
      let run = try madeFolder(trial.recipe("clip"))
      let commands = ["1", "2"].map { ["run-seed", run.url.path, "0", "--team", "--threads", $0] }
      refused(try OpenMPI.run(commands), "threads")
    }

    @Test func anotherProgramIsRefused() throws {
      let run = try madeFolder(trial.recipe("clip"))
      // The same program but for its mark, which stands behind the head of the note.
      var program = try Data(contentsOf: Program.url)
      let head = Data([4, 0, 0, 0, 20, 0, 0, 0, 3, 0, 0, 0] + "GNU\0".utf8)
      let place = try #require(program.range(of: head, in: 0..<1 << 16)).upperBound
      program[place] ^= 1
      // Its resources are looked for beside it, or where it was built.
      let other = trial.folder.url.appending(path: "concord")
      try program.write(to: other)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: other.path)
      for name in try FileManager.default.contentsOfDirectory(atPath: Program.url.deletingLastPathComponent().path)
      where name.hasSuffix(".resources") {
        try FileManager.default.createSymbolicLink(
          at: trial.folder.url.appending(path: name),
          withDestinationURL: Program.url.deletingLastPathComponent().appending(path: name))
      }
      let command = ["run-seed", run.url.path, "0", "--team"]
      refused(try OpenMPI.run([command, command], programs: [nil, other]), "the program's mark")
    }

    @Test func otherDataAreRefused() throws {
      // Each rank has the folder `own` of its own working folder.
      let other = try TeamTrial()
      let table = other.folder.url.appending(path: "own/captions.csv")
      let text = try String(contentsOf: table, encoding: .utf8)
      try Data(text.replacing("number 3\"", with: "number three\"").utf8).write(to: table)
      var recipe = trial.recipe("clip")
      recipe.removeAll { $0.hasPrefix("data.folder.path=") }
      let run = try madeFolder(recipe + ["data.folder.path=own"])
      let command = ["run-seed", run.url.path, "0", "--team"]
      refused(
        try OpenMPI.run(
          [command, command], folders: [trial.folder.url, other.folder.url],
          environment: ["CONCORD_CACHE": trial.folder.url.path]), "the data")
    }
  }
}

/// What is so without Open MPI.
@Suite(.serialized) struct ScaleAbsenceTests {
  @Test func theProgramIsNotLinkedWithIt() throws {
    let outcome = try Program.run(program: URL(fileURLWithPath: "/usr/bin/env"), ["ldd", Program.url.path])
    #expect(outcome.exitCode == 0 && outcome.output.contains("libgomp"))
    #expect(!outcome.output.contains("libmpi") && !outcome.output.contains("open-rte"))
  }

  @Test func thePackageIsNamed() throws {
    let trial = try TeamTrial()
    let recipe = trial.recipe("clip", ["training.epochs=1"])
    let outcome = try trial.run("none", recipe: recipe, ranks: 2, environment: ["PATH": "/nowhere"])
    #expect(outcome.exitCode == 64 && outcome.output.isEmpty)
    #expect(
      outcome.errors == """
        concord: --ranks: needs mpirun of Open MPI, which is not there; install the package openmpi-bin on every host

        """)
    #expect(trial.files("none").all.isEmpty)
    #expect(try trial.run("none", recipe: recipe, ranks: 1, environment: ["PATH": "/nowhere"]).exitCode == 0)
  }

  @Test func anotherMPIIsNamed() throws {
    let trial = try TeamTrial()
    let mpirun = trial.folder.url.appending(path: "other/mpirun")
    try FileManager.default.createDirectory(at: mpirun.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data("#!/bin/sh\necho HYDRA build details\n".utf8).write(to: mpirun)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: mpirun.path)
    let outcome = try trial.run(
      "none", recipe: trial.recipe("clip"), ranks: 2,
      environment: ["PATH": mpirun.deletingLastPathComponent().path + ":/bin"])
    #expect(outcome.exitCode == 64)
    #expect(outcome.errors.contains("needs Open MPI's mpirun, and \(mpirun.path) is another's"), "\(outcome.errors)")
  }
}
