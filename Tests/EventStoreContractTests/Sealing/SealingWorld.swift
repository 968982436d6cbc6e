import EventModel
import EventSourcing
import EventSourcingTesting
import Foundation
import PostgresDriver
import PostgresEventStore
import Testing

/// A log, the keys beside it, and what is needed to seal.
struct SealingWorld: Sendable {
    /// The log below, which holds what is stored.
    let log: StoreUnderTest
    let keys: any SubjectKeyStore
    /// Where both are, when they are in PostgreSQL.
    var configuration: PostgresConfiguration?

    static let first = "first:" + Data(repeating: 1, count: 32).base64EncodedString()
    static let second = "second:" + Data(repeating: 2, count: 32).base64EncodedString()

    /// What the tests' events hold of persons.
    static let marks: PersonalMarks = {
        let spellings = [
            "note.written@1:/text=/subject", "note.written@1:/lines/[*]=/subject", "note.signed@1:/name=/subject",
            "note.signed@1:/witness=/other", "account.opened@1:/n=$key",
        ]
        return PersonalMarks(spellings.compactMap(PersonalMark.init(spelling:)))
    }()

    /// Over an empty log of its own.
    static func with(_ isPostgres: Bool, _ body: @escaping @Sendable (SealingWorld) async throws -> Void) async throws {
        guard isPostgres else {
            return try await body(
                SealingWorld(log: StoreUnderTest(InMemoryEventStore()), keys: InMemorySubjectKeys()))
        }
        try await StoreKind.withDatabase { store, configuration in
            // Keys through connections of their own, as another process has them.
            let keys = PostgresEventStore(
                configuration, poolLimits: PoolLimits(maxConnections: 4, waitLimit: .seconds(600)))
            let outcome: Result<Void, any Error>
            do {
                outcome = .success(
                    try await body(SealingWorld(log: store, keys: keys, configuration: configuration)))
            } catch {
                outcome = .failure(error)
            }
            await keys.close()
            try outcome.get()
        }
    }

    /// A sealing store of its own, as another process has it: nothing remembered.
    func sealing(
        _ right: ReadingRight = .plain, masterKeys: [String] = [first], time: any Timekeeper = SystemTimekeeper()
    ) throws -> SealingEventStore<StoreUnderTest> {
        SealingEventStore(log, marks: Self.marks, keys: try keyring(masterKeys: masterKeys, time: time), reading: right)
    }

    func keyring(
        masterKeys: [String] = [first], limits: KeyringLimits = KeyringLimits(),
        time: any Timekeeper = SystemTimekeeper()
    ) throws -> SubjectKeyring {
        SubjectKeyring(
            keys, masterKeys: masterKeys.isEmpty ? nil : try MasterKeys(spellings: masterKeys), limits: limits,
            time: time)
    }

    func eraser() -> SubjectEraser<StoreUnderTest> { SubjectEraser(log, keys: keys, workspace: .default) }

    /// What the log holds, as text.
    func stored() async throws -> [String] { try await log.readAll(EventQuery()).map(\.dataText) }
}

extension SealingWorld {
    static func note(
        _ text: String, of subject: String = "customer:7", id: UUID = UUID(), lines: [JSONValue] = []
    ) -> EventDraft {
        let data: JSONValue = ["subject": .string(subject), "text": .string(text), "lines": .array(lines), "n": 1]
        var draft = EventDraft.draft("note.written", id: id)
        draft.data = data.canonicalBytes()
        return draft
    }
}

/// In memory always, in PostgreSQL where there is one: `true`.
enum SealingStores {
    static var available: [Bool] { StoreKind.available.contains(.postgres) ? [false, true] : [false] }
}
