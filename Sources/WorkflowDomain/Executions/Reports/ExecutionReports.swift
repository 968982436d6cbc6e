import EventModel

/// Reads reports about executions from whatever form they come in.
///
/// The form is told by structure, not by what somebody claims it to be:
///
/// | form | told by |
/// |---|---|
/// | Sim's execution event | `type` and `executionId` |
/// | our neutral form, for any other engine | `type` and `execution` |
/// | pause points of a paused run | `executionId` and `pausePoints` |
/// | the executor's result with its block logs | `logs` and `success` |
/// | run resource, log with trace spans, answer of a synchronous call | `runId` or `executionId`, with `status` or `success` |
/// | an answer of Sim's API around one or many of these | `data` without `type` |
/// | several of these | an array |
///
/// Events `stream:*` answer nothing, by rule: Sim shows them while an answer is being written and does not keep them itself, and the
/// block's completion carries the whole.
public enum ExecutionReports {
    /// Reads one JSON text.
    ///
    /// - Parameters:
    ///   - bytes: at most ``ExecutionLimits/reportBytes``.
    ///   - observedAt: when a resource was looked at. It stands in only where the resource names no time for what it says, so whoever
    ///     polls a resource with it should hand an unchanged one in once.
    /// - Returns: at most ``ExecutionLimits/reports`` reports, in the order of the text.
    public static func read(_ bytes: [UInt8], observedAt: Timestamp? = nil) throws(ReportFlaw) -> [ExecutionReport] {
        guard bytes.count <= ExecutionLimits.reportBytes else {
            throw .tooLarge(bytes: bytes.count, limit: ExecutionLimits.reportBytes)
        }
        let limits = JSONLimits(bytes: ExecutionLimits.reportBytes, depth: JSONLimits.deepest)
        let value: JSONValue
        do throws(JSONFlaw) { value = try JSONValue(bytes, limits: limits) } catch { throw .json(error) }
        return try read(value, observedAt: observedAt)
    }

    /// Reads a value; see ``read(_:observedAt:)-([UInt8],_)``.
    public static func read(_ value: JSONValue, observedAt: Timestamp? = nil) throws(ReportFlaw) -> [ExecutionReport] {
        var reading = ReportReading(observedAt: observedAt)
        try reading.read(value, at: .root, isWrapped: false)
        return reading.reports
    }
}

/// Reports as they are gathered.
struct ReportReading {
    let observedAt: Timestamp?
    private(set) var reports: [ExecutionReport] = []

    init(observedAt: Timestamp?) { self.observedAt = observedAt }

    mutating func add(_ report: ExecutionReport, at path: JSONPath) throws(ReportFlaw) {
        guard reports.count < ExecutionLimits.reports else {
            throw .tooMany(path, count: reports.count + 1, limit: ExecutionLimits.reports)
        }
        reports.append(report)
    }

    mutating func read(_ value: JSONValue, at path: JSONPath, isWrapped: Bool) throws(ReportFlaw) {
        guard let elements = value.array else { return try readOne(value, at: path, isWrapped: isWrapped) }
        guard elements.count <= ExecutionLimits.reports else {
            throw .tooMany(path, count: elements.count, limit: ExecutionLimits.reports)
        }
        for (index, element) in elements.enumerated() {
            try readOne(element, at: path[index], isWrapped: isWrapped)
        }
    }

    private mutating func readOne(_ value: JSONValue, at path: JSONPath, isWrapped: Bool) throws(ReportFlaw) {
        let reader = try ReportReader(value, at: path)
        let object = reader.object
        func has(_ key: String) -> Bool { object[key].map { !$0.isNull } ?? false }
        let isSims = has("executionId") || has("runId")
        if has("type"), has("executionId") {
            try SimExecutionEvent.read(reader, into: &self)
        } else if has("type"), has("execution") {
            try NeutralReport.read(reader, into: &self)
        } else if has("data"), !has("type"), !isSims, !isWrapped, let data = object["data"] {
            try read(data, at: path["data"], isWrapped: true)
        } else if isSims, has("pausePoints") {
            try SimPausePoints.read(reader, into: &self)
        } else if has("logs"), has("success") {
            try SimExecutionResult.read(reader, into: &self)
        } else if isSims, has("status") || has("success") {
            try SimRun.read(reader, into: &self)
        } else {
            throw .unrecognised(path, found: object.keys)
        }
    }
}
