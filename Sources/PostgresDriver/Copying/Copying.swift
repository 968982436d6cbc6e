import CLibPQ

extension PostgresConnection {
    /// Runs a `COPY … FROM STDIN` with the chunks that `next` yields until it returns nil. Chunks may be cut anywhere.
    /// A refusal by the server shows once the chunks have ended: libpq listens only then.
    ///
    /// - Returns: the number of rows.
    /// - Throws: what `next` throws, after the COPY was aborted; ``PostgresError``. In both cases nothing was copied
    ///   and the connection can be used again, unless the connection was lost.
    public func copyIn(_ statement: String, from next: @Sendable () async throws -> [UInt8]?) async throws -> Int {
        guard !isCopying else { throw PostgresError(.invalidUse, "a COPY is under way on this connection") }
        guard !Task.isCancelled else { throw PostgresError(.cancelled, "the task was cancelled before sending") }
        isCopying = true
        defer { isCopying = false }
        let gate = session.gate
        let ticket = gate.begin()
        return try await withTaskCancellationHandler {
            try await feed(statement, from: next)
        } onCancel: {
            gate.cancel(ticket)
        }
    }

    /// Runs a `COPY … FROM STDIN` with the chunks of a sequence; otherwise as ``copyIn(_:from:)-(_,()->[UInt8]?)``.
    public func copyIn<Chunks: AsyncSequence & Sendable>(
        _ statement: String, from chunks: Chunks
    ) async throws -> Int where Chunks.Element == [UInt8] {
        let source = ChunkSource(chunks)
        return try await copyIn(statement) { try await source.next() }
    }

    /// Runs a `COPY … TO STDOUT` and calls `onChunk` on the connection's thread with each row message. The bytes are
    /// valid only inside the call.
    ///
    /// - Returns: the number of rows.
    /// - Throws: what `onChunk` throws, after the server was told to stop; ``PostgresError``.
    public func copyOut(
        _ statement: String, _ onChunk: @Sendable (UnsafeRawBufferPointer) throws -> Void
    ) async throws -> Int {
        var refusal: (any Error)?
        let rows = try await perform { session throws(PostgresError) in
            try session.copyOut(statement) { chunk in
                do {
                    try onChunk(chunk)
                    return true
                } catch {
                    refusal = error
                    return false
                }
            }
        }
        if let refusal { throw refusal }
        return rows
    }

    private func feed(_ statement: String, from next: @Sendable () async throws -> [UInt8]?) async throws -> Int {
        var failure: (any Error)?
        let outcome: Result<Int, PostgresError>
        do throws(PostgresError) {
            let copy = try session.beginCopyIn(statement)
            do {
                while let chunk = try await next(), try session.put(chunk) {
                    guard !Task.isCancelled else { throw PostgresError(.cancelled, "the task was cancelled") }
                }
            } catch {
                failure = error
            }
            outcome = .success(try session.end(copy, aborting: failure != nil))
        } catch {
            outcome = .failure(error)
        }
        let settled = Result { () throws(PostgresError) in try session.settle(outcome) }
        if let failure { throw failure }
        return try settled.get()
    }
}

/// The iterator of a sequence, so that it can be pulled from the connection.
private actor ChunkSource<Chunks: AsyncSequence & Sendable> where Chunks.Element == [UInt8] {
    private var iterator: Chunks.AsyncIterator?
    private let chunks: Chunks

    init(_ chunks: Chunks) {
        self.chunks = chunks
    }

    func next() async throws -> [UInt8]? {
        var current = iterator ?? chunks.makeAsyncIterator()
        let chunk = try await current.next(isolation: self)
        iterator = current
        return chunk
    }
}

extension Session {
    /// libpq takes the length of a chunk as an `int`, and the server no message of 1 GiB.
    static let chunkLimit = PostgresParameters.valueLimit

    /// A `COPY … FROM STDIN` under way.
    struct CopyIn {
        fileprivate let isInTransaction: Bool
    }

    /// Starts a `COPY … FROM STDIN`.
    func beginCopyIn(_ statement: String) throws(PostgresError) -> CopyIn {
        let isInTransaction = isInTransaction
        _ = try startCopy(statement, PGRES_COPY_IN, "copyIn needs COPY … FROM STDIN")
        return CopyIn(isInTransaction: isInTransaction)
    }

    private func startCopy(
        _ statement: String, _ wanted: ExecStatusType, _ complaint: String
    ) throws(PostgresError) -> OpaquePointer {
        try Self.refuseZeroByte(statement)
        let handle = try prepareToSend()
        let loss: Loss = .harmless
        guard PQsendQuery(handle, statement) == 1 else { throw unsent(handle) }
        guard let first = PQgetResult(handle) else { throw lost(loss, handle, because: nil) }
        let result = PostgresResult(adopting: first)
        let status = PQresultStatus(first)
        if status == wanted { return handle }
        if status == PGRES_FATAL_ERROR {
            let failure = PostgresError(result: result.handle)
            _ = try? finish(loss, handle)
            noteCondition()
            throw PQstatus(handle) == CONNECTION_OK ? failure : lost(loss, handle, because: failure)
        }
        leaveCopy(handle, status)
        _ = try? finish(loss, handle)
        throw PostgresError(.invalidUse, complaint)
    }

    /// Sends one chunk, unless the connection was closed while it was fetched; false when the connection is gone.
    func put(_ chunk: [UInt8]) throws(PostgresError) -> Bool {
        guard chunk.count <= Self.chunkLimit else {
            throw PostgresError(
                .limitExceeded(value: chunk.count, limit: Self.chunkLimit), "a chunk has too many bytes")
        }
        let handle = try handle()
        return chunk.withUnsafeBytes { bytes in
            let start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
            return bytes.isEmpty || PQputCopyData(handle, start, Int32(bytes.count)) == 1
        }
    }

    /// Ends the COPY, for good or not, and reads how it went.
    func end(_ copy: CopyIn, aborting: Bool) throws(PostgresError) -> Int {
        // Until the end is said the server cannot commit; afterwards, outside a transaction, nobody knows.
        let loss: Loss = aborting || copy.isInTransaction ? .harmless : .uncertain
        let handle = try handle()
        PQputCopyEnd(handle, aborting ? "aborted by the client" : nil)
        return try finish(loss, handle).affectedRows
    }

    /// Runs a `COPY … TO STDOUT`; stops when `onRow` returns false.
    func copyOut(
        _ statement: String, _ onRow: (UnsafeRawBufferPointer) -> Bool
    ) throws(PostgresError) -> Int {
        let handle = try startCopy(statement, PGRES_COPY_OUT, "copyOut needs COPY … TO STDOUT")
        var row: UnsafeMutablePointer<CChar>?
        while true {
            let length = PQgetCopyData(handle, &row, 0)
            guard length > 0 else { break }
            defer { PQfreemem(row) }
            if !onRow(UnsafeRawBufferPointer(start: row, count: Int(length))) {
                leaveCopy(handle, PGRES_COPY_OUT)
                _ = try? finish(.harmless, handle)
                return 0
            }
        }
        return try finish(.harmless, handle).affectedRows
    }
}
