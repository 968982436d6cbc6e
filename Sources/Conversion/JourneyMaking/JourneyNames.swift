import EventModel
import JourneyDomain
import WorkflowDomain

/// The ids of a journey's states and transitions: `<workflow>.<element>` for what stands for an element, `<workflow>~<what>` for what the
/// conversion makes up. The first tilde or dot behind the workflow's id tells them apart, so no element can take a made-up id,
/// nor `end`, which all journeys share. Parlant's engine cuts ids of nodes at colons, so a colon is written `%3A`, and `%` is `%25`.
///
/// In a workflow that was made of a journey of Parlant's, elements are called as the journey called them: the prefix is empty.
struct JourneyNames {
    let workflow: String
    private let prefix: String

    init(workflow: String, isBornInParlant: Bool = false) {
        self.workflow = Self.escaped(workflow)
        prefix = isBornInParlant ? "" : self.workflow + "."
    }

    /// The id of the state or transition that stands for an element.
    func element(_ id: ElementID) -> ElementID { prefix.isEmpty ? id : ElementID(prefix + Self.escaped(id.text)) }

    /// The id of the root where no block stands for it.
    var root: ElementID { ElementID(workflow + "~root") }

    /// A made-up id.
    func made(_ parts: String...) -> ElementID {
        ElementID(([workflow] + parts.map { Self.escaped($0, tilde: true) }).joined(separator: "~"))
    }

    /// The element that `element(_:)` made an id of.
    func element(of id: ElementID) -> ElementID? {
        guard id.text.utf8.starts(with: prefix.utf8), id.text.utf8.count > prefix.utf8.count else { return nil }
        let rest = Array(id.text.utf8.dropFirst(prefix.utf8.count))
        return ElementID(String(decoding: prefix.isEmpty ? rest : Self.unescaped(rest), as: UTF8.self))
    }

    private static func escaped(_ part: String, tilde: Bool = false) -> String {
        guard needsEscape(part, tilde: tilde) else { return part }
        var bytes: [UInt8] = []
        for byte in part.utf8 {
            switch byte {
            case percent: bytes += Array("%25".utf8)
            case colon: bytes += Array("%3A".utf8)
            case self.tilde where tilde: bytes += Array("%7E".utf8)
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func needsEscape(_ part: String, tilde: Bool) -> Bool {
        for byte in part.utf8 where byte == colon || byte == percent || (tilde && byte == self.tilde) { return true }
        return false
    }

    private static func unescaped(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.contains(percent) else { return bytes }
        var plain: [UInt8] = []
        var rest = bytes[...]
        while let byte = rest.first {
            if rest.starts(with: "%25".utf8) || rest.starts(with: "%3A".utf8) {
                plain.append(rest.starts(with: "%25".utf8) ? percent : colon)
                rest = rest.dropFirst(3)
            } else {
                plain.append(byte)
                rest = rest.dropFirst()
            }
        }
        return plain
    }

    private static let colon = UInt8(ascii: ":")
    private static let percent = UInt8(ascii: "%")
    private static let tilde = UInt8(ascii: "~")
}
