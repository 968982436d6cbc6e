import EventSourcing
import KafkaPublishing
import Operations
import PostgresDriver

/// Looks at what is taken in from Kafka: how far that has come, and what was refused.
struct IngestExamination: Sendable {
    static let check = "ingest"
    private static let refusedCheck = "refused messages"

    /// Seconds without progress, while there is work, after which a partition counts as stalled.
    let patience: Double

    private static let refused: PostgresStatement = """
        select code, count(*) from lockstep.inbound_rejections where accepted_at is null group by code order by 2 desc, 1
        """

    /// - Parameter kafka: the broker, which knows how far the topic goes now; `nil`: what was recorded last must do.
    func run(on connection: PostgresConnection, _ kafka: KafkaSettings?) async throws -> [Finding] {
        var statuses = try await ConsumerStatusQuery.all(on: connection).filter { $0.kind == "ingest" }
        if let kafka, let partitions = try? await kafka.inboundTopic.partitions(),
            let ends = try? await kafka.inboundTopic.ends(of: partitions)
        {
            statuses = statuses.map { $0.consumer == kafka.inboundNames.inbound ? Self.corrected($0, ends) : $0 }
        }
        let rows = try await connection.query(Self.refused)
        var codes: [(String, Int64)] = []
        for row in 0..<rows.rowCount { codes.append((try rows.text(row, 0), try rows.int64(row, 1))) }
        return findings(statuses, refused: codes)
    }

    /// The status with the end that the broker tells now.
    static func corrected(_ status: ConsumerStatus, _ ends: [Int32: InboundEnds]) -> ConsumerStatus {
        guard let end = ends[Int32(status.lane)] else { return status }
        var status = status
        status.head = max(end.next, status.position)
        status.lagEvents = status.head - status.position
        return status
    }

    func findings(_ statuses: [ConsumerStatus], refused: [(code: String, count: Int64)]) -> [Finding] {
        guard !statuses.isEmpty else { return [.ok(Self.check, "nothing has come from Kafka yet")] }
        var findings = statuses.compactMap(trouble)
        if findings.isEmpty { findings = [.ok(Self.check, Self.summary(statuses))] }
        guard !refused.isEmpty else { return findings }
        let parts = refused.map { "\($0.count) \($0.code)" }.joined(separator: ", ")
        return findings + [
            .warning(
                Self.refusedCheck, "\(refused.reduce(0) { $0 + $1.count }) wait: \(parts)",
                cure: "see `lockstep ingest rejections`, mend the cause, then `lockstep ingest retry --all`")
        ]
    }

    private func trouble(_ status: ConsumerStatus) -> Finding? {
        guard !status.health(patience: patience).isYes else { return nil }
        let place = "partition \(status.lane) of \(status.consumer)"
        let cure = "run `lockstep serve --roles ingest`, and read what it says"
        guard status.lagEvents > 0 else {
            return .warning(Self.check, "nobody looks at \(place); nothing waits there", cure: cure)
        }
        return .wrong(
            Self.check,
            "\(Counted.of(status.lagEvents, "message")) \(status.lagEvents == 1 ? "waits" : "wait") in \(place), and nothing was taken in for \(Int(status.silentSeconds)) s",
            cure: cure)
    }

    private static func summary(_ statuses: [ConsumerStatus]) -> String {
        let handled = statuses.reduce(0) { $0 + $1.eventsHandled }
        let waiting = statuses.reduce(0) { $0 + $1.lagEvents }
        return
            "\(Counted.of(handled, "message")) taken in from \(Counted.of(statuses.count, "partition")), \(waiting) \(waiting == 1 ? "waits" : "wait")"
    }
}
