import EventModel

/// One operation of Sim's collaborative editor, as it travels between the editor and its server:
/// `{operation, target, payload, timestamp, operationId?}`.
///
/// It is read in two steps: what it is, and, over the definition that it is meant for, what it asks. Operations that only toggle need the
/// second: without a state they say nothing that could be said twice.
public struct CollaborativeOperation: Equatable, Sendable {
    /// What kind of thing it concerns.
    public enum Target: String, Sendable, CaseIterable {
        /// One block.
        case block
        /// Several blocks.
        case blocks
        /// One edge.
        case edge
        /// Several edges.
        case edges
        /// Inputs of blocks.
        case subblock
        /// A loop or a parallel.
        case subflow
        /// A variable of the workflow.
        case variable
        /// The whole workflow.
        case workflow
    }

    /// What kind of thing it concerns.
    public let target: Target
    /// What is done, in the editor's word: `update-position`, `batch-add-blocks` and so on.
    public let operation: String
    /// The operation's own members.
    public let payload: JSONObject
    /// When the editor sent it, in milliseconds since 1970 by its clock; `nil` when it does not say.
    public let timestamp: Int?
    /// The editor's id for it, which its repetitions share.
    public let operationID: String?

    /// Reads an operation.
    ///
    /// - Throws: ``CollaborativeFlaw``, which keeps the value, for what is no operation and for targets that are not known. Whether the
    ///   operation is known turns out in ``command(over:)``.
    public init(_ value: JSONValue) throws(CollaborativeFlaw) {
        func flaw(_ reason: CollaborativeFlaw.Reason) -> CollaborativeFlaw { CollaborativeFlaw(reason, value) }
        guard let object = value.object else {
            throw flaw(.wrongType(.root, wanted: "an object", found: value.kind))
        }
        func text(_ field: String) throws(CollaborativeFlaw) -> String {
            guard let member = object[field] else { throw flaw(.missing(.root[field])) }
            guard let text = member.string else {
                throw flaw(.wrongType(.root[field], wanted: "a string", found: member.kind))
            }
            return text
        }
        operation = try text("operation")
        let named = try text("target")
        guard let known = Target(rawValue: named) else { throw flaw(.unknown(target: named, operation: operation)) }
        target = known
        guard let payload = object["payload"]?.object else {
            throw flaw(
                object["payload"].map { .wrongType(.root["payload"], wanted: "an object", found: $0.kind) }
                    ?? .missing(.root["payload"]))
        }
        self.payload = payload
        timestamp = object["timestamp"]?.int
        operationID = object["operationId"]?.string
    }

    /// The operation as a value.
    public var value: JSONValue {
        var object = JSONObject([
            .init(key: "operation", value: .string(operation)), .init(key: "target", value: .string(target.rawValue)),
            .init(key: "payload", value: .object(payload)),
        ])
        object["timestamp"] = timestamp.map { .number(JSONNumber($0)) }
        object["operationId"] = operationID.map(JSONValue.string)
        return .object(object)
    }

    /// What it asks of ``WorkflowDecider`` over `definition`.
    ///
    /// - Returns: `nil` for what asks nothing: a drag that is still under way, an empty list.
    /// - Throws: ``CollaborativeFlaw``, which keeps the operation.
    public func command(over definition: WorkflowDefinition) throws(CollaborativeFlaw) -> WorkflowDecider.Command? {
        let reader = OperationReader(operation: self, definition: definition)
        switch target {
        case .block: return try reader.block()
        case .blocks: return try reader.blocks()
        case .edge, .edges: return try reader.edges()
        case .subblock: return try reader.subBlocks()
        case .subflow: return try reader.subflow()
        case .variable: return try reader.variable()
        case .workflow: return try reader.workflow()
        }
    }
}

/// Why an operation of the collaborative editor is refused before anybody decides about it.
public struct CollaborativeFlaw: Error, Equatable, Sendable {
    /// What is wrong.
    public enum Reason: Equatable, Sendable {
        /// A member is not there.
        case missing(JSONPath)
        /// A member has the wrong type.
        case wrongType(JSONPath, wanted: String, found: String)
        /// This version does not know the operation; a newer Sim may.
        case unknown(target: String, operation: String)
        /// Elements in it cannot be read.
        case elements([WorkflowProblem])
    }

    /// What is wrong.
    public let reason: Reason
    /// The operation as it came, so that it can be kept and read again by a later version.
    public let operation: JSONValue

    /// A refusal.
    public init(_ reason: Reason, _ operation: JSONValue) {
        self.reason = reason
        self.operation = operation
    }
}

extension CollaborativeFlaw: CustomStringConvertible {
    /// What is wrong, without the payload.
    public var description: String {
        switch reason {
        case .missing(let path): "\(path) is missing"
        case .wrongType(let path, let wanted, let found): "\(path) must be \(wanted), not \(found)"
        case .unknown(let target, let operation):
            "the operation \"\(operation)\" on \"\(target)\" is not known; install a version that knows it"
        case .elements(let problems): problems.map(\.description).joined(separator: "\n")
        }
    }
}
