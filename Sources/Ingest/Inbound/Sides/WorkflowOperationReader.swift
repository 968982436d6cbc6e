import EventModel
import EventSourcing
import WorkflowDomain

/// Reads what Sim's collaborative editor sends to its server, and its server to the other editors: one operation with the workflow that it
/// is for. The workflow's id and the operation's own stand beside the operation, or in its `metadata`, as the server spells it.
struct WorkflowOperationReader: Sendable {
    let workspace: Workspace

    /// Whether a payload claims to be an operation, or a list of them.
    static func recognises(_ payload: JSONValue) -> Bool {
        let value = payload.array?.first ?? payload
        return value["operation"]?.string != nil && value["target"]?.string != nil
    }

    /// One command for each operation, in order.
    func commands(
        in payload: JSONValue
    ) throws(InboundRejection) -> [InboundCommand<InboundWorkflowDecider>] {
        guard let operations = payload.array else { return [try command(payload)] }
        var commands: [InboundCommand<InboundWorkflowDecider>] = []
        for operation in operations { commands.append(try command(operation)) }
        return commands
    }

    private func command(_ value: JSONValue) throws(InboundRejection) -> InboundCommand<InboundWorkflowDecider> {
        let operation: CollaborativeOperation
        do throws(CollaborativeFlaw) {
            operation = try CollaborativeOperation(value)
        } catch {
            throw InboundRejection(.malformed, error.description)
        }
        guard let workflow = try Self.text("workflowId", of: value) else {
            throw InboundRejection(.malformed, "workflowId is missing; name the workflow that the operation is for")
        }
        let stream: StreamName
        do throws(NameFlaw) {
            stream = try StreamName(category: Category(WorkflowEvent.category), key: workflow)
        } catch {
            throw InboundRejection(.malformed, error.description)
        }
        let identity = try Self.text("operationId", of: value).map { name in
            CommandIdentity(
                scope: ["workflow_operation", workspace.rawValue, workflow], name: name,
                content: operation.content.canonicalBytes())
        }
        return InboundCommand(
            .operation(operation), to: stream, occurredAt: operation.occurredAt, identity: identity)
    }

    /// A member of the operation, or of its `metadata`.
    private static func text(_ key: String, of value: JSONValue) throws(InboundRejection) -> String? {
        guard let member = value[key] ?? value["metadata"]?[key], !member.isNull else { return nil }
        guard let text = member.string, !text.isEmpty, text.utf8.count <= InboundLimits.nameBytes else {
            throw InboundRejection(
                .malformed, "\(key) must be a text of 1 to \(InboundLimits.nameBytes) bytes")
        }
        return text
    }
}

extension CollaborativeOperation {
    /// What it asks, without when and by which message: the editor sends an operation again with another time.
    fileprivate var content: JSONValue {
        [
            "operation": .string(operation), "target": .string(target.rawValue), "payload": .object(payload),
        ]
    }

    /// When the editor sent it. What no clock can mean is passed over.
    fileprivate var occurredAt: Timestamp? {
        guard let timestamp, (0...Self.latestMillisecond).contains(timestamp) else { return nil }
        return Timestamp(microseconds: Int64(timestamp) * 1_000)
    }

    /// The last millisecond of the year 9999.
    private static let latestMillisecond = 253_402_300_799_999
}
