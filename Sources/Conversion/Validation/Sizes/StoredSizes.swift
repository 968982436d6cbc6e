import EventModel
import JourneyDomain
import WorkflowDomain

/// Whether what a conversion makes can be stored. An event holds a definition, and one holds a mapping; what is larger can be looked at, and nothing
/// else. No reader of the source can know: a workflow of 700 kB may become a journey of twice that.
public enum StoredSizes {
    /// What of the journey that a workflow becomes, and of the mapping, is larger than an event holds; errors of the workflow.
    ///
    /// - Parameter mapping: of the conversion, where it is known already; computing it takes longer than the conversion did.
    public static func findings(of made: JourneyConversion, mapping: Mapping? = nil) -> [Finding] {
        findings(
            .workflowLimitExceeded,
            definition: (
                "the journey that it becomes", made.journey.canonicalBytes().count, { made.journey.storedBytes },
                JourneyLimits.definitionBytes
            ), mapping ?? made.mapping, cure: "split the workflow with workflow blocks")
    }

    /// What of the workflow that a journey becomes, and of the mapping, is larger than an event holds; errors of the journey.
    ///
    /// - Parameter mapping: of the conversion, where it is known already.
    public static func findings(of made: WorkflowConversion, mapping: Mapping? = nil) -> [Finding] {
        findings(
            .journeyLimitExceeded,
            definition: (
                "the workflow that it becomes", made.workflow.canonicalBytes().count, { made.workflow.storedBytes },
                WorkflowLimits.definitionBytes
            ), mapping ?? made.mapping, cure: "shorten the journey's texts or split it")
    }

    /// What is stored has at most so many bytes for each byte of the canonical form: ids stand in both of its trees, and sealing makes four of three.
    /// So the exact size needs to be known of large definitions only.
    private static let growth = 3

    private static func findings(
        _ code: FindingCode, definition: (name: String, bytes: Int, stored: () -> Int, limit: Int), _ mapping: Mapping,
        cure: String
    ) -> [Finding] {
        var sizes: [(name: String, bytes: Int, limit: Int)] = []
        if definition.bytes * growth > definition.limit {
            sizes.append((definition.name, definition.stored(), definition.limit))
        }
        sizes.append(("the mapping between both sides", mapping.canonicalBytes().count, MappingLimits.bytes))
        return sizes.filter { $0.bytes > $0.limit }.map { name, bytes, limit in
            Finding(
                code, .error, at: .root,
                "\(name) has \(bytes) bytes as it is stored, and an event holds at most \(limit)", cure: cure)
        }
    }
}
