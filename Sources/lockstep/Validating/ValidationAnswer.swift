import Conversion
import EventModel

extension FileJudgement {
    /// One object with the same keys for every file, `null` where one has no meaning.
    func json(strictly: Bool) -> [UInt8] {
        Answers.line { object in
            object.member("file", file)
            object.member("model", model?.rawValue)
            object.member("format", format)
            object.member("verdict", isValid(strictly: strictly) ? "valid" : "invalid")
            object.key("counts")
            object.object { counts in
                counts.member("errors", count(.error))
                counts.member("warnings", count(.warning))
                counts.member("remarks", count(.remark))
            }
            object.key("findings")
            object.array { list in
                for finding in findings { list.finding(finding) }
            }
        }
    }
}

extension JSONWriter {
    fileprivate mutating func finding(_ finding: ModelFinding) {
        beginObject()
        member("code", finding.code.rawValue)
        member("severity", finding.severity.rawValue)
        member("place", "\(finding.place)")
        member("message", finding.message)
        member("cure", finding.cure.isEmpty ? nil : finding.cure)
        endObject()
    }
}
