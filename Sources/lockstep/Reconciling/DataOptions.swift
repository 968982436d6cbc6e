import ArgumentParser
import EventSourcing

/// Whether data is shown that the two sides hold.
struct DataOptions: ParsableArguments {
    @Flag(
        name: .long,
        help:
            "Show also the data that the sides hold, which may be personal; needs the master key. Otherwise it is only said of which kind they are."
    )
    var plain = false

    /// - Throws: ``Failure`` with status 3 when data is wanted and there is no master key.
    func disclosure(_ settings: DatabaseSettings) throws(Failure) -> Disclosure {
        guard plain else { return .words }
        guard settings.sealing.hasMasterKey else { throw Failure(StoreError.keys(.noMasterKey)) }
        return .everything
    }

    /// What people are told where data was left out.
    static func note(_ style: Style) -> String {
        style.faint("Data is hidden; --plain shows it to whoever has the master key.")
    }
}
