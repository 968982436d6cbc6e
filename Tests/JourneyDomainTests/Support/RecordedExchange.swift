import EventModel
import EventSourcingTesting
import JourneyDomain

/// One exchange with the real server, as it was recorded.
struct RecordedExchange: Sendable, CustomStringConvertible {
    let file: String
    let number: Int
    let method: String
    let path: String
    let status: Int
    let body: JSONValue

    var description: String { "\(file)#\(number)" }

    /// The journey that the path names, in `/journeys/<id>/…` and `/bridge/journeys/<id>/…`.
    var journey: String? {
        let parts = path.split(separator: "/").map(String.init)
        guard let at = parts.firstIndex(of: "journeys"), at + 1 < parts.count else { return nil }
        return parts[at + 1]
    }

    /// All exchanges of all recordings, in order.
    static let all: [RecordedExchange] = {
        guard let names = try? ProjectFiles.names(in: Recordings.directory) else { return [] }
        return names.filter { $0.hasSuffix(".json") }.flatMap { name -> [RecordedExchange] in
            guard let bytes = try? ProjectFiles.bytes(Recordings.directory + "/" + name),
                let value = try? JSONValue(bytes, limits: .file)
            else { return [] }
            return (value["exchanges"]?.array ?? []).enumerated().map { number, exchange in
                RecordedExchange(
                    file: name, number: number, method: exchange["request"]?["method"]?.string ?? "",
                    path: exchange["request"]?["path"]?.string ?? "",
                    status: exchange["response"]?["status"]?.int ?? 0, body: exchange["response"]?["body"] ?? .null)
            }
        }
    }()
}

/// Reads a text as the file of a journey.
func readJourney(_ text: String, name: String = "file.json") throws(JourneyFormatError) -> JourneyReading {
    try JourneyFile.read(Array(text.utf8), name: name)
}

/// What is wrong with a file, as places and kinds.
func journeyProblems(_ text: String) -> [JourneyProblem] {
    do {
        _ = try readJourney(text)
        return []
    } catch {
        guard case .problems(let problems, _) = error else { return [] }
        return problems
    }
}
