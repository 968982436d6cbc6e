import EventModel
import Reconciliation

/// What is shown of what the two sides say. Words, which say how executions and steps stand, always are. Data may be personal: that is shown to nobody who has
/// not asked for it, nor are the names inside of it; it is said of which kind it is.
struct Disclosure: Sendable, Hashable {
    /// Characters of data that a line has room for.
    static let room = 60

    let showsData: Bool

    static let words = Disclosure(showsData: false)
    static let everything = Disclosure(showsData: true)

    /// A field, and the way to a member of its data where that may be shown: `variables/customer/…` where it may not.
    func name(_ path: FieldPath) -> String {
        showsData || path.members.isEmpty ? "\(path)" : "\(path.field)/…"
    }

    /// A value in a line for people.
    func text(_ value: FieldValue?, cutAt limit: Int = Disclosure.room) -> String {
        switch value {
        case nil: "nothing"
        case .status(let status)?: status.rawValue
        case .step(let status)?: status.rawValue
        case .hidden?: "sealed or erased"
        case .content(let data)?:
            showsData
                ? Table.printable(String(decoding: data.compactBytes(), as: UTF8.self), cutAt: limit)
                : "hidden \(data.kind)"
        }
    }

    /// Whether of these values any is not shown that could be: whoever reads is told how.
    func withholds(_ values: FieldValue?...) -> Bool {
        !showsData && values.contains { if case .content? = $0 { true } else { false } }
    }

    /// Writes what somebody says of a field, and where it was said; `null` for nothing that was ever said.
    func write(_ value: FieldValue?, _ origin: Origin? = nil, to writer: inout JSONWriter) {
        guard value != nil || origin != nil else { return writer.null() }
        writer.object { said in
            let (word, data): (String?, JSONValue?) =
                switch value {
                case .status(let status)?: (status.rawValue, nil)
                case .step(let status)?: (status.rawValue, nil)
                case .content(let data)?: (nil, data)
                case .hidden?, nil: (nil, nil)
                }
            said.member("word", word)
            said.member("kind", data?.kind)
            said.member("hidden", value == .hidden || (data != nil && !showsData))
            if let data, showsData {
                said.key("data")
                said.value(data)
            }
            said.member("position", origin?.position.rawValue)
            said.member("actor", origin?.actor)
        }
    }
}

extension Reconciliation.Finding {
    /// One sentence for people, with no more than may be shown.
    func sentence(_ disclosure: Disclosure) -> String { sentence(naming: disclosure.name(path)) }

    /// What both sides say, where that is data which may be shown: ``sentence(naming:)`` says of which kind it is, and no more. Nothing otherwise.
    func data(_ disclosure: Disclosure) -> String {
        guard disclosure.showsData, Disclosure.words.withholds(workflow, journey) else { return "" }
        return "the workflow says \(disclosure.text(workflow)), the journey \(disclosure.text(journey)); "
    }

    /// The members of an answer that say what was held against what.
    func writeSides(to writer: inout JSONWriter, as disclosure: Disclosure) {
        writer.key("base")
        disclosure.write(base, to: &writer)
        writer.key("workflow")
        disclosure.write(workflow, workflowOrigin, to: &writer)
        writer.key("journey")
        disclosure.write(journey, journeyOrigin, to: &writer)
    }

    /// Where a side said what it says.
    func origin(_ side: Side) -> Origin? {
        switch side {
        case .workflow: workflowOrigin
        case .journey: journeyOrigin
        }
    }
}

extension Origin {
    /// For people: `position 17 by acme`.
    var words: String { "position \(position)\(actor.map { " by \($0)" } ?? "")" }
}
