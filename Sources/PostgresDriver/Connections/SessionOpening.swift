import CLibPQ

/// Opening a session: the part that blocks, run on the connection's own thread.
enum SessionOpening {
    private static let sliceMilliseconds: Int32 = 50

    /// Tries the hosts in order until one lets us in.
    ///
    /// - Parameter isAbandoned: asked now and then; when true nobody waits for the outcome any more.
    static func open(
        _ configuration: PostgresConfiguration, isAbandoned: () -> Bool
    ) throws(PostgresError) -> Session {
        var failure: PostgresError?
        for endpoint in configuration.endpoints {
            do throws(PostgresError) {
                return try open(configuration, endpoint, isAbandoned: isAbandoned)
            } catch {
                guard error.kind == .connectionFailed else { throw error }
                // A host that answered with a reason tells more than one that did not answer.
                if failure?.sqlState == nil || error.sqlState != nil { failure = error }
            }
        }
        throw failure ?? PostgresError(.invalidConfiguration, "no host to connect to")
    }

    private static func open(
        _ configuration: PostgresConfiguration, _ endpoint: Endpoint, isAbandoned: () -> Bool
    ) throws(PostgresError) -> Session {
        let options = configuration.connectOptions(for: endpoint)
        guard let handle = CStringTable.withTable(of: options, { PQconnectStartParams($0, $1, 0) }) else {
            throw PostgresError(.connectionFailed, "out of memory")
        }
        var isOpen = false
        defer { if !isOpen { PQfinish(handle) } }
        PQsetNoticeReceiver(handle, { _, _ in }, nil)
        // Verbose texts carry the SQLSTATE of a refusal, which libpq offers nowhere else.
        PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
        try poll(handle, configuration, isAbandoned: isAbandoned)
        PQsetErrorVerbosity(handle, PQERRORS_DEFAULT)
        isOpen = true
        let session = Session(adopting: handle, configuration: configuration)
        try session.setUp()
        return session
    }

    private static func poll(
        _ handle: OpaquePointer, _ configuration: PostgresConfiguration, isAbandoned: () -> Bool
    ) throws(PostgresError) {
        let deadline = ContinuousClock.now + configuration.connectTimeout
        var wish = PGRES_POLLING_WRITING
        if PQstatus(handle) == CONNECTION_BAD { wish = PGRES_POLLING_FAILED }
        while wish != PGRES_POLLING_OK {
            guard wish != PGRES_POLLING_FAILED else { throw refusal(handle, configuration) }
            guard !isAbandoned() else { throw PostgresError(.cancelled, "the task was cancelled while connecting") }
            guard ContinuousClock.now < deadline else {
                throw PostgresError(.connectionFailed, "no connection within \(configuration.connectTimeout)")
            }
            let isReady = SocketWait.wait(
                PQsocket(handle), forWriting: wish == PGRES_POLLING_WRITING, milliseconds: sliceMilliseconds
            )
            if isReady { wish = PQconnectPoll(handle) }
        }
    }

    private static func refusal(_ handle: OpaquePointer, _ configuration: PostgresConfiguration) -> PostgresError {
        let refusal = VerboseRefusal(configuration.redacting(trimmed(PQerrorMessage(handle))))
        let report = refusal.sqlState.map { ServerReport(sqlState: $0) }
        return PostgresError(.connectionFailed, refusal.message, report: report)
    }
}

extension Session {
    /// Insists on UTF-8 and sets what the configuration asks for.
    fileprivate func setUp() throws(PostgresError) {
        guard let encoding = parameterStatus("server_encoding"), encoding == "UTF8" else {
            throw PostgresError(.invalidConfiguration, "the database must be encoded in UTF8")
        }
        _ = gate.begin()
        defer { _ = gate.end() }
        for (name, value) in configuration.sessionSettings {
            var parameters = PostgresParameters()
            parameters.append(name)
            parameters.append(value)
            _ = try runUnnamed("SELECT set_config($1, $2, false)", parameters)
        }
    }
}

/// Keywords and values as the null-terminated tables that libpq takes.
enum CStringTable {
    typealias Table = UnsafePointer<UnsafePointer<CChar>?>

    static func withTable<R>(of options: [String: String], _ body: (Table?, Table?) -> R) -> R {
        let pairs = options.map { (ContiguousArray($0.key.utf8CString), ContiguousArray($0.value.utf8CString)) }
        return withPointers(pairs.map(\.0)) { keys in withPointers(pairs.map(\.1)) { values in body(keys, values) } }
    }

    private static func withPointers<R>(_ strings: [ContiguousArray<CChar>], _ body: (Table?) -> R) -> R {
        let total = strings.reduce(0) { $0 + $1.count }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: max(1, total)) { text in
            withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: strings.count + 1) { table in
                var offset = 0
                for (index, string) in strings.enumerated() {
                    let end = text[offset...].initialize(fromContentsOf: string)
                    table.initializeElement(at: index, to: text.baseAddress.map { UnsafePointer($0 + offset) })
                    offset = end
                }
                table.initializeElement(at: strings.count, to: nil)
                return body(table.baseAddress.map { UnsafePointer($0) })
            }
        }
    }
}
