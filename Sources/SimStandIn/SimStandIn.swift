import ArgumentParser
import EventModel
import Foundation
import NIOPosix
import StandInDoor
import WorkflowDomain

/// A little Sim for tests and demonstrations: the endpoints of its public interface that Lockstep uses, over workflows from files.
@main
struct SimStandIn: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "SimStandIn",
        abstract: "A stand-in for a Sim server: runs workflows in memory, with the traps of the real interface.")

    @Option(name: .customLong("workflow"), help: "A file with a workflow, in any format that `lockstep import` takes.")
    var workflows: [String]
    @Option(help: "The port to listen on; 0 takes one that is free. It is printed.")
    var port = 0
    @Option(help: "The API key that callers must have.")
    var key = "stand-in-key"
    @Option(help: "Where execution events go, one JSON object a line; - is standard output.")
    var events: String?
    @Option(help: "Where the state is kept; it goes on from there when it is started again.")
    var state: String?
    @Option(help: "Milliseconds that each block takes.")
    var delay = 0
    @Option(help: "Which part of the blocks fails, 0 to 1.")
    var failRate = 0.0
    @Option(help: "What blocks decide that no --decide speaks of.")
    var seed: UInt64 = 1
    @Option(help: "BLOCK=WORD[,WORD…]: what a condition or router decides, visit by visit; `fail` makes a block fail.")
    var decide: [String] = []
    @Option(help: "Milliseconds after which a caller who waits for a run is told `failed`, while it goes on.")
    var patience = 30_000
    @Option(help: "The longest wait of a wait block, in seconds.")
    var longestWait = 2_592_000

    func validate() throws {
        guard (0...1).contains(failRate) else { throw ValidationError("--fail-rate is \(failRate), it may be 0 to 1") }
        guard (0...65_535).contains(port) else { throw ValidationError("--port is \(port), it may be 0 to 65535") }
        for (name, value, limit) in [
            ("--delay", delay, 3_600_000), ("--patience", patience, 3_600_000),
            ("--longest-wait", longestWait, 31_536_000),
        ] where !(0...limit).contains(value) {
            throw ValidationError("\(name) is \(value), it may be 0 to \(limit)")
        }
        _ = try script()
    }

    func run() async throws {
        let graphs = try workflows.map(Self.graph)
        let choices = Choices(script: try script(), seed: seed, failRate: failRate)
        let core = StandIn(
            graphs,
            StandIn.Settings(
                blockDelay: .milliseconds(delay), longestWait: .seconds(longestWait), choices: choices))
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let house = try House(
            core, House.Settings(key: key, patience: .milliseconds(patience)), statePath: state, eventsPath: events,
            on: group.next())
        let door = try await HTTPDoor.open(house, host: "127.0.0.1", port: port, on: group)
        let line = "listening on http://127.0.0.1:\(door.port) with \(graphs.map(\.id).joined(separator: ", "))\n"
        FileHandle.standardError.write(Data(line.utf8))
        try await door.channel.closeFuture.get()
    }

    static func graph(_ file: String) throws -> WorkflowGraph {
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: file)))
        let reading = try WorkflowFile.read(bytes, name: file)
        return WorkflowGraph(id: reading.id.text, reading.definition)
    }

    private func script() throws -> [String: [String]] {
        var script: [String: [String]] = [:]
        for text in decide {
            let sides = text.split(separator: "=", maxSplits: 1)
            guard sides.count == 2 else { throw ValidationError("--decide is \(text), it must be BLOCK=WORD[,WORD…]") }
            script[String(sides[0])] = sides[1].split(separator: ",").map(String.init)
        }
        return script
    }
}
