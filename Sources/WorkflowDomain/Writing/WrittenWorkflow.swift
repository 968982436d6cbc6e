import EventModel

/// A workflow as a file of one format, and what that format could not hold.
public struct WrittenWorkflow: Equatable, Sendable {
    /// The format.
    public let format: WorkflowFormat
    /// The file: the same bytes for the same definition and time.
    public let bytes: [UInt8]
    /// What reading the file back will not give, by place, at most ``WorkflowLimits/findings``; empty when it gives all.
    public let losses: [WritingLoss]
    /// How many losses there are, listed or not.
    public let lossCount: Int
    /// How many values in the file are sealed or erased, because whoever wrote it may not see them.
    public let hiddenValues: Int
}

/// One place of the canonical form that is different when the written file is read back.
public struct WritingLoss: Equatable, Sendable {
    /// How it is different.
    public enum Kind: String, Sendable {
        /// It is not there.
        case lost
        /// It has another value.
        case changed
        /// The format says something that the workflow did not.
        case added
    }

    /// The place in the canonical form: `$.blocks.start.position`.
    public let path: JSONPath
    /// How it is different.
    public let kind: Kind

    /// A loss.
    public init(_ kind: Kind, at path: JSONPath) {
        self.kind = kind
        self.path = path
    }
}

extension WritingLoss: CustomStringConvertible {
    /// One line for people.
    public var description: String { "\(path) is \(kind.rawValue)" }
}

/// Why a workflow cannot be written in a format at all.
public enum WritingFlaw: Error, Equatable, Sendable {
    /// What was written could not be read back as this format.
    case unreadable(WorkflowFormat, WorkflowFormatError)
    /// What was written would be read as another format, because unknown fields of the workflow look like it.
    case mistakable(WorkflowFormat, for: WorkflowFormat)
}

extension WritingFlaw: CustomStringConvertible {
    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .unreadable(let format, let error):
            "the workflow cannot be written as \(format.rawValue): \(error); choose another format"
        case .mistakable(let format, let other):
            "written as \(format.rawValue), the workflow would be taken for \(other.rawValue); choose another format"
        }
    }
}

extension WorkflowDefinition {
    /// The workflow as a file of `format`.
    ///
    /// What the format cannot hold is found by reading the file back and comparing, so nothing is lost in silence: whoever does not want
    /// a loss looks at ``WrittenWorkflow/losses`` first. JSON is compact, with sorted keys.
    ///
    /// - Parameters:
    ///   - exportedAt: the time to write where the format has one (export 1.0 and API v2), RFC 3339; `nil` leaves what the workflow says.
    ///   - id: the workflow's id, for the format that has a place for it (API v2).
    /// - Throws: ``WritingFlaw``.
    public func written(
        as format: WorkflowFormat, exportedAt: String? = nil, id: WorkflowID? = nil
    ) throws(WritingFlaw) -> WrittenWorkflow {
        let stamped = format == .export || format == .apiV2 ? stamped(exportedAt) : self
        let bytes = stamped.bytes(as: format, id: id)
        let found: (definition: WorkflowDefinition, format: WorkflowFormat)
        do throws(WorkflowFormatError) {
            found = try WorkflowFile.reread(bytes)
        } catch {
            throw .unreadable(format, error)
        }
        guard found.format == format else { throw .mistakable(format, for: found.format) }
        var comparison = LossComparison()
        comparison.compare(stamped.canonicalValue, found.definition.canonicalValue, at: .root)
        return WrittenWorkflow(
            format: format, bytes: bytes, losses: comparison.losses, lossCount: comparison.count,
            hiddenValues: hiddenValues.count)
    }

    /// The workflow as a file that Sim's editor imports: export 1.0, indented by nothing, canonical inside.
    ///
    /// - Parameter exportedAt: the time to write into it, RFC 3339.
    public func exported(at exportedAt: String) -> [UInt8] { stamped(exportedAt).bytes(as: .export, id: nil) }

    private func stamped(_ exportedAt: String?) -> WorkflowDefinition {
        guard let exportedAt else { return self }
        var metadata = metadata
        metadata["exportedAt"] = .string(exportedAt)
        return WorkflowDefinition(
            blocks: blocks, edges: edges, loops: loops, parallels: parallels, variables: variables, metadata: metadata,
            extra: extra)
    }

    private func bytes(as format: WorkflowFormat, id: WorkflowID?) -> [UInt8] {
        switch format {
        case .export: StateWriter(self).export.compactBytes()
        case .apiV2: StateWriter(self).apiV2(id: id).compactBytes()
        case .state: StateWriter(self).state.compactBytes()
        case .wrappedState:
            JSONValue.object(JSONObject([.init(key: "state", value: StateWriter(self).state)])).compactBytes()
        case .legacyState: StateWriter(self).legacy.compactBytes()
        case .serialized: SerializedWriter(self).value.compactBytes()
        case .yaml: YAMLWriter.text(ConnectionsWriter(self).value(version: "1.0"))
        case .yamlFragment: YAMLWriter.text(ConnectionsWriter(self).value(version: nil))
        }
    }
}

/// Finds the places in which two canonical values differ.
private struct LossComparison {
    private(set) var losses: [WritingLoss] = []
    private(set) var count = 0

    mutating func compare(_ wanted: JSONValue, _ found: JSONValue, at path: JSONPath) {
        switch (wanted, found) {
        case (.object(let wanted), .object(let found)): compare(wanted, found, at: path)
        case (.array(let wanted), .array(let found)) where Self.haveIDs(wanted + found):
            compare(Self.keyed(wanted), Self.keyed(found), at: path)
        case _ where wanted == found: break
        default: note(.changed, path)
        }
    }

    private mutating func compare(_ wanted: JSONObject, _ found: JSONObject, at path: JSONPath) {
        let there = Dictionary(
            found.members.map { (ElementID($0.key), $0.value) }, uniquingKeysWith: { first, _ in first })
        for member in wanted.members {
            if let value = there[ElementID(member.key)] {
                compare(member.value, value, at: path[member.key])
            } else {
                note(.lost, path[member.key])
            }
        }
        let known = Set(wanted.keys.map { ElementID($0) })
        for key in found.keys where !known.contains(ElementID(key)) { note(.added, path[key]) }
    }

    private mutating func note(_ kind: WritingLoss.Kind, _ path: JSONPath) {
        count += 1
        if losses.count < WorkflowLimits.findings { losses.append(WritingLoss(kind, at: path)) }
    }

    /// Edges are a list, but compared by id.
    private static func haveIDs(_ elements: [JSONValue]) -> Bool {
        !elements.isEmpty && elements.allSatisfy { $0["id"]?.string != nil && $0["source"] != nil }
    }

    private static func keyed(_ elements: [JSONValue]) -> JSONObject {
        JSONObject(elements.map { .init(key: $0["id"]?.string ?? "", value: $0) })
    }
}
