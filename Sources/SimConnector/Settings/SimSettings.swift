import EventSourcing
import FoundationEssentials
import HTTPDriver

/// Where a Sim server is, who we are to it, and how patient we are.
public struct SimSettings: Sendable {
    /// `https://host`, with a port and a path where there is one, without a slash at the end.
    public let baseURL: String
    /// What every request carries: the API key. Never printed.
    public let headers: [HTTPField]
    /// How long a request that only reads, starts or cancels may take.
    public var requestPatience: Duration
    /// How long an order may take that Sim answers when the workflow has gone on as far as it can.
    public var orderPatience: Duration
    /// How often a request that is safe to repeat is sent, the first time included; at least once.
    public var attempts: Int
    /// The waits between attempts.
    public var backoff: Backoff

    /// Settings; each value that is not given is that of ``SimLimits``.
    ///
    /// - Throws: ``SimSettingsFlaw``, which never repeats the key.
    public init(
        baseURL: String, apiKey: String, requestPatience: Duration = SimLimits.requestPatience,
        orderPatience: Duration = SimLimits.orderPatience, attempts: Int = SimLimits.attempts,
        backoff: Backoff = Backoff(base: SimLimits.firstWait, cap: SimLimits.longestWait)
    ) throws(SimSettingsFlaw) {
        guard let url = URL(string: baseURL), let scheme = url.scheme, ["http", "https"].contains(scheme),
            let host = url.host(), !host.isEmpty, url.user() == nil, url.query() == nil, url.fragment() == nil
        else { throw .badURL }
        guard !apiKey.isEmpty, apiKey.utf8.count <= SimLimits.keyBytes, let key = HTTPField("X-API-Key", apiKey) else {
            throw .badKey(limit: SimLimits.keyBytes)
        }
        self.baseURL = baseURL.hasSuffix("/") ? String(baseURL.dropLast()) : baseURL
        headers = [key]
        self.requestPatience = requestPatience
        self.orderPatience = orderPatience
        self.attempts = max(1, attempts)
        self.backoff = backoff
    }
}

extension SimSettings: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The URL; the key is hidden.
    public var description: String { "Sim at \(baseURL)" }
    /// The URL; the key is hidden.
    public var debugDescription: String { description }
    /// The URL; the key is hidden.
    public var customMirror: Mirror { Mirror(self, children: ["baseURL": baseURL]) }
}

/// Why settings cannot be used.
public enum SimSettingsFlaw: Error, Sendable, Hashable, CustomStringConvertible {
    /// The URL is none that can be asked. It is not repeated: it may hold a password.
    case badURL
    /// The API key is empty, longer than `limit` bytes, or not visible ASCII on one line.
    case badKey(limit: Int)

    /// One sentence and what to do.
    public var description: String {
        switch self {
        case .badURL:
            "Sim's URL must be http:// or https:// with a host, without user, password, query or fragment; for instance https://www.sim.ai"
        case .badKey(let limit):
            "Sim's API key must be 1 to \(limit) visible ASCII characters on one line; make one in Sim under Settings, API Keys"
        }
    }
}
