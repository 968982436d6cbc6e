import EventModel
import EventSourcing
import PostgresDriver
import ReadModels

extension PostgresProjectionStore {
    /// See ``ParkingStore/parkedKeys(of:after:limit:)``.
    public func parkedKeys(
        of consumer: ConsumerProgress.Key, after key: ParkingKey?, limit: Int
    ) async throws(StoreError) -> [ParkedKey] {
        var parameters = PostgresParameters(consumer: consumer)
        parameters.append(optional: key?.text)
        parameters.append(Int64(limit))
        return try await parkedKeys(ParkingRow.page, parameters)
    }

    /// See ``ParkingStore/parkedKey(_:of:)``.
    public func parkedKey(_ key: ParkingKey, of consumer: ConsumerProgress.Key) async throws(StoreError) -> ParkedKey? {
        var parameters = PostgresParameters(consumer: consumer)
        parameters.append(key.text)
        return try await parkedKeys(ParkingRow.one, parameters).first
    }

    /// See ``ParkingStore/nextRetry(of:)``.
    public func nextRetry(of consumers: [ConsumerProgress.Key]) async throws(StoreError) -> RequestedRetry? {
        guard var consumer = consumers.first else { return nil }
        var parameters = PostgresParameters()
        parameters.append(consumer.consumer)
        parameters.append(Int32(clamping: consumer.version))
        parameters.append(PostgresArray(lanes: consumers.map(\.lane)))
        let rows = try await query(ParkingRow.next, parameters)
        guard rows.rowCount > 0 else { return nil }
        let parked = try decoding { () throws(PostgresError) in
            consumer.lane = Int(try rows.int32(0, ParkingRow.laneColumn))
            return try ParkingRow.decode(rows, 0)
        }
        return RequestedRetry(of: parked, in: consumer)
    }

    /// See ``ParkingStore/queue(of:of:after:limit:)``.
    public func queue(
        of key: ParkingKey, of consumer: ConsumerProgress.Key, after position: GlobalPosition, limit: Int
    ) async throws(StoreError) -> [GlobalPosition] {
        var parameters = PostgresParameters(consumer: consumer)
        parameters.append(key.text)
        parameters.append(position.rawValue)
        parameters.append(Int64(limit))
        let rows = try await query(ParkingRow.queue, parameters)
        return try decoding { () throws(PostgresError) in
            var positions: [GlobalPosition] = []
            for row in 0..<rows.rowCount { positions.append(GlobalPosition(try rows.int64(row, 0))) }
            return positions
        }
    }

    /// See ``ParkingStore/requestRetry(of:of:by:)``.
    public func requestRetry(
        of keys: [ParkingKey]?, of consumer: ConsumerProgress.Key, by actor: String?
    ) async throws(StoreError) -> Int {
        var parameters = PostgresParameters(consumer: consumer)
        parameters.append(keys == nil)
        var array = PostgresArray(elementType: .text, reservingCapacity: (keys?.count ?? 0) * 32)
        for key in keys ?? [] { array.append(text: key.text) }
        parameters.append(array)
        parameters.append(optional: actor)
        let result: PostgresResult
        do { result = try await run(ParkingRow.request, parameters) } catch { throw StoreError(any: error) }
        return try decoding { () throws(PostgresError) in Int(try result.int64(0, 0)) }
    }

    /// See ``ParkingStore/requestSkip(of:of:_:by:)``.
    public func requestSkip(
        of key: ParkingKey, of consumer: ConsumerProgress.Key, _ skip: RetryRequest.Skip, by actor: String
    ) async throws(StoreError) -> Bool {
        var parameters = PostgresParameters(consumer: consumer)
        parameters.append(key.text)
        parameters.append(skip.position.rawValue)
        parameters.append(skip.reason)
        parameters.append(actor)
        do { return try await run(ParkingRow.skip, parameters).affectedRows == 1 } catch {
            throw StoreError(any: error)
        }
    }

    private func parkedKeys(
        _ statement: PostgresStatement, _ parameters: PostgresParameters
    ) async throws(StoreError) -> [ParkedKey] {
        let rows = try await query(statement, parameters)
        return try decoding { () throws(PostgresError) in
            var keys: [ParkedKey] = []
            for row in 0..<rows.rowCount { keys.append(try ParkingRow.decode(rows, row)) }
            return keys
        }
    }

    func decoding<R>(_ body: () throws -> R) throws(StoreError) -> R {
        do { return try body() } catch { throw StoreError(any: error) }
    }
}

extension PostgresParameters {
    /// Consumer, version and lane.
    fileprivate init(consumer: ConsumerProgress.Key) {
        self.init()
        append(consumer.consumer)
        append(Int32(clamping: consumer.version))
        append(Int32(clamping: consumer.lane))
    }
}
