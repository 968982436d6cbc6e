import EventSourcing
import PostgresDriver
import PostgresEventStore

/// Examines everything that can be reached, in the order in which things depend on each other.
struct Consultation: Sendable {
    let database: DatabaseSettings
    let kafka: KafkaSettings?
    /// Seconds without progress, while there is work, after which a consumer counts as stalled.
    let patience: Double
    let parlant: ParlantServerSettings?

    func run() async -> [Finding] {
        let findings = await examineLogAndCopy()
        guard let parlant else { return findings }
        let hasLog = findings.contains { $0.check == "schema" && $0.verdict == .ok }
        return findings + (await ParlantExamination(settings: parlant, database: hasLog ? database : nil).run())
    }

    private func examineLogAndCopy() async -> [Finding] {
        let (databaseFindings, hasLog) = await examineDatabase()
        guard let kafka else {
            return databaseFindings + (hasLog ? await examineIngest(nil) : []) + [
                .warning("broker", "none is named, so it was not examined", cure: "give --kafka or set LOCKSTEP_KAFKA")
            ]
        }
        let (brokerFindings, exists) = await BrokerExamination(settings: kafka).run()
        var findings = databaseFindings + brokerFindings
        if hasLog, let exists { findings.append(await compare(kafka, exists: exists)) }
        // Without a broker that answers, what the database knows must do.
        if hasLog { findings += await examineIngest(exists == nil ? nil : kafka) }
        return findings
    }

    private func examineIngest(_ kafka: KafkaSettings?) async -> [Finding] {
        do {
            let examination = IngestExamination(patience: patience)
            return try await OpenLog.connection(database) { try await examination.run(on: $0, kafka) }
        } catch {
            return [.failed(IngestExamination.check, error)]
        }
    }

    private func examineDatabase() async -> ([Finding], hasLog: Bool) {
        var findings: [Finding] = []
        do {
            let hasLog = try await OpenLog.connection(database) { connection in
                findings.append(.ok("database", try database.postgres().description))
                findings += try await ServerExamination(time: SystemTimekeeper()).run(on: connection)
                let (schema, isReady) = LogExamination.schema(try await Migrator(try database.postgres()).status())
                findings.append(schema)
                if isReady { findings += await examineLog(on: connection) }
                return isReady
            }
            return (findings, hasLog)
        } catch {
            return (findings + [.failed("database", error)], false)
        }
    }

    /// One failing examination must not hide the others.
    private func examineLog(on connection: PostgresConnection) async -> [Finding] {
        var findings: [Finding] = []
        do { findings.append(try await LogExamination.rights(on: connection)) } catch {
            findings.append(.failed("rights", error))
        }
        do { findings.append(try await LogExamination.triggers(on: connection)) } catch {
            findings.append(.failed("immutability", error))
        }
        do {
            findings.append(LogExamination.history(try await LogHistory.read(on: connection)))
        } catch {
            findings.append(.failed("history", error))
        }
        do {
            findings.append(
                try await OpenLog.forReading(database) { store in
                    try await KeyExamination(settings: database.sealing).run(on: store)
                })
        } catch {
            findings.append(.failed("master key", error))
        }
        do {
            findings += try await LogExamination.checkpoints(on: connection)
        } catch {
            findings.append(.failed("checkpoints", error))
        }
        do { findings.append(try await ParkingExamination.run(on: connection)) } catch {
            findings.append(.failed(ParkingExamination.check, error))
        }
        do { findings.append(try await SnapshotExamination.run(on: connection)) } catch {
            findings.append(.failed(SnapshotExamination.check, error))
        }
        do { findings += try await ReadModelExamination.run(on: connection) } catch {
            findings.append(.failed("read models", error))
        }
        return findings
    }

    private func compare(_ kafka: KafkaSettings, exists: Bool) async -> Finding {
        do {
            return try await OpenLog.forReading(database) { store in
                try await TailComparison.read(store, kafka, exists: exists).finding
            }
        } catch {
            return .failed("copy in Kafka", error)
        }
    }
}
