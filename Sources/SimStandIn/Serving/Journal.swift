import EventModel
import StandInDoor

/// What the stand-in was told, line by line, so that it comes back where it was: the first line says what it was started with.
struct Journal {
    typealias Mismatch = LineFileFlaw

    private let file: LineFile

    /// Opens the journal at `path`, or begins it.
    /// - Returns: what was told until now, oldest first.
    static func open(_ path: String, beginning: JSONValue) throws -> (Journal, [(StandIn.Input, Timestamp)]) {
        let (file, lines) = try LineFile.open(path)
        let journal = Journal(file: file)
        guard let first = lines.first else {
            try file.write([beginning])
            return (journal, [])
        }
        guard try JSONValue(first, limits: .file).canonicalized == beginning.canonicalized else {
            throw Mismatch(
                description:
                    "\(path) was made with other workflows or settings; start with the same, or with another file")
        }
        let told = try lines.dropFirst().enumerated().map { at, line in
            guard let entry = try StandIn.Input.read(JSONValue(line, limits: .file)) else {
                throw Mismatch(description: "line \(at + 2) of \(path) is not understood; start with another file")
            }
            return entry
        }
        return (journal, told)
    }

    func write(_ input: StandIn.Input, at now: Timestamp) throws { try file.write([input.line(at: now)]) }
}

extension StandIn.Input {
    fileprivate func line(at now: Timestamp) -> JSONValue {
        var line: JSONObject = ["at": .number(JSONNumber(now.microseconds))]
        switch self {
        case .execute(let workflow, let input, let run, let isQueued):
            line["do"] = "execute"
            line["workflow"] = .string(workflow)
            line["input"] = .object(input)
            line["run"] = run.map { .string($0) }
            line["queued"] = .bool(isQueued)
        case .resume(let workflow, let run, let context, let input):
            line["do"] = "resume"
            line["workflow"] = .string(workflow)
            line["run"] = .string(run)
            line["context"] = context.map { .string($0) }
            line["input"] = input
        case .cancel(let workflow, let run):
            line["do"] = "cancel"
            line["workflow"] = .string(workflow)
            line["run"] = .string(run)
        case .advance: line["do"] = "advance"
        case .failResumes(let count):
            line["do"] = "fail_resumes"
            line["count"] = .number(JSONNumber(count))
        case .decide(let script):
            line["do"] = "decide"
            line["script"] = Self.value(script)
        }
        return .object(line)
    }

    static func value(_ script: [String: [String]]) -> JSONValue {
        .object(
            JSONObject(
                script.sorted { $0.key < $1.key }.map {
                    .init(key: $0.key, value: .array($0.value.map { .string($0) }))
                }))
    }

    /// The choices of `{block: [word, …]}`; `nil` where it has another form.
    static func script(_ value: JSONValue?) -> [String: [String]]? {
        guard let members = value?.object?.members else { return nil }
        var script: [String: [String]] = [:]
        for member in members {
            guard let words = member.value.array?.map(\.string), !words.contains(nil) else { return nil }
            script[member.key] = words.compactMap { $0 }
        }
        return script
    }

    fileprivate static func read(_ value: JSONValue) throws -> (StandIn.Input, Timestamp)? {
        guard let microseconds = value["at"]?.number.flatMap({ Int64($0.lexeme) }), let kind = value["do"]?.string
        else { return nil }
        let (workflow, run) = (value["workflow"]?.string ?? "", value["run"]?.string)
        let input: StandIn.Input
        switch kind {
        case "execute":
            input = .execute(
                workflow: workflow, input: value["input"]?.object ?? JSONObject(), run: run,
                isQueued: value["queued"]?.bool ?? false)
        case "resume":
            input = .resume(
                workflow: workflow, run: run ?? "", context: value["context"]?.string, input: value["input"])
        case "cancel": input = .cancel(workflow: workflow, run: run ?? "")
        case "advance": input = .advance
        case "fail_resumes": input = .failResumes(value["count"]?.int ?? 0)
        case "decide":
            guard let script = script(value["script"]) else { return nil }
            input = .decide(script)
        default: return nil
        }
        return (input, Timestamp(microseconds: microseconds))
    }
}
