import EventModel
import HTTPDriver
import ParlantConnector
import Synchronization
import Testing

/// Answers requests from a recording of the real server, and nothing else.
final class RecordedServer: HTTPExchange {
    private let remaining: Mutex<[Recording.Exchange]>
    private let keepsOrder: Bool
    private let surprised: @Sendable (String) -> Void

    /// - Parameters:
    ///   - keepsOrder: whether requests must come in the order of the recording. Where requests overlap they need not; then equal
    ///     requests are answered in their order.
    ///   - surprised: what to do about a request that was not recorded; the test fails.
    init(
        _ recording: Recording, keepsOrder: Bool,
        surprised: @escaping @Sendable (String) -> Void = { Issue.record(Comment(rawValue: $0)) }
    ) {
        remaining = Mutex(recording.exchanges)
        self.keepsOrder = keepsOrder
        self.surprised = surprised
    }

    /// How many recorded exchanges have not taken place.
    var unused: Int { remaining.withLock { $0.count } }

    func send(
        _ request: HTTPRequest, within timeout: Duration, atMost limit: Int
    ) async throws(HTTPFault) -> HTTPAnswer {
        let key = Recording.key(request)
        let outcome = remaining.withLock { remaining -> Result<HTTPAnswer, HTTPFault>? in
            let found = remaining.firstIndex { $0.request == key }
            guard let found, !keepsOrder || found == 0 else { return nil }
            return remaining.remove(at: found).outcome
        }
        guard let outcome else {
            let next = remaining.withLock { $0.first?.request } ?? "nothing"
            surprised("not in the recording at this place: \(key)\nrecorded: \(next)")
            throw .cancelled
        }
        return try outcome.get()
    }
}

/// Passes requests on to the real server and writes down what happens.
final class RecordingServer: HTTPExchange {
    private let server: any HTTPExchange
    private let slots = Mutex<[Recording.Exchange]>([])

    init(_ server: any HTTPExchange) { self.server = server }

    /// What has happened, in the order in which it began.
    var recording: Recording { Recording(exchanges: slots.withLock { $0 }) }

    func send(
        _ request: HTTPRequest, within timeout: Duration, atMost limit: Int
    ) async throws(HTTPFault) -> HTTPAnswer {
        let key = Recording.key(request)
        let slot = slots.withLock { slots in
            slots.append(.init(request: key, outcome: .failure(.cancelled)))
            return slots.count - 1
        }
        let outcome: Result<HTTPAnswer, HTTPFault>
        do throws(HTTPFault) {
            outcome = .success(try await server.send(request, within: timeout, atMost: limit))
        } catch {
            outcome = .failure(error)
        }
        slots.withLock { $0[slot] = .init(request: key, outcome: outcome) }
        return try outcome.get()
    }
}
