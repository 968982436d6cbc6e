import CLibPQ

/// The fields of an error response, copied out before libpq frees them.
struct ServerReport: Sendable {
    var sqlState: SQLState
    var severity: String?
    var detail: String?
    var hint: String?
    var context: String?
    var table: String?
    var column: String?
    var constraint: String?
}

extension ServerReport {
    /// Reads the error that `result` carries; nil when it was made by libpq itself and has no code.
    init?(result: OpaquePointer) {
        func field(_ code: Int32) -> String? {
            PQresultErrorField(result, code).map { String(cString: $0) }
        }
        guard let code = field(LibPQFieldSQLState) else { return nil }
        self.init(
            sqlState: SQLState(rawValue: code), severity: field(LibPQFieldSeverity), detail: field(LibPQFieldDetail),
            hint: field(LibPQFieldHint), context: field(LibPQFieldContext), table: field(LibPQFieldTable),
            column: field(LibPQFieldColumn), constraint: field(LibPQFieldConstraint)
        )
    }
}

extension PostgresError {
    /// The server's refusal in `result`, or libpq's own complaint.
    init(result: OpaquePointer) {
        guard let report = ServerReport(result: result) else {
            self.init(.invalidUse, trimmed(PQresultErrorMessage(result)))
            return
        }
        let message = PQresultErrorField(result, LibPQFieldMessage).map { String(cString: $0) } ?? ""
        self.init(.server(report.sqlState), message, report: report)
    }
}

/// A message of libpq without the line break that it ends with.
func trimmed(_ message: UnsafePointer<CChar>?) -> String {
    guard let message else { return "" }
    var text = String(cString: message)
    while text.last?.isNewline == true { text.removeLast() }
    return text
}
