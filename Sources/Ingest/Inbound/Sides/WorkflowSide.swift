import EventModel
import EventSourcing
import WorkflowDomain

/// What is said about workflows: whole ones, in any of Sim's JSON formats, which are imported as their files would be, and operations of Sim's
/// collaborative editor, which become one fine-grained event each.
public struct WorkflowSide: InboundSide {
    /// The rule of a workflow's definition.
    public typealias D = InboundWorkflowDecider

    private let operations: WorkflowOperationReader

    /// The side of a workspace: names of operations count in it.
    public init(of workspace: Workspace = .default) { operations = WorkflowOperationReader(workspace: workspace) }

    /// `workflow`.
    public var kind: String { "workflow" }

    /// Yes: operations have ids.
    public static var namesCommands: Bool { true }

    /// Whether there are blocks where a workflow has them, and nothing that an execution has; or an operation on a target.
    public func recognises(_ payload: JSONValue) -> Bool {
        if WorkflowOperationReader.recognises(payload) { return true }
        guard let top = payload.object, top["executionId"] == nil, top["type"] == nil else { return false }
        if top["state"]?["blocks"] != nil || top["data"]?["state"]?["blocks"] != nil { return true }
        return top["blocks"] != nil && (top["edges"] != nil || top["connections"] != nil || top["version"] != nil)
    }

    /// One import, or the operations.
    public func commands(
        in payload: JSONValue, isWhole: Bool, of message: InboundMessage
    ) throws(InboundRejection) -> [InboundCommand<InboundWorkflowDecider>] {
        if WorkflowOperationReader.recognises(payload) { return try operations.commands(in: payload) }
        let reading: WorkflowReading
        do throws(WorkflowFormatError) {
            let bytes = isWhole ? message.payload : payload.canonicalBytes()
            reading = try WorkflowFile.read(bytes, name: "inbound")
        } catch {
            throw InboundRejection(.malformed, error.description)
        }
        do throws(NameFlaw) {
            let stream = try StreamName(category: Category(WorkflowEvent.category), key: reading.id.text)
            return [InboundCommand(.workflow(reading.command), to: stream)]
        } catch {
            throw InboundRejection(.malformed, error.description)
        }
    }
}
