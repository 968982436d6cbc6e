import Foundation
import PostgresDriver
import Testing

@Suite("Values", .enabled(if: TestServer.isThere, "needs LOCKSTEP_DATABASE_URL")) struct ValueTests {
    @Test func `every scalar comes back as it went`() async throws {
        try await TestServer.withConnection { connection in
            let id = UUID()
            var parameters = PostgresParameters()
            parameters.append(Int16.min)
            parameters.append(Int32.max)
            parameters.append(Int64.min)
            parameters.append(true)
            parameters.append(-0.5)
            parameters.append("Grüße, 世界 🙂")
            parameters.append([0, 1, 255])
            parameters.append(id)
            parameters.append(timestampMicroseconds: 1_700_000_000_123_456)
            parameters.append(json: #"{"a": [1, null]}"#)
            parameters.append("")
            parameters.append([UInt8]())
            parameters.appendNull(oid: PostgresType.int8.oid)
            let result = try await connection.query(
                "SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $9::timestamptz::text, $9 AS at",
                parameters
            )
            #expect(try result.int16(0, 0) == .min)
            #expect(try result.int32(0, 1) == .max)
            #expect(try result.int64(0, 2) == .min)
            #expect(try result.bool(0, 3))
            #expect(try result.double(0, 4) == -0.5)
            #expect(try result.text(0, 5) == "Grüße, 世界 🙂")
            #expect(try result.bytes(0, 6) == [0, 1, 255])
            #expect(try result.uuid(0, 7) == id)
            #expect(try result.timestampMicroseconds(0, 8) == 1_700_000_000_123_456)
            #expect(try result.text(0, 9) == #"{"a": [1, null]}"#)
            #expect(try result.text(0, 10) == "")
            #expect(try result.bytes(0, 11) == [])
            #expect(!result.isNull(0, 11))
            #expect(result.isNull(0, 12))
            #expect(try result.text(0, 13).hasPrefix("2023-11-14"))
            #expect(result.columnIndex("at") == 14)
            #expect(result.withBytes(0, 6) { Array($0) } == [0, 1, 255])
        }
    }

    @Test func `arrays arrive element by element, with nulls and empty ones`() async throws {
        try await TestServer.withConnection { connection in
            let ids = [UUID(), UUID()]
            var parameters = PostgresParameters()
            var numbers = PostgresArray(elementType: .int8, reservingCapacity: 64)
            for number in [Int64.min, 0, .max] { numbers.append(int64: number) }
            var texts = PostgresArray(elementType: .text)
            texts.append(text: "a")
            texts.appendNull()
            texts.append(text: "ü,{\"")
            var blobs = PostgresArray(elementType: .bytea)
            blobs.append(bytes: [1, 2])
            blobs.append(bytes: [])
            blobs.append(bytes: [3])
            var keys = PostgresArray(elementType: .uuid)
            for id in ids { keys.append(uuid: id) }
            keys.appendNull()
            for array in [numbers, texts, blobs, keys, PostgresArray(elementType: .int4)] { parameters.append(array) }
            let result = try await connection.query(
                """
                SELECT a, b, c, d FROM unnest($1, $2, $3, $4) WITH ORDINALITY AS t(a, b, c, d, n)
                WHERE cardinality($5) = 0 ORDER BY n
                """, parameters
            )
            #expect(result.rowCount == 3)
            let column = try (0..<3).map { try result.int64($0, 0) }
            #expect(column == [.min, 0, .max])
            #expect(result.isNull(1, 1))
            #expect(try result.text(2, 1) == "ü,{\"")
            let contents = try (0..<3).map { try result.bytes($0, 2) }
            #expect(contents == [[1, 2], [], [3]])
            #expect(try result.uuid(1, 3) == ids[1])
            #expect(result.isNull(2, 3))
        }
    }

    @Test func `arrays of every element type are understood`() async throws {
        try await TestServer.withConnection { connection in
            var parameters = PostgresParameters()
            var array = PostgresArray(elementType: .int4)
            array.append(int32: -7)
            parameters.append(array)
            array = PostgresArray(elementType: .int2)
            array.append(int16: -8)
            parameters.append(array)
            array = PostgresArray(elementType: .bool)
            array.append(bool: true)
            parameters.append(array)
            array = PostgresArray(elementType: .timestamptz)
            array.append(timestampMicroseconds: 1)
            parameters.append(array)
            array = PostgresArray(elementType: .float8)
            array.append(double: 0.25)
            parameters.append(array)
            array = PostgresArray(elementType: .jsonb)
            array.append(json: "[true]")
            parameters.append(array)
            let result = try await connection.query("SELECT $1[1], $2[1], $3[1], $4[1], $5[1], $6[1]", parameters)
            #expect(try result.int32(0, 0) == -7)
            #expect(try result.int16(0, 1) == -8)
            #expect(try result.bool(0, 2))
            #expect(try result.timestampMicroseconds(0, 3) == 1)
            #expect(try result.double(0, 4) == 0.25)
            #expect(try result.text(0, 5) == "[true]")
        }
    }

    @Test func `a wrong type or a NULL is an error and never a guess`() async throws {
        try await TestServer.withConnection { connection in
            let result = try await connection.query("SELECT 1::int4, NULL::int8, 'x'::text, now(), 1.5::float8 AS f")
            #expect(decodingKind { _ = try result.int64(0, 0) } == .unexpectedType)
            #expect(decodingKind { _ = try result.int64(0, 1) } == .unexpectedNull)
            #expect(decodingKind { _ = try result.int64(0, 3) } == .unexpectedType)
            #expect(decodingKind { _ = try result.text(0, 0) } == .unexpectedType)
            #expect(decodingKind { _ = try result.bytes(0, 2) } == .unexpectedType)
            let error = #expect(throws: PostgresError.self) { try result.text(0, 4) }
            #expect(error?.message.contains("column f") == true)
        }
    }

    @Test(arguments: [
        (Int64.max, "infinity"), (.min, "-infinity"), (0, "1970-01-01 00:00:00+00"),
        (-1, "1969-12-31 23:59:59.999999+00"),
    ])
    func `timestamps count microseconds from 1970`(_ microseconds: Int64, _ text: String) async throws {
        try await TestServer.withConnection({ $0.settings = [("TimeZone", "UTC")] }) { connection in
            var parameters = PostgresParameters()
            parameters.append(timestampMicroseconds: microseconds)
            let result = try await connection.query("SELECT $1, $1::text", parameters)
            #expect(try result.timestampMicroseconds(0, 0) == microseconds)
            #expect(try result.text(0, 1) == text)
        }
    }

    @Test func `more than 65535 parameters are refused before anything is sent`() async throws {
        try await TestServer.withConnection { connection in
            let parameters = PostgresParameters { list in for _ in 0..<65_536 { list.append(true) } }
            let kind = await kind { _ = try await connection.query("SELECT 1", parameters) }
            #expect(kind == .limitExceeded(value: 65_536, limit: 65_535))
            try await connection.expect("SELECT 2::int8", yields: 2)
        }
    }
}
