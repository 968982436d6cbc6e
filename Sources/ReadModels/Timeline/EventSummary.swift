import EventModel

/// A short sentence for people about an event: from its type, and from a few fields that hold nothing personal.
///
/// It always has an answer: a payload that does not have the fields gets the sentence of its type.
enum EventSummary {
    /// The longest sentence, in Unicode scalars, which is what PostgreSQL counts as characters.
    static let lengthLimit = 200
    /// The longest name inside a sentence, in Unicode scalars.
    static let nameLimit = 80

    static func sentence(about event: RecordedEvent) -> String {
        switch event.type {
        case WorkflowsProjection.imported: workflow("imported", event) ?? phrase(of: event.type)
        case WorkflowsProjection.revised: workflow("revised", event) ?? phrase(of: event.type)
        default: phrase(of: event.type)
        }
    }

    /// `workflow_execution.block_completed` → `Workflow execution: block completed`.
    static func phrase(of type: EventType) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(type.rawValue.utf8.count + 1)
        for byte in type.rawValue.utf8 {
            switch byte {
            case UInt8(ascii: "_"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "."): bytes.append(contentsOf: [UInt8(ascii: ":"), UInt8(ascii: " ")])
            case UInt8(ascii: "a")...UInt8(ascii: "z") where bytes.isEmpty: bytes.append(byte - 0x20)
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static let workflowPaths: [PayloadFields.Path] = [["name"], ["counts", "blocks"], ["counts", "edges"]]

    private static func workflow(_ verb: String, _ event: RecordedEvent) -> String? {
        guard let fields = try? PayloadFields(workflowPaths, of: event),
            let blocks = try? fields.count("blocks", in: "counts"), let edges = try? fields.count("edges", in: "counts")
        else { return nil }
        let name = fields["name"]?.string.map { " “\(readable($0, limit: nameLimit))”" } ?? ""
        return "Workflow\(name) \(verb): \(plural(blocks, "block")), \(plural(edges, "edge"))"
    }

    private static func plural(_ count: Int64, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

    /// One line of at most `limit` scalars without anything that a terminal or a page would act on.
    static func readable(_ text: String, limit: Int) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            guard result.count < limit else {
                result.removeLast()
                result.append("…")
                break
            }
            result.append(isReadable(scalar) ? scalar : " ")
        }
        return String(result)
    }

    /// Whether a scalar is no control, no line break and does not reorder or hide its neighbours.
    private static func isReadable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned: false
        default: true
        }
    }
}
