import EventModel
import EventSourcing
import HTTPDriver
import WorkflowDomain

/// A Sim server, by its public REST interface, version 2: its runs, and the three orders that it takes of others (execute, resume, cancel).
///
/// Reads, and orders that a second time change nothing more, are repeated with growing waits when the server cannot be reached or does
/// not answer; the others only when they were certainly not sent. Every call throws ``SimError`` and nothing else.
public struct SimConnector: Sendable {
    let requester: SimRequester

    /// A connector over `exchange`, whose requests must carry ``SimSettings/headers``.
    public init(
        exchange: any HTTPExchange, settings: SimSettings, time: any Timekeeper = SystemTimekeeper(),
        random: any RandomSource = SystemRandomSource()
    ) {
        requester = SimRequester(exchange: exchange, settings: settings, time: time, random: random)
    }

    /// Runs `body` with a connector to the server that `settings` name, and closes its connections afterwards.
    public static func connected<Result>(
        _ settings: SimSettings, time: any Timekeeper = SystemTimekeeper(),
        random: any RandomSource = SystemRandomSource(), _ body: (SimConnector) async throws -> Result
    ) async throws -> Result {
        try await ClientExchange.connected(to: settings.baseURL, headers: settings.headers) { exchange in
            try await body(SimConnector(exchange: exchange, settings: settings, time: time, random: random))
        }
    }
}
