import EventModel
import EventSourcingTesting
import FoundationEssentials
import JourneyDomain

/// Journeys as a real Parlant server has answered them, not part of the project: named by LOCKSTEP_RECORDINGS, or beside the checkout.
enum RecordedJourneys {
    private static let directory =
        ProcessInfo.processInfo.environment["LOCKSTEP_RECORDINGS"]
        ?? ProjectFiles.besideCheckout("shared/parlant/recordings")

    static var arePresent: Bool { ProjectFiles.exists(directory + "/README.md") }

    /// Every journey of every answer that holds one with its graph. A graph that was read half replaced has an id twice, and is no journey.
    static func all() throws -> [(place: String, reading: JourneyReading)] {
        var journeys: [(place: String, reading: JourneyReading)] = []
        for name in try ProjectFiles.names(in: directory) where name.hasSuffix(".json") {
            let recording = try JSONValue(try ProjectFiles.bytes("\(directory)/\(name)"), limits: .file)
            for (number, exchange) in (recording["exchanges"]?.array ?? []).enumerated() {
                guard let body = exchange["response"]?["body"], body["journey"]?["root_id"] != nil,
                    body["nodes"] != nil,
                    let reading = try? JourneyFile.read(body.canonicalBytes(), name: name)
                else { continue }
                journeys.append(("\(name)#\(number)", reading))
            }
        }
        return journeys
    }
}
