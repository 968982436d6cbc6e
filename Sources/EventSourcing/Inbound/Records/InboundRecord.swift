import EventModel
import FoundationEssentials

/// A record of an inbound topic as it came: nothing is read yet, and nothing is lost.
public struct InboundRecord: Sendable, Hashable {
    /// A header; several may have one name.
    public struct Header: Sendable, Hashable {
        /// The name.
        public var name: String
        /// The value; `nil` when it has none.
        public var value: [UInt8]?

        /// A header by its parts.
        public init(name: String, value: [UInt8]?) {
            self.name = name
            self.value = value
        }
    }

    /// The key; `nil` when it has none.
    public var key: [UInt8]?
    /// The value; `nil` for a tombstone.
    public var value: [UInt8]?
    /// The headers in order.
    public var headers: [Header]
    /// When it was written, in milliseconds since 1970, by whichever clock the topic goes; `nil` when it carries no time.
    public var timeMilliseconds: Int64?

    /// A record by its parts.
    public init(key: [UInt8]?, value: [UInt8]?, headers: [Header] = [], timeMilliseconds: Int64? = nil) {
        self.key = key
        self.value = value
        self.headers = headers
        self.timeMilliseconds = timeMilliseconds
    }

    /// What its headers say.
    public var marks: Result<InboundMarks, InboundRejection> {
        InboundMarks.reading { name in
            guard let header = headers.last(where: { $0.name == "\(name)" }) else { return .missing }
            return header.value.map { InboundMarks.Header(bytes: $0) } ?? .missing
        }
    }
}

extension InboundMessage {
    /// A record as a message: named by its CloudEvents headers, else by its place. One that cannot be what it claims is refused at the door.
    ///
    /// - Parameter receivedAt: now, by the clock of whoever reads it.
    public init(_ record: InboundRecord, at place: InboundPlace, receivedAt: Timestamp) {
        self.init(
            payload: record.value ?? [], marks: record.marks, timeMilliseconds: record.timeMilliseconds, at: place,
            receivedAt: receivedAt)
    }

    /// A record as a message, by its parts.
    public init(
        payload: [UInt8], marks read: Result<InboundMarks, InboundRejection>, timeMilliseconds: Int64?,
        at place: InboundPlace, receivedAt: Timestamp
    ) {
        var refusal: InboundRejection?
        var marks = InboundMarks()
        switch read {
        case .success(let found): marks = found
        case .failure(let reason): refusal = reason
        }
        var time: Timestamp?
        do throws(InboundRejection) {
            time = try timeMilliseconds.map { milliseconds throws(InboundRejection) in
                try Timestamp(recordMilliseconds: milliseconds, readAt: receivedAt)
            }
        } catch {
            refusal = refusal ?? error
        }
        self.init(
            key: marks.name ?? place.key, payload: payload, receivedAt: time ?? receivedAt, keepsTime: time != nil,
            occurredAt: marks.time, actor: marks.actor ?? "kafka:\(place.topic.topic)", origin: "\(place)")
        workspace = marks.workspace
        self.refusal = refusal
    }
}

extension Timestamp {
    /// The time of a record. Whoever writes it may have set any number.
    fileprivate init(recordMilliseconds: Int64, readAt now: Timestamp) throws(InboundRejection) {
        let (microseconds, isOver) = recordMilliseconds.multipliedReportingOverflow(by: 1_000)
        let time = Timestamp(microseconds: microseconds)
        guard !isOver, time >= .earliest, time <= .latest else {
            throw InboundRejection(
                .badTime, "the record's time, \(recordMilliseconds) ms since 1970, is outside the years 1 to 9999")
        }
        try time.isNotAhead(of: now, as: "the record's time")
        self = time
    }

    /// - Throws: when it is further ahead of `now` than clocks are apart.
    public func isNotAhead(of now: Timestamp, as what: String) throws(InboundRejection) {
        guard self > now.advanced(by: InboundLimits.ahead) else { return }
        throw InboundRejection(
            .badTime,
            "\(what), \(self), lies more than \(InboundLimits.ahead.components.seconds) seconds ahead of \(now), when it was received"
        )
    }
}
