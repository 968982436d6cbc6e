import EventModel
import Foundation
import PostgresDriver

/// Law L2: what a consumer accepted is the log, each lane in order and each event once. Fed piece by piece. A value without I/O.
struct CopyCheck: Sendable {
    private var lastOfLane: [Int32: Int64] = [:]
    private var laneOfKey: [String: Int32] = [:]
    /// Accepted and not yet compared.
    private var waiting: [Int64: TopicFollower.Accepted] = [:]
    /// Compared with the log up to here.
    private(set) var compared: Int64 = 0
    private(set) var flaws: [String] = []

    mutating func take(_ accepted: [TopicFollower.Accepted]) {
        for record in accepted {
            if record.position <= lastOfLane[record.lane] ?? 0 {
                flaws.append(
                    "lane \(record.lane): position \(record.position) came behind \(lastOfLane[record.lane] ?? 0)")
            }
            lastOfLane[record.lane] = record.position
            if let lane = laneOfKey.updateValue(record.lane, forKey: record.key), lane != record.lane {
                flaws.append("key \(record.key) is in lanes \(lane) and \(record.lane)")
            }
            if record.position <= compared || waiting.updateValue(record, forKey: record.position) != nil {
                flaws.append("position \(record.position) was accepted twice")
            }
        }
    }

    /// Compares one event of the log, in order.
    mutating func compare(_ position: Int64, _ event: EventFingerprint) {
        compared = position
        guard let record = waiting.removeValue(forKey: position) else {
            flaws.append("position \(position) was never accepted")
            return
        }
        if record.fingerprint != event { flaws.append("position \(position) is another event in the topic") }
        let key = event.stream.map { $0.split(separator: "-", maxSplits: 1).last.map(String.init) ?? "" }
        if record.key != key { flaws.append("position \(position) has the key \(record.key)") }
    }

    /// What was accepted although the log does not have it.
    mutating func finish() {
        for position in waiting.keys.sorted().prefix(20) { flaws.append("position \(position) is not in the log") }
    }
}

extension CopyCheck {
    private static let page: PostgresStatement =
        """
        select position, event_id, stream, version, type, data_raw from lockstep.event_log
        where position > $1 order by position limit 2000
        """

    /// Compares everything that the log holds now.
    mutating func compareLog(_ connection: PostgresConnection) async throws {
        while true {
            let after = compared
            let rows = try await connection.query(Self.page, PostgresParameters { $0.append(after) })
            guard rows.rowCount > 0 else { return finish() }
            for row in 0..<rows.rowCount {
                let event = EventFingerprint(
                    id: try rows.uuid(row, 1), stream: try rows.text(row, 2), version: try rows.int64(row, 3),
                    type: try rows.text(row, 4), data: try rows.bytes(row, 5))
                compare(try rows.int64(row, 0), event)
            }
        }
    }
}
