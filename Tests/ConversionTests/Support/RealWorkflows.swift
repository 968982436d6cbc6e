import EventSourcingTesting
import FoundationEssentials
import WorkflowDomain

/// Other people's workflows, not part of the project: named by LOCKSTEP_SAMPLES, or beside the checkout.
enum RealWorkflows {
    static let directory =
        ProcessInfo.processInfo.environment["LOCKSTEP_SAMPLES"]
        ?? ProjectFiles.besideCheckout("shared/samples/workflows")

    static var arePresent: Bool { ProjectFiles.exists(directory + "/MANIFEST.tsv") }

    /// Those that can be read, by the names of their files.
    static func all() throws -> [(name: String, reading: WorkflowReading)] {
        try ProjectFiles.names(in: directory).filter { $0.hasSuffix(".json") }.compactMap { name in
            (try? WorkflowFile.read(try ProjectFiles.bytes("\(directory)/\(name)"), name: name)).map { (name, $0) }
        }
    }
}
