import ArgumentParser
import EventModel
import EventSourcing
import PostgresEventStore

/// Whether personal data is shown.
struct PersonalDataOptions: ParsableArguments {
    @Flag(
        name: .long,
        help:
            "Show personal data as it was written; needs the master key. Otherwise it is shown sealed, as it is stored."
    )
    var plain = false

    /// The log as this reader may see it.
    ///
    /// - Throws: ``Failure`` with status 3 when plain values are wanted and there is no master key.
    func log(_ store: PostgresEventStore, _ settings: SealingSettings) throws(Failure) -> SealedLog {
        guard plain else {
            return SealedLog(
                store, marks: PersonalMarks([]), keys: SubjectKeyring(store, masterKeys: nil), reading: .sealed)
        }
        guard settings.hasMasterKey else { throw Failure(StoreError.keys(.noMasterKey)) }
        return try SealedLog(store, settings, reading: .plain)
    }
}
