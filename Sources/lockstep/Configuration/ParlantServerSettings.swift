import FoundationEssentials
import HTTPDriver
import Ingest
import ParlantConnector

/// Where the Parlant server is, and how it is followed. There is one when it is named.
struct ParlantServerSettings: Sendable {
    /// `http://host:port`, with a path where it is behind a proxy (`parlant.url`, `LOCKSTEP_PARLANT_URL`, `--parlant`).
    var url: String
    /// The value of the header `Authorization`, where the server's policy asks for one (`parlant.authorization`); a secret.
    var authorization: String?
    /// Milliseconds between two looks at what has changed, at least (`parlant.poll.milliseconds`).
    var pollMilliseconds: Int
    /// Under which name bookmarks, the lease and pushes are kept: host, port and path of the URL.
    let name: String

    static let pollRange = 50...60_000
    static let defaultPoll = 500
    /// The longest name, in bytes: it is the actor of what is recorded.
    static let longestName = 180

    /// - Throws: ``Failure`` with status 3 when no server is named, 2 when the URL is none.
    init(_ source: SettingsSource, url: String?) throws(Failure) {
        guard let url = url ?? source.text("parlant.url") else {
            throw Failure(
                .environment, "no Parlant server is named",
                hint: "give --parlant or set LOCKSTEP_PARLANT_URL, for instance http://127.0.0.1:8800")
        }
        self.url = url
        name = "parlant:\(try Self.place(url))"
        authorization = source.text("parlant.authorization", isSecret: true)
        pollMilliseconds = try source.number("parlant.poll.milliseconds", in: Self.pollRange) ?? Self.defaultPoll
    }

    /// The settings when somebody names a server.
    static func ifNamed(_ source: SettingsSource, url: String? = nil) throws(Failure) -> ParlantServerSettings? {
        guard url ?? source.text("parlant.url") != nil else { return nil }
        return try ParlantServerSettings(source, url: url)
    }

    var limits: FollowingLimits { FollowingLimits(surveyPause: .milliseconds(pollMilliseconds)) }

    /// A server that does not answer is asked again by whoever follows, not by the connector.
    static let patience = ParlantSettings(attempts: 1)

    /// Runs `body` with a connector to the server.
    func connected<Result>(
        _ settings: ParlantSettings = ParlantSettings(), _ body: (ParlantConnector) async throws -> Result
    ) async throws -> Result {
        try await ClientExchange.connected(to: url, headers: try headers) { exchange in
            try await body(ParlantConnector(exchange: exchange, settings: settings))
        }
    }

    private var headers: [HTTPField] {
        get throws(Failure) {
            guard let authorization else { return [] }
            guard let field = HTTPField("Authorization", authorization) else {
                throw SettingsSource.misfit("parlant.authorization", "…", "visible ASCII on one line")
            }
            return [field]
        }
    }

    /// Host, port and path, without what may be a secret.
    private static func place(_ url: String) throws(Failure) -> String {
        guard let parsed = URL(string: url), let scheme = parsed.scheme, ["http", "https"].contains(scheme),
            let host = parsed.host(), !host.isEmpty, parsed.user() == nil, parsed.query() == nil
        else {
            throw SettingsSource.misfit(
                "parlant.url", "…", "http:// or https://, a host and a port, without user, password or query")
        }
        var place = host + (parsed.port.map { ":\($0)" } ?? "") + parsed.path()
        while place.hasSuffix("/") { place.removeLast() }
        guard place.utf8.count <= longestName else {
            throw SettingsSource.misfit("parlant.url", "…", "at most \(longestName) bytes long")
        }
        return place
    }
}
