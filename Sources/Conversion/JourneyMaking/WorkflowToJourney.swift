import EventModel
import JourneyDomain
import WorkflowDomain

/// Turns a workflow into the journey that walks the same ways with the same decisions.
///
/// Pure and total for whatever an import accepts: what Parlant has no form for is kept in metadata, reported, and there again when
/// ``JourneyToWorkflow`` goes the other way. Ids are derived from ids, so converting twice gives the same journey.
public enum WorkflowToJourney {
    /// Converts `workflow`.
    ///
    /// - Parameter id: the workflow's id in our log; the ids of states and transitions begin with it.
    /// - Throws: ``ConversionError`` when ids are empty or repeated, or there is too much of something.
    public static func convert(
        _ workflow: WorkflowDefinition, id: String
    ) throws(ConversionError) -> JourneyConversion {
        try check(workflow, id: id)
        return conversion(of: workflow, id: id)
    }

    /// The conversion of a workflow that has been checked. A workflow that is exactly what a journey of Parlant's becomes
    /// is that journey again, without anything kept for a way back that needs nothing.
    static func conversion(of workflow: WorkflowDefinition, id: String) -> JourneyConversion {
        let graph = WorkflowGraph(workflow)
        if let journeyID = Overrides(of: workflow).journeyID {
            var bare = JourneyMaker(graph, id: id, keepsComplement: false)
            let journey = bare.make()
            if BornJourney.workflow(of: journey, id: journeyID) == workflow { return bare.conversion(journey) }
        }
        var maker = JourneyMaker(graph, id: id, keepsComplement: true)
        let journey = maker.make()
        return maker.conversion(journey)
    }

    private static func check(_ workflow: WorkflowDefinition, id: String) throws(ConversionError) {
        try Checks.id(id)
        try Checks.count(.block, workflow.blocks.count, limit: ConversionLimits.blocks)
        try Checks.count(.edge, workflow.edges.count, limit: ConversionLimits.edges)
        try Checks.ordered(.block, workflow.blocks, \.id)
        try Checks.ordered(.edge, workflow.edges, \.id)
        try Checks.ordered(.variable, workflow.variables, \.id)
    }
}

/// What has to hold for a definition to be converted.
enum Checks {
    static func id(_ id: String) throws(ConversionError) {
        guard (1...ConversionLimits.idBytes).contains(id.utf8.count) else {
            throw .illegalID(id, limit: ConversionLimits.idBytes)
        }
    }

    static func count(_ element: ConversionElement, _ count: Int, limit: Int) throws(ConversionError) {
        guard count <= limit else { throw .tooMany(element, count: count, limit: limit) }
    }

    /// The ids of elements that are ordered by them, so that the same ids stand side by side.
    static func ordered<Element>(
        _ element: ConversionElement, _ elements: [Element], _ id: (Element) -> ElementID
    ) throws(ConversionError) {
        for index in elements.indices {
            let next = id(elements[index])
            guard !next.text.isEmpty else { throw .emptyElementID(element) }
            guard index == 0 || id(elements[index - 1]) != next else { throw .duplicateID(element, next) }
        }
    }

    static func ids(_ element: ConversionElement, _ ids: [ElementID]) throws(ConversionError) {
        var seen: Set<ElementID> = []
        seen.reserveCapacity(ids.count)
        for id in ids {
            guard !id.text.isEmpty else { throw .emptyElementID(element) }
            guard seen.insert(id).inserted else { throw .duplicateID(element, id) }
        }
    }
}
