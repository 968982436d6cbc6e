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

    /// - Parameter lanes: those of the log: a row that counts across keys is kept for each of them.
    static func projection(named name: String, lanes: Int) throws(Failure) -> any Projection {
        if let projection = ProjectionCatalogue.projections(lanes: lanes).first(where: { $0.name == name }) {
            return projection
        }
        let known = ProjectionCatalogue.all.map(\.name).joined(separator: ", ")
        throw Failure(.usage, "there is no projection \(name)", hint: "name one of \(known)")
    }

    /// Runs `body` with a rebuild of the projection.
    static func with<R: Sendable>(
        _ settings: DatabaseSettings, _ projection: any Projection, limits: RebuildLimits = RebuildLimits(),
        lanes: Int = Lane.defaultCount, layout: LaneLayout = .whole,
        observe: @escaping @Sendable (RebuildProgress) -> Void = { _ in }, _ body: @Sendable (Job) async throws -> R
    ) async throws -> R {
        try await with(
            settings, [projection], limits: limits, lanes: lanes, layout: layout, observe: { observe($1) }
        ) { jobs, _ in
            try await body(jobs[0])
        }
    }

    /// Runs `body` with a rebuild of each projection, and with the log that they fold.
    static func with<R: Sendable>(
        _ settings: DatabaseSettings, _ projections: [any Projection], limits: RebuildLimits, lanes: Int,
        layout: LaneLayout, insistsOnLayout: Bool = false,
        observe: @escaping @Sendable (_ projection: String, RebuildProgress) -> Void,
        _ body: @Sendable ([Job], PostgresEventStore) async throws -> R
    ) async throws -> R {
        // A comparison holds one connection, brings the shadow along on a second one, and looks on a third.
        let pool = PostgresPool(
            configuration: try settings.postgres(), limits: PoolLimits(maxConnections: 4 * projections.count))
        let result: Result<R, any Error>
        do {
            result = .success(
                try await OpenLog.forReading(settings) { store in
                    let settings = RebuildSettings(
                        holder: "rebuild-\(UUID().uuidString.lowercased())", timing: settings.leaseTiming,
                        limits: limits,
                        fingerprints: FoldFingerprints(of: projections, samples: FoldSample.registered),
                        lanes: lanes, layout: layout, insistsOnLayout: insistsOnLayout)
                    let jobs = projections.map { projection in
                        Job(
                            projection, log: store, views: PostgresProjectionStore(pool: pool), leases: store,
                            settings: settings, observe: { observe(projection.name, $0) })
                    }
                    return try await body(jobs, store)
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
