import EventModel
import FoundationEssentials
import WorkflowDomain

/// The files that tests read: our own schemas, and other people's workflows where they are at hand.
enum Files {
    /// The root of the package, four levels above this file.
    static let root = directory(above: #filePath, levels: 4)

    static let eventSchemas = root + "/Schemas/events/mapping"
    static let demonstrations = root + "/Schemas/demo/workflows"

    /// Real workflows, not part of the project: named by LOCKSTEP_SAMPLES, or beside the checkout.
    static let samples =
        ProcessInfo.processInfo.environment["LOCKSTEP_SAMPLES"] ?? directory(above: root, levels: 1)
        + "/shared/samples/workflows"

    static var samplesArePresent: Bool { FileManager.default.fileExists(atPath: samples + "/MANIFEST.tsv") }

    static func bytes(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: path))) }

    static func names(in directory: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
    }

    private static func directory(above path: String, levels: Int) -> String {
        "/" + path.split(separator: "/").dropLast(levels).joined(separator: "/")
    }
}
