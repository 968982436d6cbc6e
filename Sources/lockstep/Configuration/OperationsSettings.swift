import Operations

/// Whether and where a serving process answers how it does.
struct OperationsSettings: Sendable {
    /// `operations.listen`, `LOCKSTEP_OPERATIONS_LISTEN`: `host:port`, or `off`, which is the default, so that any number of processes may serve on one machine. `nil`
    /// for off.
    let listen: ListenAddress?

    /// What says that nobody is answered.
    static let off = "off"

    /// - Throws: ``Failure`` with status 2 when it is neither.
    init(_ source: SettingsSource) throws(Failure) {
        let text = source.text("operations.listen") ?? Self.off
        guard text != Self.off else {
            listen = nil
            return
        }
        guard let address = ListenAddress(text) else {
            throw SettingsSource.misfit(
                "operations.listen", Table.printable(text, cutAt: 80), "host:port, for instance 127.0.0.1:9464, or off")
        }
        listen = address
    }
}
