import EventModel
import FoundationEssentials
import JourneyDomain

/// The files that tests read: our own schemas, and recordings of the real Parlant server where they are at hand.
enum JourneyFiles {
    /// The root of the package, three levels above this file.
    static let root = directory(above: #filePath, levels: 4)

    static let eventSchemas = root + "/Schemas/events/journey"

    /// Recordings of the real server, not part of the project: named by LOCKSTEP_RECORDINGS, or beside the checkout.
    static let recordings =
        ProcessInfo.processInfo.environment["LOCKSTEP_RECORDINGS"] ?? directory(above: root, levels: 1)
        + "/shared/parlant/recordings"

    static var recordingsArePresent: Bool { FileManager.default.fileExists(atPath: recordings + "/README.md") }

    static func bytes(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: path))) }

    static func names(in directory: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
    }

    private static func directory(above path: String, levels: Int) -> String {
        "/" + path.split(separator: "/").dropLast(levels).joined(separator: "/")
    }
}

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
        guard let names = try? JourneyFiles.names(in: JourneyFiles.recordings) else { return [] }
        return names.filter { $0.hasSuffix(".json") }.flatMap { name -> [RecordedExchange] in
            guard let bytes = try? JourneyFiles.bytes(JourneyFiles.recordings + "/" + name),
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
