import CLibPQ
import EventModel
import EventSourcing
import FoundationEssentials
import PostgresDriver

/// `lockstep.append` called from a bare libpq loop on the calling thread: what one caller could get at best.
struct BareAppendLoop {
    /// A libpq connection string or URL, with the password that a configuration does not give away.
    let server: String
    let database: String

    /// - Returns: the seconds that the calls took.
    func run(_ drafts: [EventDraft], streams: [StreamName]) throws -> Double {
        guard let connection = connect() else { throw BenchFault.libpq("out of memory") }
        defer { PQfinish(connection) }
        guard PQstatus(connection) == CONNECTION_OK else {
            throw BenchFault.libpq(String(cString: PQerrorMessage(connection)))
        }
        let sql = """
            select request, outcome, position, version, ordinal, satisfied from lockstep.append(
                $1, $2::int[], $3::int[], $4::text[], $5::bigint[], $6::int[], $7::int[], $8::int[], $9::int[], $10::smallint[], $11::uuid[],
                $12::uuid[], $13::uuid[], $14::text[], $15::timestamptz[], $16::bytea[], $17::bytea[])
            """
        PQclear(PQprepare(connection, "append", sql, 17, nil))
        let kind = try self.kind(on: connection)
        let start = ContinuousClock.now
        for (index, draft) in drafts.enumerated() {
            try call(connection, draft, stream: streams[index / 10], step: index % 10, kind: kind)
        }
        return (ContinuousClock.now - start) / .seconds(1)
    }

    /// The second `dbname` overrides the one in the connection string, which the first one holds.
    private func connect() -> OpaquePointer? {
        server.withCString { server in
            database.withCString { database in
                "dbname".withCString { name in PQconnectdbParams([name, name, nil], [server, database, nil], 1) }
            }
        }
    }

    /// Any kind will do: the number is not what is measured.
    private func kind(on connection: OpaquePointer) throws -> Int32 {
        PQclear(
            PQexec(
                connection,
                "insert into lockstep.kinds (workspace, category, type) values (1, 'bench_order', 'bench_order.line_added') on conflict do nothing"
            ))
        let result = PQexec(connection, "select id from lockstep.kinds where category = 'bench_order'")
        defer { PQclear(result) }
        guard let text = PQgetvalue(result, 0, 0), let id = Int32(String(cString: text)) else {
            throw BenchFault.libpq("no kind")
        }
        return id
    }

    private func call(
        _ connection: OpaquePointer, _ draft: EventDraft, stream: StreamName, step: Int, kind: Int32
    ) throws {
        let values: [[UInt8]] = [
            [0], array(23, bytes(Int32(1))), array(23, bytes(Int32(1))), array(25, Array(stream.rawValue.utf8)),
            array(20, bytes(Int64(step))), array(23, bytes(Int32(1))), array(23, bytes(Int32(1))),
            array(23, bytes(Int32(1))), array(23, bytes(kind)), array(21, bytes(Int16(1))),
            array(2_950, withUnsafeBytes(of: draft.id.uuid, Array.init)), array(2_950, nil), array(2_950, nil),
            array(25, nil),
            array(1_184, bytes(draft.occurredAt.microseconds - 946_684_800_000_000)), array(17, draft.data),
            array(17, draft.metadata),
        ]
        let lengths = values.map { Int32($0.count) }
        let formats = [Int32](repeating: 1, count: values.count)
        let joined = values.flatMap { $0 }
        let result = joined.withUnsafeBufferPointer { buffer in
            var offset = 0
            let pointers = values.map { value -> UnsafePointer<CChar>? in
                defer { offset += value.count }
                return buffer.baseAddress.map { UnsafeRawPointer($0 + offset).assumingMemoryBound(to: CChar.self) }
            }
            return PQexecPrepared(connection, "append", Int32(values.count), pointers, lengths, formats, 1)
        }
        defer { PQclear(result) }
        guard PQresultStatus(result) == PGRES_TUPLES_OK else {
            throw BenchFault.libpq(String(cString: PQerrorMessage(connection)))
        }
    }

    /// A binary array of one element.
    private func array(_ type: Int32, _ element: [UInt8]?) -> [UInt8] {
        bytes(Int32(1)) + bytes(Int32(element == nil ? 1 : 0)) + bytes(type) + bytes(Int32(1)) + bytes(Int32(1))
            + bytes(Int32(element?.count ?? -1)) + (element ?? [])
    }

    private func bytes(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value.bigEndian, Array.init) }
}
