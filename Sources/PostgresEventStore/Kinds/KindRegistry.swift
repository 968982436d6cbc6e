import EventModel
import EventSourcing
import PostgresDriver
import Synchronization

/// The kinds of the log, by id and by name. Kinds are only ever added, so what was read once stays true.
///
/// Nothing follows from a kind that is known about those with lower ids. Two processes add kinds at the same time, the one with the higher id may be committed
/// first, and a kind of our own is known before those that others have added meanwhile.
final class KindRegistry: Sendable {
    /// The numbers that the events table holds for a kind and its workspace.
    struct Numbers: Sendable {
        let kind: Int32
        let workspace: Int32
    }

    private struct State {
        var numbers: [EventKind: Numbers] = [:]
        /// By id, from 1; ids are handed out one by one, so the array has few holes.
        var kinds: [EventKind?] = [nil]

        /// The ids below the highest known one that nothing is known of: of kinds that others have added, or of none at all, when an id was drawn in vain.
        var holes: [Int32] { kinds.indices.dropFirst().filter { kinds[$0] == nil }.map(Int32.init) }
    }

    private let state = Mutex(State())

    /// All kinds known so far, by id.
    var snapshot: [EventKind?] { state.withLock { $0.kinds } }

    func numbers(of kind: EventKind) -> Numbers? { state.withLock { $0.numbers[kind] } }

    private static let load: PostgresStatement = """
        select k.id, w.id, w.name, k.category, k.type
        from lockstep.kinds k join lockstep.workspaces w on w.id = k.workspace where k.id >= $1 or k.id = any($2)
        """

    /// Reads the kinds that are not known yet.
    func refresh(on connection: PostgresConnection) async throws(PostgresError) {
        let (next, holes) = state.withLock { (Int32($0.kinds.count), $0.holes) }
        var missing = PostgresArray(elementType: .int4, reservingCapacity: holes.count * 8)
        for id in holes { missing.append(int32: id) }
        var parameters = PostgresParameters()
        parameters.append(next)
        parameters.append(missing)
        try add(try await connection.query(Self.load, parameters))
    }

    private func add(_ rows: PostgresResult) throws(PostgresError) {
        for row in 0..<rows.rowCount {
            let id = try rows.int32(row, 0)
            let kind = EventKind(
                trustingWorkspace: try rows.text(row, 2), category: try rows.text(row, 3), type: try rows.text(row, 4))
            let numbers = Numbers(kind: id, workspace: try rows.int32(row, 1))
            state.withLock { state in
                guard state.numbers[kind] == nil else { return }
                while state.kinds.count <= Int(id) { state.kinds.append(nil) }
                state.kinds[Int(id)] = kind
                state.numbers[kind] = numbers
            }
        }
    }

    private static let createWorkspace: PostgresStatement =
        "insert into lockstep.workspaces (name) values ($1) on conflict do nothing"
    private static let create: PostgresStatement = """
        insert into lockstep.kinds (workspace, category, type)
        select w.id, $2, $3 from lockstep.workspaces w where w.name = $1 on conflict do nothing
        """
    private static let exact: PostgresStatement = """
        select k.id, w.id, w.name, k.category, k.type
        from lockstep.kinds k join lockstep.workspaces w on w.id = k.workspace where w.name = $1 and k.category = $2 and k.type = $3
        """

    /// The numbers of a kind, which is added to the log if it is new.
    ///
    /// - Throws: ``AppendFlaw/tooManyKinds(limit:)`` as a refusal when the log holds its limit of kinds.
    func ensure(_ kind: EventKind, on connection: PostgresConnection) async throws -> Numbers {
        if let known = numbers(of: kind) { return known }
        var parameters = PostgresParameters()
        parameters.append(kind.workspace.rawValue)
        parameters.append(kind.category.rawValue)
        parameters.append(kind.type.rawValue)
        try add(try await connection.query(Self.exact, parameters))
        if let known = numbers(of: kind) { return known }
        guard state.withLock({ $0.numbers.count }) < AppendLimits.kinds else {
            throw StoreError.refused(.tooManyKinds(limit: AppendLimits.kinds))
        }
        // Identity columns burn a number even when nothing is inserted, so the workspace is only tried when it is not known.
        if !state.withLock({ $0.numbers.keys.contains { $0.workspace == kind.workspace } }) {
            var workspace = PostgresParameters()
            workspace.append(kind.workspace.rawValue)
            _ = try await connection.query(Self.createWorkspace, workspace)
        }
        _ = try await connection.query(Self.create, parameters)
        try add(try await connection.query(Self.exact, parameters))
        guard let created = numbers(of: kind) else {
            throw StoreError.failed(reason: "the kind \(kind.type) was stored and cannot be found")
        }
        return created
    }
}
