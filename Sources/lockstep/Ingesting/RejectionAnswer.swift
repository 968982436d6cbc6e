import EventModel
import EventSourcing
import Foundation

/// How refused messages are shown.
enum RejectionAnswer {
    /// - Parameter opened: the content, where it was asked for.
    static func line(_ kept: KeptRejection, _ opened: RejectionSealing.Opened? = nil) {
        let message = kept.message
        Answers.object { object in
            object.member("id", message.id)
            object.member("workspace", message.workspace.rawValue)
            object.member("topic", message.place.topic.topic)
            object.member("partition", message.place.partition)
            object.member("offset", message.place.offset)
            object.member("code", message.code)
            object.member("reason", message.reason)
            object.member("kind", message.kind)
            object.member("bytes", message.bytes)
            object.member("state", kept.acceptedAt == nil ? "waiting" : "accepted")
            object.member("rejected_at", kept.rejectedAt.description)
            object.member("attempts", kept.attempts)
            object.member("tried_at", kept.triedAt.description)
            object.member("accepted_at", kept.acceptedAt?.description)
            object.member("events", kept.events)
            guard let opened else { return }
            object.key("content")
            object.content(opened)
        }
    }

    static func table(_ found: [KeptRejection], of query: RejectionQuery) {
        guard !found.isEmpty else { return StandardOutput.shared.write("no refused messages") }
        var table = Table([
            ("ID", .left), ("WHERE", .left), ("WORKSPACE", .left), ("CODE", .left), ("TRIED", .right), ("SINCE", .left),
            ("REASON", .left),
        ])
        for kept in found {
            table.add([
                kept.message.id.text, "\(kept.message.place)", kept.message.workspace.rawValue, kept.message.code,
                "\(kept.attempts)", kept.acceptedAt == nil ? kept.rejectedAt.description : "accepted",
                kept.message.reason,
            ])
        }
        table.print()
        guard found.count == query.limit else { return }
        StandardOutput.shared.write("\nThere may be more: --limit \(query.limit * 10)")
    }

    /// One, for people.
    static func print(_ kept: KeptRejection, _ opened: RejectionSealing.Opened) {
        let message = kept.message
        var table = Table([("", .left), ("", .left)])
        table.add(["id", message.id.text])
        table.add(["where", "\(message.place)"])
        table.add(["workspace", message.workspace.rawValue])
        table.add(["code", message.code])
        table.add(["reason", message.reason])
        table.add(["refused", "\(kept.rejectedAt), tried \(Counted.of(kept.attempts, "time")), last \(kept.triedAt)"])
        if let time = kept.acceptedAt { table.add(["accepted", "\(time), \(Counted.of(kept.events, "event"))"]) }
        if case .record(let record) = opened {
            for header in record.headers { table.add(["header \(header.name)", text(header.value)]) }
            table.add(["key", text(record.key)])
            table.add(["payload", "\(message.bytes) bytes"])
        }
        table.print()
        switch opened {
        case .destroyed: StandardOutput.shared.write("\nthe content was destroyed with the key of its workspace")
        case .record(let record): StandardOutput.shared.write("\n\(text(record.value))")
        }
    }

    private static func text(_ bytes: [UInt8]?) -> String {
        guard let bytes else { return "(none)" }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            return "base64:\(Data(bytes).base64EncodedString())"
        }
        return Table.printable(text)
    }
}

extension JSONWriter {
    fileprivate mutating func content(_ opened: RejectionSealing.Opened) {
        object { content in
            guard case .record(let record) = opened else { return content.member("destroyed", true) }
            content.member("destroyed", false)
            content.bytes("key", "key_base64", record.key)
            content.bytes("payload", "payload_base64", record.value)
            content.key("headers")
            content.array { headers in
                for header in record.headers {
                    headers.object { object in
                        object.member("name", header.name)
                        object.bytes("value", "value_base64", header.value)
                    }
                }
            }
        }
    }

    /// As text, or in Base64 where it is none.
    private mutating func bytes(_ name: StaticString, _ inBase64: StaticString, _ bytes: [UInt8]?) {
        let text = bytes.flatMap { String(validating: $0, as: UTF8.self) }
        member(name, text)
        if text == nil, let bytes { member(inBase64, Data(bytes).base64EncodedString()) }
    }
}
