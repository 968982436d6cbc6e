import EventModel

/// A short sentence for people about an event: from its type, and from a few fields that hold nothing personal.
///
/// It always has an answer: a type that has no template, and a payload that does not have the fields, get the words of the type.
enum EventSummary {
    /// The longest sentence, in Unicode scalars, which is what PostgreSQL counts as characters.
    static let lengthLimit = 200
    /// The longest name inside a sentence, in Unicode scalars.
    static let nameLimit = 80

    /// How each type of event is told.
    static let templates: [EventType: SentenceTemplate] = {
        let all = [
            WorkflowSentences.all, JourneySentences.all, ExecutionSentences.all, SessionSentences.all,
            ConversionSentences.all, SubjectSentences.all, ProjectionSentences.all,
            ReconciliationSentences.all,
        ]
        let pairs = all.joined().map { (EventType(trusting: $0.key), $0.value) }
        return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
    }()

    static func sentence(about event: RecordedEvent) -> String {
        guard let template = templates[event.type], let fields = try? PayloadFields(template.shape, of: event),
            let sentence = template.sentence(of: fields)
        else { return phrase(of: event.type) }
        return readable(sentence, limit: lengthLimit)
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

    /// One line of at most `limit` scalars without anything that a terminal or a page would act on.
    static func readable(_ text: String, limit: Int) -> String {
        let scalars = text.unicodeScalars
        // Most texts are short and fit to be read as they are.
        if text.utf8.count <= limit, scalars.allSatisfy(isReadable) { return text }
        var result = String.UnicodeScalarView()
        var count = 0
        for scalar in scalars {
            guard count < limit else {
                result.removeLast()
                result.append("…")
                break
            }
            result.append(isReadable(scalar) ? scalar : " ")
            count += 1
        }
        return String(result)
    }

    /// Whether a scalar is no control, no line break and does not reorder or hide its neighbours.
    private static func isReadable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        // ASCII, letters of Latin, dashes and quotation marks: what most names are made of, known without a look into Unicode's tables.
        case 0x20...0x7e, 0xa1...0xac, 0xae...0x24f, 0x2010...0x2027: return true
        default: break
        }
        return switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned: false
        default: true
        }
    }
}
