import EventModel
import EventSourcing

/// Answers `/health`, `/ready` and `/metrics`, whoever carries the question: the port of `serve`, or later the gateway.
public struct OperationsDesk: Sendable {
    /// The paths that are answered.
    public static let paths = ["/health", "/ready", "/metrics"]

    private let lookout: Lookout
    private let registry: MeterRegistry
    private let time: any Timekeeper
    private let began: Timestamp

    /// A desk of a process that begins now.
    ///
    /// - Parameter registry: what the process counts.
    public init(_ lookout: Lookout, counting registry: MeterRegistry, time: any Timekeeper = SystemTimekeeper()) {
        self.lookout = lookout
        self.registry = registry
        self.time = time
        began = time.now()
    }

    /// The answer to a request.
    ///
    /// - Parameters:
    ///   - method: in capitals; `GET` and `HEAD` are known.
    ///   - path: without a query.
    public func answer(_ method: String, _ path: String) async -> OperationsAnswer {
        guard Self.paths.contains(path) else {
            return Self.refusal(404, "there is nothing here; ask \(Self.paths.joined(separator: ", "))")
        }
        guard method == "GET" || method == "HEAD" else {
            return Self.refusal(405, "only GET and HEAD are answered here", allowed: "GET, HEAD")
        }
        switch path {
        case "/health":
            return Self.json(200) { writer in
                writer.key("alive")
                writer.bool(true)
            }
        case "/ready": return ready(await lookout.sight())
        default: return metrics(await lookout.sight())
        }
    }

    private func ready(_ sight: Lookout.Sight) -> OperationsAnswer {
        switch sight {
        case .blind(let refusal): return Self.json(503) { ReadyAnswer(refusal: refusal).write(to: &$0) }
        case .seen(let look, let at):
            let readiness = ReadyAnswer(look, at: at)
            return Self.json(readiness.isReady ? 200 : 503) { readiness.write(to: &$0) }
        }
    }

    private func metrics(_ sight: Lookout.Sight) -> OperationsAnswer {
        let seen: [MetricFamily]
        switch sight {
        case .blind: seen = [OperationsMetric.up.family(false), OperationsMetric.ready.family(false)]
        case .seen(let look, let at):
            let age = max(0, at.duration(to: time.now()) / .seconds(1))
            seen = [OperationsMetric.up.family(true), OperationsMetric.lookAge.family(age)] + look.metrics
        }
        let start = MetricFamily(
            "lockstep_process_start_time_seconds", .gauge, help: "When this process began, in seconds since 1970.",
            [MetricFamily.Sample(Double(began.microseconds) / 1e6)])
        return OperationsAnswer(
            200, MetricText.contentType, Array(MetricText.of(seen + [start] + registry.metrics).utf8))
    }

    private static func refusal(_ status: Int, _ error: String, allowed: String? = nil) -> OperationsAnswer {
        let body = json(status) { writer in
            writer.key("error")
            writer.string(error)
        }.body
        return OperationsAnswer(status, jsonType, body, allowed: allowed)
    }

    private static let jsonType = "application/json"

    private static func json(_ status: Int, _ body: (inout JSONWriter) -> Void) -> OperationsAnswer {
        var writer = JSONWriter()
        writer.object(body)
        return OperationsAnswer(status, jsonType, writer.bytes + [UInt8(ascii: "\n")])
    }
}
