import StandInDoor

extension Request {
    /// A request with what Sim looks for in its header.
    init(
        method: String, target: String, key: String?, runID: String? = nil, host: String = "localhost",
        body: [UInt8] = []
    ) {
        var fields = ["host": host]
        fields["x-api-key"] = key
        fields["x-run-id"] = runID
        self.init(method: method, target: target, fields: fields, body: body)
    }

    /// The caller's API key.
    var key: String? { fields["x-api-key"] }
    /// The run that the caller claims.
    var runID: String? { fields["x-run-id"] }
    /// Where the caller has found this stand-in.
    var host: String { fields["host"] ?? "localhost" }
}
