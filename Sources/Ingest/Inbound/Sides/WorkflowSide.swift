import EventModel
import EventSourcing
import WorkflowDomain

/// Whole workflows, in any of Sim's JSON formats: a payload is imported as its file would be.
public struct WorkflowSide: InboundSide {
    /// The rule of a workflow's definition.
    public typealias D = WorkflowDecider

    /// The side.
    public init() {}

    /// `workflow`.
    public var kind: String { "workflow" }

    /// Whether there are blocks where a workflow has them, and nothing that an execution has.
    public func recognises(_ payload: JSONValue) -> Bool {
        guard let top = payload.object, top["executionId"] == nil, top["type"] == nil else { return false }
        if top["state"]?["blocks"] != nil || top["data"]?["state"]?["blocks"] != nil { return true }
        return top["blocks"] != nil && (top["edges"] != nil || top["connections"] != nil || top["version"] != nil)
    }

    /// One import.
    public func commands(
        in payload: JSONValue, isWhole: Bool, of message: InboundMessage
    ) throws(InboundRejection) -> [InboundCommand<WorkflowDecider>] {
        let reading: WorkflowReading
        do throws(WorkflowFormatError) {
            let bytes = isWhole ? message.payload : payload.canonicalBytes()
            reading = try WorkflowFile.read(bytes, name: "inbound")
        } catch {
            throw InboundRejection(.malformed, error.description)
        }
        do throws(NameFlaw) {
            let stream = try StreamName(category: Category(WorkflowEvent.category), key: reading.id.text)
            return [InboundCommand(reading.command, to: stream)]
        } catch {
            throw InboundRejection(.malformed, error.description)
        }
    }
}
