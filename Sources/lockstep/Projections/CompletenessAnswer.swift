import Audit
import EventModel
import PostgresDriver

/// Reads what consumers say that they have seen, and how it is shown what that comes to.
enum CompletenessAnswer {
    /// Whoever has a place in the log; what was taken in from Kafka is counted by its offsets.
    private static let certificates: PostgresStatement = """
        select c.consumer, c.kind, c.version, c.lane, m.position, m.events_handled, m.digest,
            coalesce(g.lanes, 0)
        from lockstep.checkpoints c
        left join lockstep.generations g on c.kind = 'projector' and g.projection = c.consumer and g.number = c.version
        cross join lateral (
            select c.position, c.events_handled, c.digest
            union all
            select k.position, k.events_handled, k.digest from lockstep.checkpoint_marks k
            where (k.consumer, k.kind, k.version, k.lane) = (c.consumer, c.kind, c.version, c.lane) and k.position < c.position
        ) m
        where c.lane = -1 or c.lane < g.lanes
        order by c.kind, c.consumer, c.version, c.lane, m.position
        """

    /// The certificates of all consumers, or of one.
    static func certificates(
        of name: String?, on connection: PostgresConnection
    ) async throws -> [CompletenessCertificate] {
        let rows = try await connection.query(certificates)
        var found: [CompletenessCertificate] = []
        for row in 0..<rows.rowCount {
            let (consumer, kind) = (try rows.text(row, 0), try rows.text(row, 1))
            let generation = Int(try rows.int32(row, 2))
            let (lane, lanes) = (try rows.int32(row, 3), Int(try rows.int32(row, 7)))
            let scope: CompletenessCertificate.Scope = lane < 0 ? .all : .lane(Lane(lane), of: lanes)
            guard name.map({ $0 == consumer }) ?? true, let digest = CompletenessDigest(bytes: try rows.bytes(row, 6))
            else { continue }
            let mark = CompletenessCertificate.Mark(
                position: GlobalPosition(try rows.int64(row, 4)), events: try rows.int64(row, 5), digest: digest)
            if let last = found.indices.last, found[last].consumer == consumer, found[last].kind == kind,
                found[last].generation == generation, found[last].scope == scope
            {
                found[last].marks.append(mark)
            } else {
                found.append(
                    CompletenessCertificate(
                        consumer: consumer, kind: kind, generation: generation, scope: scope, marks: [mark]))
            }
        }
        return found
    }

    static func lines(_ found: [(CompletenessCertificate, CompletenessFinding)]) {
        for (certificate, finding) in found {
            Answers.object { object in
                object.member("consumer", certificate.consumer)
                object.member("kind", certificate.kind)
                object.member("generation", certificate.generation)
                object.member("lane", certificate.scope.lane)
                object.member("position", certificate.end.position.rawValue)
                object.member("events", certificate.end.events)
                object.member("complete", finding.isComplete)
                object.member("first_missing", firstMissing(finding)?.rawValue)
                object.member("finding", finding.description)
            }
        }
    }

    private static func firstMissing(_ finding: CompletenessFinding) -> GlobalPosition? {
        guard case .missing(_, _, _, let first) = finding else { return nil }
        return first
    }

    static func table(_ found: [(CompletenessCertificate, CompletenessFinding)]) {
        guard !found.isEmpty else { return StandardOutput.shared.write("Nobody has seen anything yet.") }
        let style = Style.output
        var table = Table([
            ("CONSUMER", .left), ("KIND", .left), ("GENERATION", .right), ("POSITION", .right), ("EVENTS", .right),
            ("CERTIFICATE", .left),
        ])
        for (certificate, finding) in found {
            table.add([
                .init(text: name(of: certificate)), .init(text: certificate.kind),
                .init(text: "\(certificate.generation)"),
                .init(text: "\(certificate.end.position)"), .init(text: "\(certificate.end.events)"),
                .init(
                    text: finding.isComplete ? "complete" : "not complete",
                    paint: { finding.isComplete ? style.good($0) : style.bad($0) }),
            ])
        }
        table.print()
        for (certificate, finding) in found where !finding.isComplete {
            StandardOutput.shared.write("\n\(style.bad(name(of: certificate))): \(finding)")
        }
    }

    private static func name(of certificate: CompletenessCertificate) -> String {
        certificate.scope.lane < 0
            ? certificate.consumer : "\(certificate.consumer)/\(certificate.scope.lane)"
    }
}

extension CompletenessCertificate.Scope {
    /// As it is told: −1 for all lanes together.
    fileprivate var lane: Int {
        switch self {
        case .all: -1
        case .lane(let lane, _): Int(lane.rawValue)
        }
    }
}
