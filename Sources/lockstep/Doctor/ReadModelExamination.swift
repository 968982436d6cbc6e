import PostgresDriver

/// Looks at whether readers see what this program would show them, and at what must fit together.
enum ReadModelExamination {
    static func run(on connection: PostgresConnection) async throws -> [Finding] {
        let advice = try await ReadModelStanding.all(on: connection).compactMap(\.advice)
        let flaws = try await SchemaIntegrity.flaws(on: connection)
        return [
            advice.isEmpty
                ? .ok("read models", "readers see what this program makes")
                : .warning(
                    "read models", "\(advice.count) not as this program makes them",
                    cure: advice.joined(separator: "; ")),
            flaws.isEmpty
                ? .ok("integrity", "head, read models and parked keys fit together")
                : .wrong(
                    "integrity", flaws.joined(separator: "; "),
                    cure: "restore what is missing from a backup, or rebuild it"),
        ]
    }
}
