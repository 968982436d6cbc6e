import EventSourcing
import PostgresDriver
import PostgresEventStore

/// Where the log is.
struct DatabaseSettings: Sendable {
    /// A libpq URL or `key=value` string (`database.url`, `LOCKSTEP_DATABASE_URL`, `--database`).
    var url: String
    /// Connections of one process at most (`database.connections`), the writer's and the listener's own not counted.
    var connections: Int
    /// Whether statements are prepared and kept (`database.prepared`); `false` behind a pooler in transaction mode.
    var preparesStatements: Bool
    /// How personal data in it is sealed.
    var sealing: SealingSettings
    /// How long a verb that was killed blocks the next one that works under the same lease (`serve.lease.seconds`).
    var leaseTiming: LeaseTiming
    /// Lanes that the log is divided into (`topic.partitions`).
    var lanes: Int

    static let connectionRange = 2...200
    static let defaultConnections = 8

    /// - Throws: ``Failure`` with status 3 when no database is named.
    init(_ source: SettingsSource, url: String?) throws(Failure) {
        guard let url = url ?? source.text("database.url", isSecret: true) else {
            throw Failure(
                .environment, "no database is named",
                hint:
                    "give --database or set LOCKSTEP_DATABASE_URL, for instance postgres://user:password@127.0.0.1/lockstep"
            )
        }
        self.url = url
        sealing = try SealingSettings(source)
        leaseTiming = LeaseTiming(seconds: try ServeSettings.leaseSeconds(source))
        lanes = try KafkaSettings.lanes(source)
        connections = try source.number("database.connections", in: Self.connectionRange) ?? Self.defaultConnections
        switch source.text("database.prepared") ?? "true" {
        case "true": preparesStatements = true
        case "false": preparesStatements = false
        case let other: throw SettingsSource.misfit("database.prepared", other, "true or false")
        }
    }

    /// Every statement of ours is over in milliseconds, or reads one page of many. Where the server overestimates what one costs, as it does for joins
    /// of tables that it knows nothing of yet, it would compile it first, which takes it seconds, in every session anew.
    private static let withoutCompiling = (name: "jit", value: "off")

    /// The driver's form; what every connection of this program is opened with.
    func postgres() throws(Failure) -> PostgresConfiguration {
        do throws(PostgresError) {
            var configuration = try PostgresConfiguration(url)
            configuration.preparesStatements = preparesStatements
            configuration.settings.append(Self.withoutCompiling)
            return configuration
        } catch {
            throw Failure(error)
        }
    }

    /// Whoever gives a connection more time than usual to come about, by `connect_timeout`, waits that long for one of the pool as well.
    var poolLimits: PoolLimits {
        var limits = PoolLimits(maxConnections: connections)
        if let patience = try? PostgresConfiguration(url).connectTimeout,
            patience > PostgresConfiguration.defaultConnectTimeout
        {
            limits.waitLimit = patience
        }
        return limits
    }
}
