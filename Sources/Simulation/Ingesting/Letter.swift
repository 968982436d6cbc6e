import EventModel
import EventSourcing

/// A message that somebody outside writes, and what must become of it.
struct Letter: Sendable {
    /// What a letter is about.
    enum Matter: Sendable, Hashable {
        case execution(String)
        case session(String)
    }

    /// What must become of it.
    enum Fate: Sendable, Hashable {
        /// It becomes events, or says nothing new.
        case taken
        case refused(InboundRejection.Code)
    }

    let number: Int
    let partition: Int32
    /// How it names itself, if it does.
    let name: String?
    let payload: [UInt8]
    let matter: Matter?
    let fate: Fate
}

/// A letter that lies in a partition.
struct PostedLetter: Sendable {
    let letter: Letter
    let offset: Int64
    let time: Timestamp

    /// The letter as a record of a topic.
    var record: InboundRecord {
        let name = letter.name.map { [("ce_source", "simulated"), ("ce_id", $0)] } ?? []
        return InboundRecord(
            key: nil, value: letter.payload,
            headers: name.map { InboundRecord.Header(name: $0.0, value: Array($0.1.utf8)) },
            timeMilliseconds: time.microseconds / 1_000)
    }

    var fingerprint: InboundFingerprint {
        InboundFingerprint(parts: [letter.payload, Array("\(time)".utf8), Array((letter.name ?? "").utf8)])
    }
}
