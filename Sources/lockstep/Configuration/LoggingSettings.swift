import Logging

/// What a service says while it runs, on standard error.
struct LoggingSettings: Sendable {
    /// From which level on (`log.level`, `LOCKSTEP_LOG_LEVEL`).
    var level: Logger.Level

    /// - Parameter level: what counts when nobody chooses.
    init(_ source: SettingsSource, otherwise level: Logger.Level = .info) throws(Failure) {
        let name = source.text("log.level") ?? level.rawValue
        guard let level = Logger.Level(rawValue: name.lowercased()) else {
            let levels = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            throw SettingsSource.misfit("log.level", Table.printable(name), "one of \(levels)")
        }
        self.level = level
    }

    /// Installs the handler. Only mains do this, once.
    func bootstrap() {
        let level = level
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = level
            return handler
        }
    }
}
