import EventModel
import EventSourcing
import PostgresDriver

/// Reads pages of events. Every page is one or a few short statements: no long transaction, and nothing to keep open between pages.
struct EventReader: Sendable {
    /// Rows of one statement. It bounds the memory of a page of the largest events before the page's byte limit is checked.
    static let chunkRows = 256

    let pool: PostgresPool
    let kinds: KindRegistry
    let signal: AppendSignal

    func read(_ query: EventQuery) async throws(StoreError) -> EventPage {
        do {
            return try await pool.withConnection { connection in
                switch query.selection {
                case .all where query.direction == .forwards: try await readAll(query, on: connection)
                default: try await readSelected(query, on: connection)
                }
            }
        } catch {
            throw StoreError(any: error)
        }
    }

    func head() async throws(StoreError) -> LogHead {
        do {
            return try await pool.withConnection { connection in
                try LogHead(row: try await connection.query(Self.headStatement))
            }
        } catch {
            throw StoreError(any: error)
        }
    }

    private static let headStatement: PostgresStatement =
        "select position, incarnation, system_identifier, timeline, recorded_at from lockstep.log_state"
}

// MARK: Every event, forwards

extension EventReader {
    private static let position: PostgresStatement = "select position from lockstep.log_state"
    private static let range = PostgresStatement(
        """
        select \(EventColumns.list) from lockstep.events e
        where e.position > $1 and e.position <= $2 order by e.position limit $3
        """)

    /// The head is read before the events: whatever was committed below it is visible to the second statement, so an empty answer
    /// means that there is nothing, not that something is on its way.
    private func readAll(_ query: EventQuery, on connection: PostgresConnection) async throws -> EventPage {
        let through = query.through ?? GlobalPosition(.max)
        let known = min(signal.head, through)
        if query.after.distance(to: known) > Int64(Self.chunkRows), query.limit > Self.chunkRows {
            return try await copyRange(query, through: through, on: connection)
        }
        let rows = min(query.limit, Self.chunkRows)
        var parameters = PostgresParameters()
        parameters.append(query.after.rawValue)
        parameters.append(through.rawValue)
        parameters.append(Int64(rows))
        let answers = try await connection.pipeline([
            PostgresRequest(Self.position), PostgresRequest(Self.range, parameters),
        ])
        let head = GlobalPosition(try answers[0].get().int64(0, 0))
        let found = try answers[1].get()
        let events = try await decode([found], on: connection)
        // Full by count, or by bytes: then rows are left over.
        let isFull = found.rowCount == rows || events.count < found.rowCount
        let end = max(head, events.last?.position ?? head)
        let examined = isFull ? (events.last?.position ?? query.after) : max(query.after, min(through, end))
        return page(of: events, examined: examined, isEnd: !isFull, head: head)
    }

    private func copyRange(
        _ query: EventQuery, through: GlobalPosition, on connection: PostgresConnection
    ) async throws -> EventPage {
        let head = GlobalPosition(try await connection.query(Self.position).int64(0, 0))
        let last = min(through, head, query.after.advanced(by: query.limit))
        var page = try await copy(after: query.after, through: last, on: connection)
        if page == nil {
            try await kinds.refresh(on: connection)
            page = try await copy(after: query.after, through: last, on: connection)
        }
        guard let (events, isCut) = page else {
            throw StoreError.corrupt(
                at: query.after.next, reason: "an event has a kind that lockstep.kinds does not hold")
        }
        // Cut by bytes, or at the end of the range, whether or not its last event is there.
        let examined = isCut ? (events.last?.position ?? last) : max(query.after, last)
        return self.page(of: events, examined: examined, isEnd: examined >= min(through, head), head: head)
    }

    private func copy(
        after: GlobalPosition, through: GlobalPosition, on connection: PostgresConnection
    ) async throws -> (events: EventBatch, isCut: Bool)? {
        let rows = Int(max(0, after.distance(to: through)))
        let receiver = CopyReceiver(kinds: kinds.snapshot, reservingEvents: rows, byteLimit: EventQuery.pageBytes)
        // Positions are numbers, so the text holds nothing from outside. COPY takes no parameters.
        let statement = """
            copy (select \(EventColumns.list) from lockstep.events e where e.position > \(after.rawValue) \
            and e.position <= \(through.rawValue) order by e.position) to stdout (format binary)
            """
        do {
            // Nobody waits for what it holds: a reader that has its turn late is not cut off for that.
            try await connection.transaction(readOnly: true, silence: .seconds(120)) { connection in
                // A log that was just restored or filled has no statistics yet, and the planner would sort every page on the disk.
                try await connection.execute("set local enable_sort = off; set local enable_bitmapscan = off")
                _ = try await connection.copyOut(statement) { try receiver.receive($0) }
            }
        } catch is CopyReceiver.Enough {
            // The page is full.
        } catch is EventDecoder.Flaw {
            // `finish` says what it was.
        }
        return try receiver.finish().map { ($0, receiver.isCut) }
    }

