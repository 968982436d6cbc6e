import EventSourcing

/// The name of a scratch view: `lockstep_scratch.<name>`.
public struct ScratchName: Sendable, Hashable {
    /// The schema of all scratch views, and of nothing that a running system reads.
    public static let schema = "lockstep_scratch"
    /// Bytes of a name; PostgreSQL has 63, and the table behind the view needs some.
    public static let lengthLimit = 50

    /// The name.
    public let text: String

    /// A name from outside.
    ///
    /// - Throws: ``ReplayFault/refused(reason:cure:)`` for a name that is none.
    public init(_ text: String) throws(ReplayFault) {
        let isLegal = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
            default: false
            }
        }
        guard isLegal, (1...Self.lengthLimit).contains(text.utf8.count), !text.hasPrefix("lockstep_"),
            !text.hasSuffix("_rows")
        else {
            throw .refused(
                reason: "a scratch view cannot have this name",
                cure:
                    "give 1 to \(Self.lengthLimit) small letters, digits and '_', without lockstep_ before or _rows behind"
            )
        }
        self.text = text
    }

    /// The view, in SQL.
    var view: String { "\(Self.schema).\(text.quotedInSQL)" }
    /// The table behind it, in SQL.
    var rows: String { "\(Self.schema).\("\(text)_rows".quotedInSQL)" }
    /// Where it is kept how far each scratch view is, in SQL.
    static var register: String { "\(schema).lockstep_replays" }
}
