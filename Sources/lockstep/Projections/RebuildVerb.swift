import EventModel
import EventSourcing
import FoundationEssentials
import PostgresDriver
import PostgresEventStore
import PostgresReadModels
import Projector
import ReadModels

/// What the verbs about generations have in common.
enum RebuildVerb {
    typealias Job = Rebuild<PostgresEventStore, PostgresProjectionStore, PostgresEventStore>

    static func projection(named name: String) throws(Failure) -> any Projection {
        if let projection = ProjectionCatalogue.projection(named: name) { return projection }
        let known = ProjectionCatalogue.all.map(\.name).joined(separator: ", ")
        throw Failure(.usage, "there is no projection \(name)", hint: "name one of \(known)")
    }

    /// Runs `body` with a rebuild of the projection.
    static func with<R: Sendable>(
        _ settings: DatabaseSettings, _ projection: any Projection, limits: RebuildLimits = RebuildLimits(),
        observe: @escaping @Sendable (RebuildProgress) -> Void = { _ in }, _ body: @Sendable (Job) async throws -> R
    ) async throws -> R {
        // A comparison holds one connection, brings the shadow along on a second one, and looks on a third.
        let pool = PostgresPool(configuration: try settings.postgres(), limits: PoolLimits(maxConnections: 4))
        let result: Result<R, any Error>
        do {
            result = .success(
                try await OpenLog.forReading(settings) { store in
                    try await body(
                        Job(
                            projection, log: store, views: PostgresProjectionStore(pool: pool), leases: store,
                            settings: RebuildSettings(
                                holder: "rebuild-\(UUID().uuidString.lowercased())", limits: limits,
                                fingerprints: FoldFingerprints(of: [projection], samples: FoldSample.registered)),
                            observe: observe))
                })
        } catch {
            result = .failure(error)
        }
        await pool.shutdown()
        return try result.get()
    }
}

/// A report in a file.
enum ReportFile {
    static func write(_ bytes: [UInt8], to path: String) throws(Failure) {
        do {
            try Data(bytes + [UInt8(ascii: "\n")]).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw Failure(
                .environment, "\(path) cannot be written", hint: "name a file in a directory that can be written to")
        }
    }

    /// The digest of a report, however it was laid out since.
    static func digest(of path: String) throws(Failure) -> String {
        guard let data = try? Data(contentsOf: URL(filePath: path)), let value = try? JSONValue(Array(data)) else {
            throw Failure(
                .usage, "\(path) is not a report", hint: "write one with `lockstep projections diff NAME --out \(path)`"
            )
        }
        return ContentDigest(of: value.canonicalBytes()).hexadecimal
    }
}
