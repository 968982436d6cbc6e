import EventModel
import HTTPDriver

/// Reads answers that are no success. Our module answers `{"error": code, …}`; Parlant `{"detail": …}`, or plain text when it has failed.
enum Refusals {
    static func error(_ answer: HTTPAnswer, about subject: ParlantSubject) -> ParlantError {
        let value: JSONValue?
        do throws(ParlantError) { value = try Requester.value(answer) } catch { value = nil }
        if let value, let code = value["error"]?.string { return ours(code, value, answer.status, about: subject) }
        return switch answer.status {
        case 404 where value?["detail"]?.string == "Not Found": .moduleMissing
        case 404: .notFound(subject)
        case 429, 502, 503: .unavailable(reason: "status \(answer.status)")
        default: .refused(status: answer.status, detail: detail(value))
        }
    }

    private static func ours(
        _ code: String, _ value: JSONValue, _ status: Int, about subject: ParlantSubject
    ) -> ParlantError {
        switch code {
        case "not_found": .notFound(found(value) ?? subject)
        case "conflict":
            version(value).map { .conflict(version: $0) } ?? .malformed(what: "a conflict without a version")
        case "exists": version(value).map { .exists(version: $0) } ?? .malformed(what: "a conflict without a version")
        case "moved_on": SessionPlace(value).map { .movedOn($0) } ?? .malformed(what: "a conflict without a place")
        case "turn_in_progress": .turnInProgress
        case "bound": .bound(execution: value["execution"]?.string ?? "")
        case "invalid": .invalid(problems(value))
        case "too_large": .tooLarge(limit: value["limit"]?.int ?? ParlantLimits.requestBytes)
        case "rate_limited": .unavailable(reason: "too many requests")
        default: .refused(status: status, detail: detail(value))
        }
    }

    private static func found(_ value: JSONValue) -> ParlantSubject? {
        guard let kind = value["kind"]?.string, let id = value["id"]?.string else { return nil }
        return switch kind {
        case "journey": .journey(id)
        case "session": .session(id)
        default: .other("\(kind) \(id)")
        }
    }

    private static func version(_ value: JSONValue) -> JourneyVersion? {
        value["version"]?.string.map { JourneyVersion($0) }
    }

    private static func problems(_ value: JSONValue) -> [ParlantProblem] {
        let problems = (value["problems"]?.array ?? []).prefix(ParlantLimits.problems).map { problem in
            ParlantProblem(
                code: problem["code"]?.string ?? "", place: problem["place"]?.string ?? "",
                detail: shortened(problem["detail"]?.string ?? ""))
        }
        guard problems.isEmpty else { return problems }
        return [ParlantProblem(code: "invalid", place: "", detail: detail(value))]
    }

    /// What the server said, if it is a short sentence. Texts with several lines may be tracebacks, and FastAPI repeats what was sent.
    private static func detail(_ value: JSONValue?) -> String {
        if let text = value?["detail"]?.string, !text.utf8.contains(UInt8(ascii: "\n")), !text.contains("Traceback") {
            return shortened(text)
        }
        guard let entries = value?["detail"]?.array else { return "no reason was given" }
        let places = entries.prefix(ParlantLimits.problems).map { entry in
            let place = (entry["loc"]?.array ?? []).map { $0.string ?? $0.int.map(String.init) ?? "?" }
            return "\(place.joined(separator: ".")): \(entry["type"]?.string ?? "wrong")"
        }
        return shortened(places.joined(separator: "; "))
    }

    private static func shortened(_ text: String) -> String { String(text.prefix(ParlantLimits.detailCharacters)) }
}
