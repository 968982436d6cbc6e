import SimConnector

/// Where the Sim server is whose runs are resumed and cancelled. There is one when it is named.
struct SimServerSettings: Sendable {
    /// As the connector takes them (`sim.url`, `LOCKSTEP_SIM_URL`; `sim.api.key`, `LOCKSTEP_SIM_API_KEY`, a secret).
    let connection: SimSettings

    /// The settings when somebody names a server.
    ///
    /// - Throws: ``Failure`` with status 2 when the URL is none, or there is no key that can be sent.
    static func ifNamed(_ source: SettingsSource) throws(Failure) -> SimServerSettings? {
        guard let url = source.text("sim.url") else { return nil }
        do throws(SimSettingsFlaw) {
            // Whoever carries effects out tries again by himself, after it was looked for.
            return SimServerSettings(
                connection: try SimSettings(
                    baseURL: url, apiKey: source.text("sim.api.key", isSecret: true) ?? "", attempts: 1))
        } catch {
            throw Failure(
                .usage, describing: "\(error)",
                otherwise: "see LOCKSTEP_SIM_URL and LOCKSTEP_SIM_API_KEY in `lockstep serve --print-config`")
        }
    }
}
