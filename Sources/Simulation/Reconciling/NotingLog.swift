import Logging

/// What a process says, in the trace of its world.
struct NotingLog: LogHandler {
    let process: SimulatedProcess
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.notice

    init(_ process: SimulatedProcess) { self.process = process }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let details = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        process.world.note("\(process.name): \(event.message) \(details.joined(separator: ", "))")
    }
}
