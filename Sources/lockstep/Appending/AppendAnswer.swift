import EventModel
import EventSourcing

/// The answer to one append: always the same keys, `null` where one has no meaning.
enum AppendAnswer: Sendable, Equatable {
    case outcome(AppendOutcome)
    /// The line is not an append, or the log refuses it. Lines count from 1.
    case refused(line: Int, reason: String)

    /// Whether it is what was asked for.
    var isYes: Bool {
        switch self {
        case .outcome(.appended), .outcome(.repeated): true
        case .outcome(.conflict), .refused: false
        }
    }

    /// The JSON object.
    var json: [UInt8] {
        Answers.line { object in
            switch self {
            case .outcome(.appended(let receipt)): Self.write(receipt, "appended", to: &object)
            case .outcome(.repeated(let receipt)): Self.write(receipt, "repeated", to: &object)
            case .outcome(.conflict(let conflict)):
                object.member("outcome", "conflict")
                object.member("first_position", nil as Int64?)
                object.member("last_position", nil as Int64?)
                object.member("version", nil as Int64?)
                object.member("actual", conflict.actual?.rawValue)
            case .refused(let line, let reason):
                object.member("outcome", "refused")
                object.member("line", line)
                object.member("error", reason)
            }
        }
    }

    private static func write(_ receipt: AppendReceipt, _ outcome: String, to object: inout JSONWriter) {
        object.member("outcome", outcome)
        object.member("first_position", receipt.first.rawValue)
        object.member("last_position", receipt.last.rawValue)
        object.member("version", receipt.versions.first?.rawValue)
        object.member("actual", nil as Int64?)
    }

    /// For people.
    func text(_ style: Style) -> String {
        switch self {
        case .outcome(.appended(let receipt)):
            "\(style.good("appended")) at position \(receipt.first), version \(receipt.versions.first?.description ?? "-")"
        case .outcome(.repeated(let receipt)):
            "\(style.good("repeated")): it is at position \(receipt.first) already, version \(receipt.versions.first?.description ?? "-")"
        case .outcome(.conflict(let conflict)):
            "\(style.warning("conflict")): \(conflict.stream) was expected at \(conflict.expected) and is at "
                + (conflict.actual.map { "version \($0)" } ?? "no version: it does not exist")
        case .refused(let line, let reason): "\(style.bad("refused")) line \(line): \(Table.printable(reason))"
        }
    }
}
