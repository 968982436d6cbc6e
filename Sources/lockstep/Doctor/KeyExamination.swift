import EventModel
import EventSourcing
import PostgresEventStore

/// Looks at the master keys: whether they are configured, and whether they fit what is stored.
struct KeyExamination: Sendable {
    private static let check = "master key"

    let settings: SealingSettings

    func run(on store: PostgresEventStore) async throws -> Finding {
        let census = try await store.keyCensus()
        let count = census.live.values.reduce(0, +)
        guard let masterKeys = try settings.masterKeys() else { return Self.withoutKey(count) }
        let keyring = SubjectKeyring(store, masterKeys: masterKeys)
        for id in census.live.keys.sorted() {
            guard let sample = try await store.anyKey(wrappedBy: id) else { continue }
            do throws(KeyFlaw) { _ = try keyring.unwrap(sample) } catch {
                return .failed(Self.check, StoreError.keys(error))
            }
        }
        let current = masterKeys.current.id
        let old = count - (census.live[current] ?? 0)
        guard old == 0 else {
            return .warning(
                Self.check,
                "\(current) is current, and \(old) of \(Counted.of(count, "key")) \(old == 1 ? "is" : "are") wrapped by others",
                cure: "run `lockstep keys rotate`")
        }
        return .ok(Self.check, "\(current) fits \(Counted.of(count, "key")) of subjects")
    }

    private static func withoutKey(_ count: Int) -> Finding {
        let cure = "set LOCKSTEP_MASTER_KEY_FILE or LOCKSTEP_MASTER_KEY"
        guard count > 0 else {
            return .warning(
                check, "none is configured: events that hold personal data are refused",
                cure: "\(cure); `lockstep keys generate` makes one")
        }
        return .wrong(
            check,
            "none is configured, and \(Counted.of(count, "key")) of subjects \(count == 1 ? "needs" : "need") one",
            cure: cure)
    }
}
