import EventModel
import Foundation
import Testing

@testable import ParlantStandIn

/// What the real server has answered is what the stand-in answers: status, members, refusals, and the values that mean something.
@Suite("The stand-in and the recordings of the real Parlant") struct RecordingTests {
    /// Recordings in which no model speaks and nothing is asked that the stand-in leaves out.
    static let names = [
        "cli-session", "conversation-look", "conversation-marks", "journey-conflict", "journey-exists",
        "journey-back-and-forth", "journey-round-trip", "journey-shared-state", "session-binding", "session-not-found",
        "trap-empty-data-array", "trap-empty-data-boolean", "trap-empty-data-null", "trap-empty-data-number",
        "trap-empty-data-object", "trap-empty-data-string", "trap-long-poll", "trap-no-agent", "trap-unknown-state",
    ]
    /// Members whose values are compared.
    static let meaningful: Set<String> = [
        "error", "busy", "next_offset", "mode", "execution", "agent_states_total", "indexes", "node_ids", "kind",
        "offset", "deleted", "changed", "title", "root_id", "source", "target", "condition", "code",
    ]

    @Test(arguments: names) func `a recorded conversation with it goes as it went with Parlant`(_ name: String) throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "ParlantConnectorTests/Recordings/\(name).json")
        let exchanges = try #require(
            try JSONValue([UInt8](Data(contentsOf: folder)), limits: .file)["exchanges"]?.array)
        #expect(!exchanges.isEmpty)
        var scene = Scene()
        var names: [String: String] = [:]
        for exchange in exchanges {
            var text = try #require(exchange["request"]?.string)
            for (recorded, ours) in names { text = text.replacing(recorded, with: ours) }
            let parts = text.split(separator: " ", maxSplits: 2).map(String.init)
            let body = parts.count > 2 ? try JSONValue(text: parts[2]) : nil
            let answer = scene.ask(parts[0], parts[1], body, after: .milliseconds(1))
            let known = exchange["answer_of"]?.int.map { exchanges[$0] } ?? exchange
            #expect(answer.status == known["status"]?.int, "\(text.prefix(300)): \(answer.body)")
            guard let recorded = known["json"] else { continue }
            let flaws = Self.differences(recorded, answer.body, "", &names)
            #expect(flaws.isEmpty, "\(text.prefix(300))")
        }
    }

    /// How `ours` differs from what was recorded; ids that were made anew are noted.
    static func differences(
        _ recorded: JSONValue, _ ours: JSONValue, _ place: String, _ names: inout [String: String]
    ) -> [String] {
        switch (recorded, ours) {
        case (.object(let left), .object(let right)):
            let marks = place.hasSuffix("/marks") || place.hasSuffix("/versions")
            if marks { return left.count == right.count ? [] : ["\(place): \(right.keys)"] }
            guard Set(left.keys) == Set(right.keys) else {
                return ["\(place): \(Set(left.keys).symmetricDifference(right.keys).sorted())"]
            }
            return left.members.flatMap { member -> [String] in
                // It plays the server of the command line; most recordings are of the other one.
                if member.key == "mode", left["module"] != nil { return [] }
                return differences(member.value, right[member.key] ?? .null, "\(place)/\(member.key)", &names)
            }
        case (.array(let left), .array(let right)):
            // Which of many problems are found is not compared.
            if place.hasSuffix("/problems") { return right.isEmpty ? ["\(place): none"] : [] }
            guard left.count == right.count else { return ["\(place): \(right.count) instead of \(left.count)"] }
            return zip(left, right).flatMap { differences($0, $1, place, &names) }
        case (.string(let left), .string(let right)):
            let key = place.split(separator: "/").last.map(String.init) ?? ""
            if left != right, left.utf8.count >= 8, ["id", "version", "instance", "trace_id"].contains(key) {
                names[left] = right
                return []
            }
            return meaningful.contains(key) && left != right ? ["\(place): \(right) instead of \(left)"] : []
        case (.null, .null), (.bool, .bool), (.number, .number):
            let key = place.split(separator: "/").last.map(String.init) ?? ""
            return meaningful.contains(key) && recorded != ours ? ["\(place): \(ours) instead of \(recorded)"] : []
        default: return ["\(place): \(ours) instead of \(recorded)"]
        }
    }
}
