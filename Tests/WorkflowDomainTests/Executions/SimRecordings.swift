import EventModel
import EventSourcingTesting
import FoundationEssentials

/// Recordings of Sim's executions, not part of the project: named by LOCKSTEP_RECORDINGS, or beside the checkout.
enum SimRecordings {
    private static let directory =
        ProcessInfo.processInfo.environment["LOCKSTEP_RECORDINGS"]
        ?? ProjectFiles.besideCheckout("shared/parlant/recordings")

    static let events = directory + "/sim-execution-events.ndjson"
    static let spans = directory + "/sim-trace-spans.json"

    static var arePresent: Bool { [events, spans].allSatisfy { ProjectFiles.exists($0) } }

    /// The elements of one of the lists of the fixtures; none when they are not there.
    static func list(_ name: String) -> [JSONValue] {
        guard let bytes = try? ProjectFiles.bytes(spans), let value = try? JSONValue(bytes) else { return [] }
        return value[name]?.array ?? []
    }

    /// The recorded events, one a line.
    static var lines: [JSONValue] {
        guard let bytes = try? ProjectFiles.bytes(events) else { return [] }
        return bytes.split(separator: UInt8(ascii: "\n")).compactMap { try? JSONValue(Array($0)) }
    }
}
