import EventSourcingTesting
import FoundationEssentials

/// Other people's workflows, not part of the project: named by LOCKSTEP_SAMPLES, or beside the checkout.
enum RealWorkflows {
    static let directory =
        ProcessInfo.processInfo.environment["LOCKSTEP_SAMPLES"]
        ?? ProjectFiles.besideCheckout("shared/samples/workflows")

    static var arePresent: Bool { ProjectFiles.exists(directory + "/MANIFEST.tsv") }
}
