import ArgumentParser
import Foundation
import NIOPosix
import StandInDoor

/// A little Parlant with our module, for tests and demonstrations: the part of its interface that Lockstep uses.
@main
struct ParlantStandIn: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ParlantStandIn",
        abstract: "A stand-in for a Parlant server: keeps journeys and holds conversations, without a language model.")

    @Option(name: .customLong("agent"), help: "An agent that is there from the start; may be given several times.")
    var agents: [String] = ["agent"]
    @Option(help: "The port to listen on; 0 takes one that is free. It is printed.")
    var port = 0
    @Option(help: "Where the state is kept; it goes on from there when it is started again.")
    var state: String?
    @Option(help: "Milliseconds that a turn takes.")
    var delay = 0

    func validate() throws {
        guard (0...65_535).contains(port) else { throw ValidationError("--port is \(port), it may be 0 to 65535") }
        guard (0...3_600_000).contains(delay) else {
            throw ValidationError("--delay is \(delay), it may be 0 to 3600000")
        }
        guard agents.allSatisfy({ !$0.isEmpty }) else { throw ValidationError("--agent must not be empty") }
    }

    func run() async throws {
        let core = StandIn(StandIn.Settings(turnDelay: .milliseconds(delay), agents: agents))
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let house = try House(core, statePath: state, on: group.next())
        let door = try await HTTPDoor.open(house, host: "127.0.0.1", port: port, on: group)
        let line = "listening on http://127.0.0.1:\(door.port) with \(agents.joined(separator: ", "))\n"
        FileHandle.standardError.write(Data(line.utf8))
        try await door.channel.closeFuture.get()
    }
}
