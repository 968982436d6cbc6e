import ArgumentParser
import EventModel
import EventSourcing
import PostgresDriver
import PostgresReadModels
import ReadModels

/// The options that make a verb wait for read models.
struct WaitOptions: ParsableArguments {
    /// The longest wait, in seconds.
    private static let timeoutRange = 1...86_400

    @Option(
        name: .long, parsing: .unconditional,
        help: ArgumentHelp("Wait until read models show everything up to here.", valueName: "position"))
    var waitFor: Int64?
    @Option(
        name: .long, parsing: .singleValue,
        help: ArgumentHelp("Wait for this read model only; may be repeated.", valueName: "name"))
    var projection: [String] = []
    @Option(name: .long, help: ArgumentHelp("How long to wait.", valueName: "seconds"))
    var timeout = 30

    func validate() throws {
        guard Self.timeoutRange.contains(timeout) else {
            throw ValidationError("--timeout is \(timeout) and must be 1 to \(Self.timeoutRange.upperBound).")
        }
        if let waitFor, waitFor < 0 { throw ValidationError("--wait-for is \(waitFor) and must be 0 or more.") }
        if waitFor == nil, !projection.isEmpty {
            throw ValidationError("--projection says for what --wait-for waits; give both.")
        }
    }

    /// Waits for what readers see, if it was asked for.
    ///
    /// - Parameter read: the read models that the verb goes by, for which it waits where none is named; empty for all.
    /// - Returns: why it was in vain; `nil` when everything is there.
    func wait(_ settings: DatabaseSettings, for read: [String] = []) async throws -> Failure? {
        guard let waitFor else { return nil }
        // Only the names are asked for.
        let names =
            try projection.isEmpty
            ? read
            : projection.map { (name) throws(Failure) in
                try RebuildVerb.projection(named: name, lanes: Lane.defaultCount).name
            }
        let pool = PostgresPool(configuration: try settings.postgres(), limits: settings.poolLimits)
        let result: Result<Failure?, any Error>
        do {
            result = .success(
                try await Interruption.cancels {
                    try await wait(GlobalPosition(waitFor), names, PostgresProjectionStore(pool: pool))
                })
        } catch {
            result = .failure(error)
        }
        await pool.shutdown()
        return try result.get()
    }

    private func wait(
        _ position: GlobalPosition, _ names: [String], _ store: PostgresProjectionStore
    ) async throws -> Failure? {
        let time = SystemTimekeeper()
        let deadline = time.steady() + .seconds(timeout)
        for generation in try await store.generations() where generation.state == .active {
            guard names.isEmpty || names.contains(generation.projection) else { continue }
            let answer = try await store.wait(
                for: ConsumerProgress.Key.all(of: generation), through: position,
                atMost: max(.zero, deadline - time.steady()), time: time)
            switch answer {
            case .reached: continue
            case .stopped(let at, let reason):
                return Failure(
                    .no,
                    "\(generation.projection) stands still at position \(at) and does not come to \(position): \(reason)",
                    hint: "see `lockstep projections status`")
            case .timedOut(let at):
                return Failure(
                    .no,
                    "\(generation.projection) is at position \(at) and has not come to \(position) in \(timeout) s",
                    hint: "wait longer with --timeout, or see whether `lockstep serve --roles projector` runs")
            }
        }
        return nil
    }
}
