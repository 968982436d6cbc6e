import Foundation
import PostgresDriver
import Synchronization
import Testing

@Suite("COPY", .enabled(if: TestServer.isThere, "needs LOCKSTEP_DATABASE_URL")) struct CopyTests {
    private struct Refused: Error {}

    private func withTable(
        _ body: nonisolated(nonsending) (PostgresConnection) async throws -> Void
    ) async throws {
        try await TestServer.withConnection { connection in
            try await connection.execute(
                "CREATE TABLE t (a int8, b text, c bytea, d uuid, e timestamptz, f int4, g bool)")
            try await body(connection)
        }
    }

    /// Chunks to be pulled one by one.
    private final class Chunks: Sendable {
        private let rest: Mutex<[[UInt8]]>
        init(_ chunks: [[UInt8]]) { rest = Mutex(chunks.reversed()) }
        func next() -> [UInt8]? { rest.withLock { $0.popLast() } }
    }

    @Test func `binary rows come back as they went in, however they are cut`() async throws {
        try await withTable { connection in
            let id = UUID()
            var rows = PostgresCopyRows(columns: 7)
            for number in 0..<1000 {
                rows.append(int64: Int64(number))
                rows.append(text: "ü\(number)")
                number.isMultiple(of: 3)
                    ? rows.appendNull() : rows.append(bytes: [UInt8](repeating: 9, count: number % 50))
                rows.append(uuid: id)
                rows.append(timestampMicroseconds: Int64(number))
                rows.append(int32: -1)
                rows.append(bool: true)
            }
            let all = rows.finish()
            let chunks = Chunks(
                stride(from: 0, to: all.count, by: 333).map { Array(all[$0..<min($0 + 333, all.count)]) } + [[]])
            let copied = try await connection.copyIn("COPY t FROM STDIN (FORMAT binary)") { chunks.next() }
            #expect(copied == 1000)
            let seen = Mutex<[(Int64, String?, Int?)]>([])
            let count = try await connection.copyOut(
                "COPY (SELECT a, b, c, d, e FROM t ORDER BY a) TO STDOUT (FORMAT binary)"
            ) { message in
                guard var row = try PostgresCopyRow(message) else { return }
                let number = try row.nextInt64()
                let text = try row.nextText()
                let length = try row.nextBytes()?.count
                #expect(try row.nextUUID() == id)
                #expect(try row.nextTimestampMicroseconds() == number)
                seen.withLock { $0.append((number, text, length)) }
            }
            #expect(count == 1000)
            let list = seen.withLock { $0 }
            #expect(list.map(\.0) == (0..<1000).map { Int64($0) })
            #expect(list.map(\.1) == (0..<1000).map { "ü\($0)" })
            #expect(list.map(\.2) == (0..<1000).map { $0.isMultiple(of: 3) ? nil : $0 % 50 })
        }
    }

    @Test func `chunks may come from a sequence`() async throws {
        try await withTable { connection in
            let (stream, source) = AsyncStream.makeStream(of: [UInt8].self)
            for number in 0..<10 { source.yield(Array("\(number)\n".utf8)) }
            source.finish()
            let copied = try await connection.copyIn("COPY t (a) FROM STDIN", from: stream)
            #expect(copied == 10)
        }
    }

    @Test func `a source that fails aborts the COPY and leaves the connection usable`() async throws {
        try await withTable { connection in
            let chunks = Chunks([Array("1\n".utf8)])
            await #expect(throws: Refused.self) {
                try await connection.copyIn("COPY t (a) FROM STDIN") {
                    guard let chunk = chunks.next() else { throw Refused() }
                    return chunk
                }
            }
            try await connection.expect("SELECT count(*) FROM t", yields: 0)
        }
    }

    @Test func `bad data is the server's refusal and leaves the connection usable`() async throws {
        try await withTable { connection in
            let chunks = Chunks(
                [Array("1\n".utf8), Array("x\n".utf8)]
                    + (0..<2000).map { _ in [UInt8](repeating: 0x31, count: 999) + [0x0A] })
            let kind = await kind { _ = try await connection.copyIn("COPY t (a) FROM STDIN") { chunks.next() } }
            #expect(kind == .server(.invalidTextRepresentation))
            try await connection.expect("SELECT count(*) FROM t", yields: 0)
        }
    }

    @Test func `a reader that throws stops the server and leaves the connection usable`() async throws {
        try await withTable { connection in
            let rows = Mutex(0)
            await #expect(throws: Refused.self) {
                try await connection.copyOut("COPY (SELECT generate_series(1, 100000000)) TO STDOUT") { _ in
                    if rows.withLock({
                        $0 += 1; return $0
                    }) == 10 {
                        throw Refused()
                    }
                }
            }
            #expect(rows.withLock { $0 } == 10)
            try await connection.expect("SELECT count(*) FROM generate_series(1, 2000)", yields: 2000)
        }
    }

    @Test func `a cancelled COPY ends on the server and copies nothing`() async throws {
        try await withTable { connection in
            let task = Task {
                try await connection.copyIn("COPY t (a) FROM STDIN") {
                    withUnsafeCurrentTask { $0?.cancel() }
                    return Array("1\n".utf8)
                }
            }
            #expect(await kind { _ = try await task.value } == .cancelled)
            try await connection.expect("SELECT count(*) FROM t", yields: 0)
        }
    }

    @Test func `closing a connection under a COPY ends it safely`() async throws {
        try await withTable { connection in
            let kind = await kind {
                _ = try await connection.copyIn("COPY t (a) FROM STDIN") {
                    await connection.close()
                    return Array("1\n".utf8)
                }
            }
            #expect(kind == .closed)
        }
    }

    @Test func `nothing else may be said during a COPY`() async throws {
        try await withTable { connection in
            let chunks = Chunks([Array("1\n".utf8)])
            let copied = try await connection.copyIn("COPY t (a) FROM STDIN") {
                #expect(await kind { _ = try await connection.query("SELECT 1") } == .invalidUse)
                return chunks.next()
            }
            #expect(copied == 1)
        }
    }

    @Test func `a COPY in the wrong place is refused and leaves the connection usable`() async throws {
        try await withTable { connection in
            let works: [() async throws -> Void] = [
                { _ = try await connection.query("COPY t FROM STDIN") },
                { _ = try await connection.query("COPY t TO STDOUT") },
                { try await connection.execute("COPY t TO STDOUT") },
                { _ = try await connection.copyIn("COPY t TO STDOUT") { nil } },
                { _ = try await connection.copyOut("COPY t FROM STDIN") { _ in } },
                { _ = try await connection.copyOut("SELECT 1") { _ in } },
            ]
            for work in works {
                #expect(await kind { try await work() } == .invalidUse)
                try await connection.expect("SELECT 3::int8", yields: 3)
            }
            #expect(
                await kind { _ = try await connection.copyIn("COPY nowhere FROM STDIN") { nil } }
                    == .server(.undefinedTable))
            try await connection.expect("SELECT 3::int8", yields: 3)
        }
    }
}
