import CLibPQ

/// Reads libpq's two forms of connection string without ever repeating them.
///
/// libpq's own complaints quote the part that they could not read, and in a string whose password holds an unescaped
/// `@`, `/` or blank that part is a piece of the password. So its texts are not used, and strings that libpq would
/// split in the wrong place are refused.
enum ConnectionString {
    /// The keywords and values that `string` sets.
    static func parse(_ string: String) throws(PostgresError) -> [String: String] {
        guard !string.utf8.contains(0) else { throw invalid("the connection string holds a zero byte") }
        try refuseMisplacedAt(string)
        let options = try libpqOptions(string)
        try refuseMisreadParts(options)
        return options
    }

    private static func libpqOptions(_ string: String) throws(PostgresError) -> [String: String] {
        var complaint: UnsafeMutablePointer<CChar>?
        defer { PQfreemem(complaint) }
        guard let first = PQconninfoParse(string, &complaint) else {
            throw invalid("the connection string is neither a valid libpq URL nor valid key=value pairs")
        }
        defer { PQconninfoFree(first) }
        var options: [String: String] = [:]
        var next = first
        while let keyword = next.pointee.keyword {
            if let value = next.pointee.val { options[String(cString: keyword)] = String(cString: value) }
            next += 1
        }
        return options
    }

    /// In `postgres://user:p@ss@host/db` libpq takes `ss@host` for the host.
    private static func refuseMisplacedAt(_ string: String) throws(PostgresError) {
        guard let scheme = ["postgres://", "postgresql://"].first(where: string.hasPrefix) else { return }
        var rest = string.dropFirst(scheme.count)
        if let end = rest.firstIndex(where: { $0 == "@" || $0 == "/" }), rest[end] == "@" {
            rest = rest[rest.index(after: end)...]
        }
        guard !rest.prefix(while: { $0 != "?" }).contains("@") else {
            throw invalid("a second '@' in the connection URL: write '@' as %40 and '/' as %2F in names and passwords")
        }
    }

    private static func refuseMisreadParts(_ options: [String: String]) throws(PostgresError) {
        for key in ["host", "hostaddr"] {
            if let value = options[key], value.contains("@") || value.contains("://") {
                throw invalid("\(key) is not a host name: special characters of a URL must be percent-encoded")
            }
        }
        for port in (options["port"] ?? "").split(separator: ",") {
            guard let number = Int(port), (1...65_535).contains(number) else {
                throw invalid("port is not a number from 1 to 65535")
            }
        }
        if let name = options["dbname"], name.contains("://") || name.contains("password=") {
            throw invalid("dbname must be a name, not a connection string")
        }
    }

    private static func invalid(_ message: String) -> PostgresError {
        PostgresError(.invalidConfiguration, message)
    }
}
