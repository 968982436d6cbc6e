import EventModel
import EventSourcing
import PostgresDriver
import PostgresEventStore

/// `bench append --log-sizes`: processor time per event on a short and on a long log, measured in turn.
struct GrowthBench: Sendable {
    let server: PostgresConfiguration
    let report: BenchReport
    let runs: Int
    let sizes: (Int, Int)

    private static let callers = 64
    private static let each = 500

    func run() async throws {
        try await BenchDatabase.with(server) { short in
            try await BenchDatabase.with(server) { long in
                try await fill(short, sizes.0)
                try await fill(long, sizes.1)
                try await compare(short, long)
            }
        }
    }

    private func fill(_ database: BenchDatabase, _ events: Int) async throws {
        try await database.withStore { try await BenchWorkload().fill($0, events: events) }
        try await database.withConnection { connection in
            try await connection.execute("vacuum analyze lockstep.events")
            try await connection.execute("checkpoint")
        }
    }

    private func compare(_ short: BenchDatabase, _ long: BenchDatabase) async throws {
        var used: [[Meter.Reading]] = [[], []]
        for _ in 0..<runs {
            used[0].append(try await append(to: short))
            used[1].append(try await append(to: long))
        }
        for (metric, part) in Meter.parts {
            let values = used.map { readings in
                readings.compactMap { $0[keyPath: part] }.map { $0 / Double(Self.callers * Self.each) * 1e6 }
            }
            guard !values[0].isEmpty, values[0].count == values[1].count else { continue }
            for (size, values) in zip([sizes.0, sizes.1], values) {
                report.add(
                    Figure(
                        bench: "append", case: "log=\(size)", system: "lockstep", metric: metric, unit: "µs/event",
                        values: values))
            }
            report.add(
                Ratio(
                    bench: "append", case: "log=\(sizes.1),\(metric)", of: "limit:log=\(sizes.0)",
                    values: zip(values[1], values[0]).map { $0 / $1 }))
        }
    }

    private func append(to database: BenchDatabase) async throws -> Meter.Reading {
        let meter = Meter(postmaster: try await ProcessTime.postmaster(of: database), broker: nil)
        return try await database.withStore { store in
            try await BenchWorkload().fill(store, events: 1_000)
            let before = meter.read()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<Self.callers { group.addTask { try await Self.caller(store) } }
                for try await _ in group {}
            }
            return meter.read() - before
        }
    }

    private static func caller(_ store: PostgresEventStore) async throws {
        let workload = try BenchWorkload()
        var stream = try workload.stream()
        for step in 0..<each {
            if step % 10 == 0 { stream = try workload.stream() }
            let expected: ExpectedVersion = step % 10 == 0 ? .noStream : .exactly(StreamVersion(Int64(step % 10)))
            try await appended(store, AppendRequest([workload.draft()], to: stream, expecting: expected))
        }
    }
}