    private func page(
        of events: EventBatch, examined: GlobalPosition, isEnd: Bool, head: GlobalPosition
    ) -> EventPage {
        let end = max(head, events.last?.position ?? head)
        signal.heard(of: end)
        return EventPage(events: events, cursor: examined, isEnd: isEnd, head: end)
    }
}

// MARK: A selection, either way

extension EventReader {
    private func readSelected(_ query: EventQuery, on connection: PostgresConnection) async throws -> EventPage {
        let through = query.through ?? GlobalPosition(.max)
        let answers = try await connection.pipeline([
            PostgresRequest(Self.position), PositionsOf.request(query, through: through),
        ])
        let head = GlobalPosition(try answers[0].get().int64(0, 0))
        let found = try answers[1].get()
        var positions: [Int64] = []
        positions.reserveCapacity(found.rowCount)
        for row in 0..<found.rowCount { positions.append(try found.int64(row, 0)) }
        let events = try await fetch(positions, query.direction, on: connection)
        let isComplete = events.count == positions.count && positions.count < query.limit
        return page(of: events, isComplete: isComplete, head: head, query)
    }

    private func page(
        of events: EventBatch, isComplete: Bool, head: GlobalPosition, _ query: EventQuery
    ) -> EventPage {
        let last = events.last?.position
        let cursor: GlobalPosition
        switch query.direction {
        case .forwards:
            // Events that came after the head was read belong to the page: it examined everything up to the last of them.
            let examined = max(query.after, min(query.through ?? head, head))
            cursor = isComplete ? max(examined, last ?? examined) : (last ?? query.after)
        case .backwards:
            cursor = isComplete ? query.after : GlobalPosition((last?.rawValue ?? query.after.rawValue + 1) - 1)
        }
        return EventPage(events: events, cursor: max(cursor, .start), isEnd: isComplete, head: max(head, last ?? head))
    }

    private static let byPositions: [EventQuery.Direction: PostgresStatement] = [
        .forwards: PostgresStatement(
            "select \(EventColumns.list) from lockstep.events e where e.position = any($1) order by e.position"),
        .backwards: PostgresStatement(
            "select \(EventColumns.list) from lockstep.events e where e.position = any($1) order by e.position desc"),
    ]

    private func fetch(
        _ positions: [Int64], _ direction: EventQuery.Direction, on connection: PostgresConnection
    ) async throws -> EventBatch {
        guard let statement = Self.byPositions[direction] else { return .empty }
        var chunks: [PostgresResult] = []
        var bytes = 0
        var start = 0
        while start < positions.count, bytes < EventQuery.pageBytes {
            let end = min(start + Self.chunkRows, positions.count)
            var wanted = PostgresArray(elementType: .int8, reservingCapacity: (end - start) * 12)
            for position in positions[start..<end] { wanted.append(int64: position) }
            var parameters = PostgresParameters()
            parameters.append(wanted)
            let rows = try await connection.query(statement, parameters)
            bytes += rows.payloadBytes
            chunks.append(rows)
            start = end
        }
        return try await decode(chunks, on: connection)
    }
}

// MARK: Decoding

extension EventReader {
    /// Decodes results that follow one another, up to the page's byte limit.
    func decode(_ chunks: [PostgresResult], on connection: PostgresConnection) async throws -> EventBatch {
        for isSecondTry in [false, true] {
            do throws(EventDecoder.Flaw) {
                return try decode(chunks, kinds: kinds.snapshot)
            } catch {
                switch error {
                case .malformed(let reason): throw reason
                case .unknownKind(let number):
                    guard !isSecondTry else {
                        throw StoreError.corrupt(at: .start, reason: "kind \(number) is not in lockstep.kinds")
                    }
                    try await kinds.refresh(on: connection)
                }
            }
        }
        return .empty
    }

    private func decode(_ chunks: [PostgresResult], kinds: [EventKind?]) throws(EventDecoder.Flaw) -> EventBatch {
        var decoder = EventDecoder(kinds: kinds, reservingEvents: chunks.reduce(0) { $0 + $1.rowCount })
        for chunk in chunks {
            for row in 0..<chunk.rowCount {
                if decoder.batch.byteCount >= EventQuery.pageBytes { return decoder.finish() }
                try decoder.append(ResultRow(result: chunk, row: row))
            }
        }
        return decoder.finish()
    }
}

extension PostgresResult {
    /// Bytes of data and metadata of all rows, for a result with the columns of ``EventColumns``.
    fileprivate var payloadBytes: Int {
        (0..<rowCount).reduce(0) { sum, row in
            sum + unsafeBytes(row, EventColumns.data).count + unsafeBytes(row, EventColumns.metadata).count
        }
    }
}

extension LogHead {
    init(row: PostgresResult) throws {
        guard row.rowCount == 1 else {
            throw StoreError.corrupt(at: .start, reason: "lockstep.log_state has \(row.rowCount) rows instead of one")
        }
        self.init(
            position: GlobalPosition(try row.int64(0, 0)), incarnation: try row.uuid(0, 1),
            systemIdentifier: try row.text(0, 2), timeline: Int(try row.int32(0, 3)),
            recordedAt: row.isNull(0, 4) ? nil : Timestamp(microseconds: try row.timestampMicroseconds(0, 4)))
    }
}
