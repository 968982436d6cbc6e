import EventModel
import EventSourcing
import HTTPDriver

/// A Parlant server 3.3.2 that has our module loaded (`ops/parlant`): its journeys and its sessions.
///
/// Reads, and changes that a second time change nothing more, are repeated with growing waits when the server cannot be reached or
/// does not answer; other changes only when they were certainly not sent. Every call throws ``ParlantError`` and nothing else.
public struct ParlantConnector: Sendable {
    let requester: Requester

    /// A connector over `exchange`.
    public init(
        exchange: any HTTPExchange, settings: ParlantSettings = ParlantSettings(),
        time: any Timekeeper = SystemTimekeeper(), random: any RandomSource = SystemRandomSource()
    ) {
        requester = Requester(exchange: exchange, settings: settings, time: time, random: random)
    }

    /// What runs there.
    /// - Throws: ``ParlantError/moduleMissing`` when the server answers but does not have our module.
    public func module() async throws(ParlantError) -> ParlantModule {
        let value = try await requester.json(
            HTTPRequest(.get, ["lockstep", "module"]), .reads, about: .other("module"))
        guard let module = ParlantModule(value) else { throw .malformed(what: "the description of the module") }
        return module
    }
}

/// What a server says of itself.
public struct ParlantModule: Sendable, Hashable {
    /// The module that this connector needs, or a later one.
    public static let leastVersion = 2

    /// The version of our module.
    public let version: Int
    /// The version of Parlant.
    public let parlant: String
    /// Whether journeys outlive a restart: they do on the command line (`parlant-server run`), not in a program of the SDK.
    public let keepsJourneys: Bool
    /// Another text after each start of the server: when it changes where ``keepsJourneys`` is false, push all journeys again.
    public let instance: String

    init?(_ value: JSONValue) {
        guard value["module"]?.string == "lockstep", let version = value["module_version"]?.int,
            let parlant = value["parlant"]?.string, let instance = value["instance"]?.string
        else { return nil }
        self.version = version
        self.parlant = parlant
        keepsJourneys = value["mode"]?.string == "cli"
        self.instance = instance
    }
}
