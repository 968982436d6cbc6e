import EventModel
import EventSourcing
import FoundationEssentials
import KafkaPublishing
import PostgresDriver
import PostgresEventStore
import PostgresReadModels
import ReadModels
import Replaying

/// Runs one replay to whichever target.
struct ReplayVerb: Sendable {
    let settings: ReplaySettings
    let isResuming: Bool
    let isForPrograms: Bool

    func toOutput(_ log: some ReadableLog) async throws -> ReplayAnswer {
        try await replay(log, to: OutputReplay(), .stdout, name: nil)
    }

    func toFile(_ path: String, _ log: some ReadableLog) async throws -> ReplayAnswer {
        try await replay(log, to: FileReplay(path), .file, name: path)
    }

    func toTopic(_ name: ReplayTopicName, _ kafka: KafkaSettings, _ log: some ReadableLog) async throws -> ReplayAnswer
    {
        let topic = KafkaRecordTopic(
            name.text, configuration: kafka.kafka, settings: TopicSettings(replicationFactor: kafka.replication))
        let target = try TopicReplay(
            topic, named: name, lanes: kafka.partitions, incarnation: try await log.head().incarnation)
        var answer = try await replay(log, to: target, .kafka, name: name.text)
        answer.recognised = await target.recognised
        return answer
    }

    func toView(
        _ name: ScratchName, of projection: any Projection, replacing: Bool, _ database: DatabaseSettings,
        _ log: some ReadableLog
    ) async throws -> ReplayAnswer {
        let pool = PostgresPool(configuration: try database.postgres(), limits: PoolLimits(maxConnections: 2))
        let outcome: Result<ReplayAnswer, any Error>
        do {
            let target = ScratchView(
                name, of: projection, skipping: try await log.skippedEvents(of: projection.name),
                existing: replacing ? .replaced : .refused, incarnation: try await log.head().incarnation, run: UUID(),
                in: pool)
            outcome = .success(try await replay(log, to: target, .view, name: "\(ScratchName.schema).\(name.text)"))
        } catch {
            outcome = .failure(error)
        }
        await pool.shutdown()
        return try outcome.get()
    }

    private func replay(
        _ log: some ReadableLog, to target: some ReplayTarget, _ place: ReplayPlace, name: String?
    ) async throws -> ReplayAnswer {
        let time = SystemTimekeeper()
        let isInTheWay = place == .stdout && StandardOutput.shared.isTerminal
        let display = ProgressDisplay("replaying", isShown: !isForPrograms && !isInTheWay)
        let replayer = Replayer(
            log, to: target, named: name ?? "standard output", settings, time: time,
            observe: { display.show($0.position.rawValue, of: $0.through.rawValue) },
            note: { wait, event in
                display.clear()
                StandardError.write(Self.sentence(wait, before: event.position))
            })
        defer { display.clear() }
        let progress: ReplayProgress
        do throws(ReplayFault) {
            progress = try await replayer.run(resuming: isResuming)
        } catch {
            if error == .readerGone { throw BrokenPipe() }
            throw error
        }
        return ReplayAnswer(
            place: place, name: name, progress: progress, recognised: 0, seconds: time.steady() / .seconds(1))
    }

    private static func sentence(_ wait: ReplayPace.Wait, before position: GlobalPosition) -> String {
        let gap = (wait.shortenedFrom ?? wait.duration).components.seconds
        return
            "note: the wait of \(gap) s before position \(position) is shortened to \(wait.duration.components.seconds) s (--max-wait)"
    }
}
