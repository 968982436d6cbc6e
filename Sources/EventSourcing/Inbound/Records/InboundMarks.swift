import EventModel

/// What the headers of a record say about it: whose it is, its name, its time, and who says it. Of headers with one name the last counts;
/// headers that are not named here are ignored.
public struct InboundMarks: Sendable, Hashable {
    /// A header, as it is looked up.
    public enum Header: Sendable, Hashable {
        /// There is none, or it has no value.
        case missing
        /// Its text.
        case text(String)
        /// Its value is no text.
        case notText

        /// A header's value.
        public init(bytes: some Collection<UInt8>) {
            self = String(validating: bytes, as: UTF8.self).map(Header.text) ?? .notText
        }
    }

    /// `ls_workspace`: the tenant; the default one when there is no such header.
    public var workspace = Workspace.default
    /// `ce_source` and `ce_id` together; `nil` unless there are both.
    public var name: InboundKey?
    /// `ce_time`: when it happened.
    public var time: Timestamp?
    /// `ce_source`, where it can be an actor.
    public var actor: String?

    /// Nothing is said.
    public init() {}

    /// Reads headers.
    ///
    /// - Parameter header: looks a header up by its name.
    /// - Throws: what is wrong with one that must be understood.
    public init(_ header: (StaticString) -> Header) throws(InboundRejection) {
        if let text = try Self.text("ls_workspace", header) {
            do throws(NameFlaw) { workspace = try Workspace(text) } catch {
                throw InboundRejection(.badHeader, "header ls_workspace: \(error)")
            }
        }
        if let text = try Self.text("ce_time", header) {
            guard let time = Timestamp(rfc3339: text) else {
                throw InboundRejection(.badHeader, "header ce_time must be a time like 2026-02-03T04:05:06.789Z")
            }
            self.time = time
        }
        let source = try Self.text("ce_source", header) ?? ""
        let id = try Self.text("ce_id", header) ?? ""
        let bytes = source.utf8.count + id.utf8.count
        guard bytes <= InboundLimits.nameBytes else {
            throw InboundRejection(
                .badHeader,
                "headers ce_source and ce_id have \(bytes) bytes together, the limit is \(InboundLimits.nameBytes)")
        }
        if !source.isEmpty, !id.isEmpty { name = InboundKey(source: source, id: id) }
        actor = Self.actor(source)
    }

    /// Reads headers; what is wrong with them is an answer.
    public static func reading(_ header: (StaticString) -> Header) -> Result<InboundMarks, InboundRejection> {
        Result { () throws(InboundRejection) in try InboundMarks(header) }
    }

    private static func text(
        _ name: StaticString, _ header: (StaticString) -> Header
    ) throws(InboundRejection) -> String? {
        switch header(name) {
        case .missing: nil
        case .text(let text): text
        case .notText: throw InboundRejection(.badHeader, "header \(name) is not UTF-8")
        }
    }

    private static func actor(_ source: String) -> String? {
        let isLegal = !source.isEmpty && source.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f }
        return isLegal && source.utf8.count <= AppendLimits.actorBytes ? source : nil
    }
}
